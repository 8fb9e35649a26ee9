import { fileName, wavsUnder } from './clip-paths.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'

const STROKES = ['bheem', 'cha', 'dheem', 'dhin', 'num', 'ta', 'tha', 'tham', 'thi', 'thom']

/** Which of ten strokes is played on the mridangam, a drum of South India. */
export const mridangamStroke: TaskDefinition = {
  about: 'Tell the ten strokes of a mridangam apart.',
  licence: 'CC BY-NC 3.0, as the readme in the archive says',
  citation:
    'A. Anantapadmanabhan, A. Bellur, H. A. Murthy, "Modal analysis and transcription of strokes of the mridangam using non-negative matrix factorization", ICASSP 2013; https://zenodo.org/record/4068196',
  nLabels: 10,
  config: {
    task_name: 'mridangam_stroke',
    version: 'v1.5',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: 0.81,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/4068196/files/mridangam_stroke_1.5.zip?download=1',
        md5: '39af55b2476b94c7946bec24331ec01a',
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
          url: 'https://github.com/kmarufraj/s-task/raw/main/mridangam-train-small.zip',
          md5: '8269ea439beacacf8db19d6c26dd1e71',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 1,
    },
  },
  clips: (files) =>
    wavsUnder(files, 'train/mridangam_stroke_1.5').map((path) => {
      const stroke = mridangamField(path, 3)
      if (!STROKES.includes(stroke)) throw strangeFile(path, `a stroke among ${STROKES.join(', ')}`)
      return { path, label: stroke, split: 'train' }
    }),
}

/** A field of `<id>__<player>__<stroke>-<tonic>-<number>.wav`, counted from the end. @throws HearError for other names */
export function mridangamField(path: string, fromEnd: number): string {
  const field = fileName(path).split('__').at(-1)!.split('-').at(-fromEnd)
  if (field === undefined) throw strangeFile(path, 'a name that ends in <stroke>-<tonic>-<number>.wav')
  return field
}
