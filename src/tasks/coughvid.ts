import { parseCsvFloat } from '../store/csv-float.js'
import { fileStem } from './clip-paths.js'
import { csvRecords } from './csv-records.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'

const TABLE = 'train/public_dataset/metadata_compiled.csv'
/** The corpus's own detector must be surer than this that a cough is heard. */
const LEAST_COUGH = 0.8
/** HEAR's small archive holds .wav files, the corpus the other two; the suffix is taken as written. */
const AUDIO = /^train\/public_dataset\/[^/]+\.(wav|webm|ogg)$/

/** Coughs with what their owners say of their health. Prepared by HEAR, not part of its benchmark. */
export const coughvid: TaskDefinition = {
  about: 'Tell coughs of people with COVID-19, with other symptoms, and in good health apart.',
  licence: 'CC BY 4.0',
  citation:
    'L. Orlandic, T. Teijeiro, D. Atienza, "The COUGHVID crowdsourcing dataset, a corpus for the study of large-scale cough analysis algorithms", Scientific Data 8, 2021, doi:10.1038/s41597-021-00937-4',
  nLabels: 3,
  config: {
    task_name: 'coughvid',
    version: 'v2.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: 10.19,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/4498364/files/public_dataset.zip',
        md5: '110d638a292cfa5c3a71a95d60b5b466',
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
          url: 'https://github.com/kmarufraj/s-task/raw/main/public_dataset-small.zip',
          md5: 'ca3d811f1e533247b531224ca7d12346',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 1,
    },
  },
  reads: [TABLE],
  clips: async (files) => {
    const statusesOf = coughs(await files.text(TABLE))
    // Recordings without a row and rows without a recording are no clips; HEAR joins the two.
    return files.paths
      .filter((path) => AUDIO.test(path))
      .flatMap((path) =>
        (statusesOf.get(fileStem(path)) ?? []).map((label) => ({ path, label, split: 'train' })),
      )
  },
}

/** The statuses of the recordings in which a cough is heard and whose owner told one. */
function coughs(table: string): ReadonlyMap<string, readonly string[]> {
  const statuses = new Map<string, string[]>()
  for (const { cells } of csvRecords(table, TABLE, ['uuid', 'cough_detected', 'status'])) {
    const cough = cells.cough_detected === '' ? 0 : parseCsvFloat(cells.cough_detected)
    if (cough === undefined)
      throw strangeFile(TABLE, `a number for "${cells.uuid}", not "${cells.cough_detected}"`)
    if (cough > LEAST_COUGH && cells.status !== '')
      statuses.set(cells.uuid, [...(statuses.get(cells.uuid) ?? []), cells.status])
  }
  return statuses
}
