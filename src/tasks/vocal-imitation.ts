import { fileName, wavsUnder } from './clip-paths.js'
import { csvRecords } from './csv-records.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'

const TABLE = 'train/VocalImitationSet/vocal_imitations.txt'

/** Which of 302 sounds a voice imitates. */
export const vocalImitation: TaskDefinition = {
  about: 'Tell which of 302 sounds a voice imitates.',
  licence: 'CC BY 4.0',
  citation:
    'B. Kim, M. Ghei, B. Pardo, Z. Duan, "Vocal Imitation Set: a dataset of vocally imitated sound events using the AudioSet ontology", DCASE Workshop 2018, doi:10.5281/zenodo.1340763',
  nLabels: 302,
  config: {
    task_name: 'vocal_imitation',
    version: 'v1.1.3',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 3,
    sample_duration: 11.26,
    evaluation: ['mAP', 'd_prime', 'aucroc', 'top1_acc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/1340763/files/VocalImitationSet_v1.1.3.zip?download=1',
        md5: '386e7b1487fe0800ade4916c344086bc',
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
          url: 'https://github.com/kmarufraj/s-task/raw/main/vocal_imitation-train-small.zip',
          md5: '08283695cafda4ba42a7f42f75f568d1',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  reads: [TABLE],
  clips: async (files) => {
    const referenceOf = includedReferences(await files.text(TABLE))
    return wavsUnder(files, 'train/VocalImitationSet/vocal_imitations/included').map((path) => {
      const label = referenceOf.get(fileName(path))
      if (label === undefined) throw strangeFile(path, `an included row of "${TABLE}"`)
      return { path, label, split: 'train' }
    })
  },
}

/** The sound that each included imitation is of, by the imitation's file name. Rows without a file are no clips. */
function includedReferences(table: string): ReadonlyMap<string, string> {
  const columns = ['included', 'imitation_filename', 'reference_filename'] as const
  const references = new Map<string, string>()
  for (const { cells } of csvRecords(table, TABLE, columns)) {
    const included = { true: true, 1: true, false: false, 0: false }[cells.included.toLowerCase()]
    if (included === undefined || (included && references.has(cells.imitation_filename)))
      throw strangeFile(
        TABLE,
        `True or False once for "${cells.imitation_filename}", not "${cells.included}"`,
      )
    if (included) references.set(cells.imitation_filename, cells.reference_filename)
  }
  return references
}
