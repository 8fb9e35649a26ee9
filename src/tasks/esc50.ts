import type { TaskDefinition } from './task.js'

/** ESC-50, whose folds are its authors' own. */
export const esc50: TaskDefinition = {
  about: 'Classify 5-second recordings of environmental sounds into 50 classes.',
  licence: 'CC BY-NC 3.0',
  citation:
    'K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015, doi:10.1145/2733373.2806390',
  nLabels: 50,
  config: {
    task_name: 'esc50',
    version: 'v2.0.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    sample_duration: 5,
    split_mode: 'presplit_kfold',
    nfolds: 5,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    // A branch and not a release: the checksum pins what HEAR took from it.
    download_urls: [
      {
        split: 'all_folds',
        url: 'https://github.com/karoldvl/ESC-50/archive/master.zip',
        md5: '7771e4b9d86d0945acce719c7a59305a',
      },
    ],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_fold: null },
    small: {
      download_urls: [
        {
          split: 'all_folds',
          url: 'https://github.com/kmarufraj/s-task/raw/main/esc50-all_folds-small.zip',
          md5: '08bb240e414ce96529087aba52983b1c',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  clips: {
    table: 'all_folds/ESC-50-master/meta/esc50.csv',
    folder: 'all_folds/ESC-50-master/audio',
    file: 'filename',
    label: 'category',
    split: 'fold',
    splitNames: { 1: 'fold00', 2: 'fold01', 3: 'fold02', 4: 'fold03', 5: 'fold04' },
  },
}
