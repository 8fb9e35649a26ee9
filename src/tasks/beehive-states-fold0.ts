import { pythonFloat } from '../store/python-json.js'
import { fileName, wavsUnder } from './clip-paths.js'
import type { SourceFiles, TaskDefinition } from './task.js'

/** Is the queen in the hive? Learned on one hive, with a tenth of it for validation, and tested on another. */
export const beehiveStatesFold0: TaskDefinition = {
  about: 'Hear whether a beehive has its queen; hive 1 trains, hive 3 tests.',
  licence: 'as stated at https://zenodo.org/record/2667806',
  citation:
    'I. Nolasco, E. Benetos, "To bee or not to bee: Investigating machine learning approaches for beehive sound recognition", DCASE Workshop 2018; https://zenodo.org/record/2667806',
  nLabels: 2,
  config: {
    task_name: 'beehive_states_fold0',
    version: 'v2',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: 600,
    evaluation: ['aucroc', 'mAP', 'd_prime', 'top1_acc'],
    download_urls: [
      archive('hive1', '12062018', 'Hive1_12_06_2018.rar', 'c04cd7fd310a84f327eb7121e026b40a'),
      archive('hive1', '31052018', 'Hive1_31_05_2018.rar', '834c58cb1e4c9a15a332a16e106bfa11'),
      archive('hive3', '14072017', 'Hive3_14_07_2017.rar', 'c1fc5c4d2e110aa2bc8687393db7d55d'),
      archive('hive3', '28072017', 'Hive3_28_07_2017.rar', '3fe9c0488a2207379f410a81d17c5d18'),
    ],
    default_mode: '5h',
  },
  modes: {
    '5h': {
      sample_duration: 30,
      max_task_duration_by_split: {
        train: pythonFloat(16000),
        valid: pythonFloat(2000),
        test: pythonFloat(2000),
      },
    },
    full: { max_task_duration_by_split: { train: null, valid: null, test: null } },
    small: {
      download_urls: [
        smallArchive('hive1', '12062018', '461c77d29e5c2c4ac51deb0b87c82d5c'),
        smallArchive('hive1', '31052018', 'c0e0b4c33879b865de022413138a61da'),
        smallArchive('hive3', '14072017', '2650a40a1e38088391181451e0183ca6'),
        smallArchive('hive3', '28072017', '51d43e9621b8ad7681a44355f70329a2'),
      ],
      sample_duration: 2,
      max_task_duration_by_split: { train: null, valid: null, test: null },
    },
  },
  clips: (files) => beehiveRows(files, 'hive1'),
}

/** Every recording of both hives: those of `trainHive` for training, the others for testing. */
export function beehiveRows(files: SourceFiles, trainHive: 'hive1' | 'hive3') {
  return ['hive1', 'hive3'].flatMap((hive) =>
    wavsUnder(files, hive).map((path) => ({
      path,
      label: fileName(path).includes('NO') ? 'NOQUEEN' : 'QUEEN',
      split: hive === trainHive ? 'train' : 'test',
    })),
  )
}

function archive(split: string, name: string, file: string, md5: string) {
  return { split, name, url: `https://zenodo.org/record/2667806/files/${file}?download=1`, md5 }
}

function smallArchive(split: string, name: string, md5: string) {
  return { split, name, url: `https://github.com/kmarufraj/s-task/raw/main/${split}_${name}.zip`, md5 }
}
