import { parseCsv } from '../store/csv.js'
import { parseCsvFloat } from '../store/csv-float.js'
import { pythonFloat } from '../store/python-json.js'
import { strangeFile } from './strange-file.js'
import type { ClipRow, TaskDefinition } from './task.js'

/** Office sounds in two-minute scenes made of recordings. HEAR throws the development and test scenes together. */
export const dcase2016Task2: TaskDefinition = {
  about: 'Detect eleven kinds of office sounds in two-minute scenes: which, and when.',
  licence: 'as stated at https://archive.org/details/dcase2016_task2_train_dev',
  citation:
    'A. Mesaros et al., "Detection and classification of acoustic scenes and events: outcome of the DCASE 2016 challenge", IEEE/ACM TASLP 26(2), 2018; https://dcase.community/challenge2016/task-sound-event-detection-in-synthetic-audio',
  nLabels: 11,
  config: {
    task_name: 'dcase2016_task2',
    version: 'hear2021',
    embedding_type: 'event',
    prediction_type: 'multilabel',
    split_mode: 'trainvaltest',
    sample_duration: pythonFloat(120),
    evaluation: ['event_onset_200ms_fms', 'segment_1s_er'],
    download_urls: [
      archive('dev', 'dcase2016_task2_train_dev', '4e1b5e8887159193e8624dec801eb9e7'),
      archive('eval', 'dcase2016_task2_test_public', 'ac98768b39a08fc0c6c2ddd15a981dd7'),
    ],
    default_mode: 'full',
  },
  modes: {
    full: {
      split_percentage: { valid: 20, test: 20, train: 60 },
      max_task_duration_by_split: { train: null, valid: null, test: null },
    },
    small: {
      download_urls: [
        smallArchive('dev', 'dcase2016_task2_train_dev', 'aa9b43c40e9d496163caab83becf972e'),
        smallArchive('eval', 'dcase2016_task2_test_public', '14539d85dec03cb7ac75eb62dd1dd21e'),
      ],
      max_task_duration_by_split: { train: null, valid: null, test: null },
    },
  },
  reads: ['train/**/annotation/*.txt'],
  clips: async (files) => {
    const folders = [
      'train/eval/dcase2016_task2_test_public/annotation/',
      'train/dev/dcase2016_task2_train_dev/dcase2016_task2_dev/annotation/',
    ]
    const rows: ClipRow[] = []
    for (const folder of folders)
      for (const annotation of files.paths.filter(
        (path) => path.startsWith(folder) && /^[^/]+\.txt$/.test(path.slice(folder.length)),
      )) {
        // HEAR replaces the words wherever in the path they stand.
        const path = annotation.replaceAll('annotation', 'sound').replaceAll('.txt', '.wav')
        for (const event of parseCsv(await files.text(annotation), annotation, '\t'))
          rows.push({ path, split: 'train', ...officeSound(event, annotation) })
      }
    return rows
  },
}

/** A line of an annotation: start and end in seconds, and the label. */
function officeSound([start, end, label]: readonly string[], file: string) {
  const [startSec, endSec] = [start, end].map((field = '') => parseCsvFloat(field))
  if (startSec === undefined || endSec === undefined || label === undefined)
    throw strangeFile(file, `lines of start, end and label, not "${[start, end, label].join(' ').trim()}"`)
  return { startMs: startSec * 1000, endMs: endSec * 1000, label }
}

function archive(name: string, file: string, md5: string) {
  return { split: 'train', name, url: `https://archive.org/download/${file}/${file}.zip`, md5 }
}

function smallArchive(name: string, file: string, md5: string) {
  const folder = 'https://github.com/hearbenchmark/hear2021-open-tasks-downsampled/raw/main'
  return { split: 'train', name, url: `${folder}/${file}-small.zip`, md5 }
}
