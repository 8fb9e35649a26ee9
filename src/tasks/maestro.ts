import { pythonFloat } from '../store/python-json.js'
import { performanceRows } from './maestro/performance-rows.js'
import type { TaskDefinition } from './task.js'

/** MAESTRO, the notes of piano performances. HEAR makes folds of its own, across the corpus's splits. */
export const maestro: TaskDefinition = {
  about: 'Transcribe the first two minutes of piano performances: which of 88 keys, and when.',
  licence: 'CC BY-NC-SA 4.0',
  citation:
    'C. Hawthorne et al., "Enabling Factorized Piano Music Modeling and Generation with the MAESTRO Dataset", ICLR 2019',
  nLabels: 88,
  config: {
    task_name: 'maestro',
    version: 'v3.0.0',
    embedding_type: 'event',
    prediction_type: 'multilabel',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: pythonFloat(120),
    evaluation: ['event_onset_50ms_fms', 'event_onset_offset_50ms_20perc_fms'],
    use_scoring_for_early_stopping: false,
    evaluation_params: {
      event_postprocessing_grid: { median_filter_ms: [150], min_duration: [50] },
      task_specific_param_grid: { max_epochs: [50], check_val_every_n_epoch: [1] },
    },
    download_urls: [
      {
        split: 'train_test_valid',
        url: 'https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0.zip',
        md5: '41941abdcd786c8066d532002e3b79b9',
      },
    ],
    default_mode: '5h',
  },
  modes: {
    '5h': { max_task_duration_by_fold: pythonFloat(4500) },
    small: {
      download_urls: [
        {
          split: 'train_test_valid',
          url: 'https://github.com/kmarufraj/s-task/raw/main/maestro-v3.0.0-small.zip',
          md5: '852a3e0436d0f9d12e6566f9c61ed094',
        },
      ],
      sample_duration: pythonFloat(5),
      // Four of the recordings are in the small archive.
      nfolds: 4,
      max_task_duration_by_fold: null,
    },
  },
  reads: ['train_test_valid/maestro-v3.0.0/maestro-v3.0.0.csv', 'train_test_valid/maestro-v3.0.0/**/*.mid*'],
  clips: (files, _config, mode) => performanceRows(files, mode === 'small'),
}
