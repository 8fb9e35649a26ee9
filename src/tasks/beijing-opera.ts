import { fileName, wavsIn } from './clip-paths.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'

/** Which of four percussion instruments of the Beijing opera is struck. */
export const beijingOpera: TaskDefinition = {
  about: 'Tell four percussion instruments of the Beijing opera apart.',
  licence: 'as stated at https://zenodo.org/record/1285212',
  citation:
    'M. Tian, A. Srinivasamurthy, M. Sandler, X. Serra, "A study of instrument-wise onset detection in Beijing opera percussion ensembles", ICASSP 2014; https://zenodo.org/record/1285212',
  nLabels: 4,
  config: {
    task_name: 'beijing_opera',
    version: 'v1.0-hear2021',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: 4.77,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/1285212/files/beijing_opera_percussion_instrument_1.0.zip?download=1',
        md5: '51dc70d02a06b9d96befadf320a6996f',
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
          url: 'https://github.com/kmarufraj/s-task/raw/main/beijing_opera-train-small.zip',
          md5: '391b086d4a81c525d8b052ac50a6a8c0',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  clips: (files) =>
    wavsIn(files, 'train/beijing_opera_percussion_instrument_1.0').map((path) => ({
      path,
      label: instrumentOf(path),
      split: 'train',
    })),
}

/** The instrument in `<id>__<player>__<instrument>-<number>.wav`. */
function instrumentOf(path: string): string {
  const instrument = fileName(path).split('__').at(-1)!.split('-').at(-2)
  if (instrument === undefined) throw strangeFile(path, 'a name that ends in <instrument>-<number>.wav')
  return instrument
}
