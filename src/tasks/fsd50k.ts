import { parseJson } from '../store/json-file.js'
import { csvRecords } from './csv-records.js'
import { strangeFile } from './strange-file.js'
import type { ClipRow, SourceFiles, TaskDefinition } from './task.js'

/** Sounds of every kind from Freesound, with as many labels as they deserve, in the corpus's own splits. */
export const fsd50k: TaskDefinition = {
  about: 'Tag sounds of 0.3 to 30 seconds with any of 200 classes of the AudioSet ontology.',
  licence: 'CC BY 4.0 for the collection; each clip CC0, CC BY, CC BY-NC or CC Sampling+',
  citation:
    'E. Fonseca, X. Favory, J. Pons, F. Font, X. Serra, "FSD50K: an open dataset of human-labeled sound events", IEEE/ACM TASLP 30, 2022, arXiv:2010.00475',
  nLabels: 200,
  config: {
    task_name: 'fsd50k',
    version: 'v1.0',
    embedding_type: 'scene',
    prediction_type: 'multilabel',
    split_mode: 'trainvaltest',
    sample_duration: null,
    evaluation: ['mAP', 'd_prime', 'aucroc', 'top1_acc'],
    download_urls: [
      {
        split: 'train',
        multipart_zip_urls: [
          archivePart('dev_audio.z01', 'faa7cf4cc076fc34a44a479a5ed862a3'),
          archivePart('dev_audio.z02', '8f9b66153e68571164fb1315d00bc7bc'),
          archivePart('dev_audio.z03', '1196ef47d267a993d30fa98af54b7159'),
          archivePart('dev_audio.z04', 'd088ac4e11ba53daf9f7574c11cccac9'),
          archivePart('dev_audio.z05', '81356521aa159accd3c35de22da28c7f'),
          archivePart('dev_audio.zip', 'c480d119b8f7a7e32fdb58f3ea4d6c5a'),
        ],
        zipname: 'FSD50K.dev_audio.zip',
      },
      {
        split: 'test',
        multipart_zip_urls: [
          archivePart('eval_audio.z01', '3090670eaeecc013ca1ff84fe4442aeb'),
          archivePart('eval_audio.zip', '6fa47636c3a3ad5c7dfeba99f2637982'),
        ],
        zipname: 'FSD50K.eval_audio.zip',
      },
      { name: 'ground_truth', ...archivePart('ground_truth.zip', 'ca27382c195e37d2269c4c866dd73485') },
      { name: 'source_metadata', ...archivePart('metadata.zip', 'b9ea0c829a411c1d42adb9da539ed237') },
    ],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_split: { test: null, train: null, valid: null } },
    small: {
      download_urls: [
        smallArchive('train', '75fc0ae63467ada263ead31afff0978a'),
        smallArchive('test', '1b3c32e6183b6f991b32ad2ee793a2c5'),
        smallArchive('ground_truth', 'e730b34c0d71a4607338c8fea1b3c3d2'),
        smallArchive('source_metadata', 'df52ffa58ffd99b3d2ac151b36c7e71c'),
      ],
      max_task_duration_by_split: { test: null, train: null, valid: null },
      sample_duration: null,
    },
  },
  reads: ['ground_truth/FSD50K.ground_truth/*.csv', 'source_metadata/FSD50K.metadata/*_clips_info_*.json'],
  clips: async (files) => [...(await rowsOf(files, 'dev')), ...(await rowsOf(files, 'eval'))],
}

/** Clips for development that are longer than the 30 seconds they should be: Freesound had them wrong. */
const TOO_LONG = '83299 83298 121426 121351 121472 121471 124796 397150 124797 124800 124834 124858'.split(
  ' ',
)

async function rowsOf(files: SourceFiles, part: 'dev' | 'eval'): Promise<ClipRow[]> {
  const key = part === 'dev' ? 'train' : 'test'
  const table = `ground_truth/FSD50K.ground_truth/${part}.csv`
  const infoFile = `source_metadata/FSD50K.metadata/${part}_clips_info_FSD50K.json`
  const infos = parseJson(await files.text(infoFile), infoFile) as Readonly<Record<string, unknown>>
  // Only the table for development has splits; what it calls val is valid here.
  const columns = part === 'dev' ? (['fname', 'labels', 'split'] as const) : (['fname', 'labels'] as const)
  const records = csvRecords<'fname' | 'labels' | 'split'>(await files.text(table), table, columns)
  const dropped = part === 'dev' ? TOO_LONG : []
  const names = new Set(records.map(({ cells }) => cells.fname))
  const absent = dropped.filter((name) => !names.has(name))
  if (absent.length > 0) throw strangeFile(table, `the clips ${absent.join(', ')}`)
  return records
    .filter(({ cells }) => !dropped.includes(cells.fname))
    .flatMap(({ cells: { fname, labels, split } }) => {
      const uploader = (infos[fname] as { uploader?: unknown } | undefined)?.uploader
      if (typeof uploader !== 'string') throw strangeFile(infoFile, `the uploader of clip ${fname}`)
      return labels.split(',').map((label) => ({
        path: `${key}/FSD50K.${part}_audio/${fname}.wav`,
        label,
        split: part === 'eval' ? 'test' : split === 'val' ? 'valid' : split,
        splitKey: uploader,
      }))
    })
}

function archivePart(file: string, md5: string) {
  return { url: `https://zenodo.org/record/4060432/files/FSD50K.${file}?download=1`, md5 }
}

function smallArchive(split: string, md5: string) {
  return { split, url: `https://github.com/kmarufraj/s-task/raw/main/fsd50k-${split}-small.zip`, md5 }
}
