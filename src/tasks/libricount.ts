import { pythonFloat } from '../store/python-json.js'
import { fileName, wavsUnder } from './clip-paths.js'
import type { TaskDefinition } from './task.js'

/** How many people speak at once, in mixtures of read speech. */
export const libricount: TaskDefinition = {
  about: 'Count the speakers, 0 to 10, in 5 seconds of simulated cocktail party.',
  licence: 'CC BY 4.0',
  citation:
    'F.-R. Stöter, S. Chakrabarty, E. Habets, B. Edler, "LibriCount, a dataset for speaker count estimation", 2018, doi:10.5281/zenodo.1216072',
  nLabels: 11,
  config: {
    task_name: 'libricount',
    version: 'v1.0.0-hear2021',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: pythonFloat(5),
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/1216072/files/LibriCount10-0dB.zip?download=1',
        md5: '30c8f844dc59fa65d216d53db9dc37e2',
      },
    ],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_fold: null },
    small: {
      download_urls: [
        {
          split: 'train',
          url: 'https://github.com/kmarufraj/s-task/raw/main/libricount-train-small.zip',
          md5: '25d1bd1e71800440d635171a8f41a5f7',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  clips: (files) =>
    // The corpus calls its one folder test.
    wavsUnder(files, 'train/test').map((path) => ({
      path,
      label: fileName(path).split('_')[0],
      split: 'train',
    })),
}
