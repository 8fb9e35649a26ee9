import { fileStem, wavsUnder } from './clip-paths.js'
import { shotRows } from './gunshot/shot-rows.js'
import { strangeFile } from './strange-file.js'
import type { ClipRow, SourceFiles, TaskDefinition } from './task.js'

/** Which of four microphones recorded a gunshot, that is, from where. One firearm makes one fold. */
export const gunshotTriangulation: TaskDefinition = {
  about: 'Tell which of four microphones in a field recorded a gunshot.',
  licence: 'as stated at https://zenodo.org/record/3997406',
  citation:
    'S. Cooper, S. Shaw, "Gunshots recorded in an open field using iPod Touch devices", 2020, doi:10.5061/dryad.wm37pvmkc',
  nLabels: 4,
  config: {
    task_name: 'gunshot_triangulation',
    version: 'v1.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 7,
    sample_duration: 1.5,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    download_urls: [
      {
        split: 'train',
        url: 'https://zenodo.org/record/3997406/files/mic1raw.wav?download=1',
        md5: 'e2f4acad742278c973e9c190fee03b5f',
      },
      {
        split: 'train',
        url: 'https://zenodo.org/record/3997406/files/mic2raw16b.wav?download=1',
        md5: '184d888f457f331f592eeb4ee5fa12e2',
      },
      {
        split: 'train',
        url: 'https://zenodo.org/record/3997406/files/mic3raw.wav?download=1',
        md5: 'db2ffa4fdf8b42b98c208670f4578b4b',
      },
      {
        split: 'train',
        url: 'https://zenodo.org/record/3997406/files/mic4raw.wav?download=1',
        md5: '571da84eecf397bf0356a24400769ced',
      },
    ],
    default_mode: 'full',
    max_task_duration_by_fold: null,
  },
  modes: {
    full: {},
    small: {
      download_urls: [
        {
          split: 'train',
          url: 'https://github.com/kmarufraj/s-task/raw/main/gunshot_triangulation.zip',
          md5: 'c24bfa3b60fc9a2f51169fdb9bc336fa',
        },
      ],
      sample_duration: 1.5,
    },
  },
  reads: ['train/mic*raw*.wav'],
  clips: (files, _config, mode) => (mode === 'small' ? readyShots(files) : shotRows(files)),
}

/** The small archive holds 40 of the shots ready cut. */
function readyShots(files: SourceFiles): ClipRow[] {
  return wavsUnder(files, 'train').map((path) => {
    const [, label, splitKey] = /^(mic[1-4])_shot\d+_(fid[1-7])$/.exec(fileStem(path)) ?? []
    if (label === undefined) throw strangeFile(path, 'a name such as mic1_shot0_fid1.wav')
    return { path, label, split: 'train', splitKey }
  })
}
