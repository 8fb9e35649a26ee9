import { pythonFloat } from '../store/python-json.js'
import { fileName, fileStem, folderName, wavsIn, wavsUnder } from './clip-paths.js'
import type { ClipRow, SourceFiles, TaskDefinition } from './task.js'

const WORDS = ['down', 'go', 'left', 'no', 'off', 'on', 'right', 'stop', 'up', 'yes']

/** Ten commands, other words and silence, in the splits that the corpus's lists give. */
export const speechCommands: TaskDefinition = {
  about: 'Recognise ten spoken commands, among other words and silence, in one second.',
  licence: 'CC BY 4.0',
  citation:
    'P. Warden, "Speech Commands: a dataset for limited-vocabulary speech recognition", 2018, arXiv:1804.03209',
  nLabels: 12,
  config: {
    task_name: 'speech_commands',
    version: 'v0.0.2',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: pythonFloat(1),
    evaluation: ['top1_acc'],
    download_urls: [
      {
        split: 'train',
        url: 'http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz',
        md5: '6b74f3901214cb2c2934e98196829835',
      },
      {
        split: 'test',
        url: 'http://download.tensorflow.org/data/speech_commands_test_set_v0.02.tar.gz',
        md5: '854c580ee90bff80c516491c84544e32',
      },
    ],
    default_mode: '5h',
  },
  modes: {
    '5h': {
      max_task_duration_by_split: { train: pythonFloat(16000), valid: pythonFloat(2000), test: null },
    },
    full: { max_task_duration_by_split: { test: null, train: null, valid: null } },
    small: {
      download_urls: [
        smallArchive('train', 'speech_commands_v0.02-small.zip', '455123a88b8410d1f955c77ad331524f'),
        smallArchive('test', 'speech_commands_test_set_v0.02-small.zip', '26d08374a7abd13ca2f4a4b8424f41d0'),
      ],
      max_task_duration_by_split: { train: null, valid: null, test: null },
    },
  },
  reads: ['train/validation_list.txt', 'train/testing_list.txt', 'train/_background_noise_/*.wav'],
  clips: async (files) => {
    const valid = lines(await files.text('train/validation_list.txt'))
    const unused = new Set([...valid, ...lines(await files.text('train/testing_list.txt'))])
    const words = wavsUnder(files, 'train').filter((path) => /^train\/[^_/][^/]*\/[^/]+$/.test(path))
    const tests = wavsUnder(files, 'test').filter((path) => /^test\/[^/]+\/[^/]+$/.test(path))
    return [
      ...tests.map((path) => command(path, 'test')),
      ...valid.map((path) => command(`train/${path}`, 'valid')),
      // What testing_list.txt names is in no split: the test set has an archive of its own.
      ...words
        .filter((path) => !unused.has(path.slice('train/'.length)))
        .map((path) => command(path, 'train')),
      ...(await silence(files)),
    ]
  },
}

/** A spoken word. Its name takes the word in front, since the same speaker says several under one file name. */
export function command(path: string, split: string): ClipRow {
  const word = folderName(path)
  const stem = `${word}_${fileStem(path)}`
  const label = WORDS.includes(word) || word === '_silence_' ? word : '_unknown_'
  return { path, label, split, fileStem: stem, splitKey: stem.replace(/_nohash_.*$/, '') }
}

/** One-second pieces of the background noises; those of the running tap validate, as in TensorFlow's data set. */
async function silence(files: SourceFiles): Promise<ClipRow[]> {
  const rows: ClipRow[] = []
  for (const path of wavsIn(files, 'train/_background_noise_')) {
    const { sampleRate, samples } = await files.audio(path)
    for (const startSample of silenceStarts(samples.length, sampleRate)) {
      const stem = `_silence__${fileStem(path)}-${startSample}`
      rows.push({
        path,
        label: '_silence_',
        split: fileName(path).startsWith('running_tap') ? 'valid' : 'train',
        fileStem: stem,
        splitKey: stem,
        cut: { startSample, nSamples: sampleRate },
      })
    }
  }
  return rows
}

/** Where one-second pieces of a noise begin, every half second; a piece that would end with the noise is left out. */
export function silenceStarts(nSamples: number, sampleRate: number): number[] {
  const count = Math.max(0, Math.ceil((nSamples - sampleRate) / Math.floor(sampleRate / 2)))
  return Array.from({ length: count }, (_, i) => i * Math.floor(sampleRate / 2))
}

function lines(text: string): string[] {
  return text.trim() === '' ? [] : text.trim().split(/\r?\n/)
}

function smallArchive(split: string, file: string, md5: string) {
  const folder = 'https://github.com/hearbenchmark/hear2021-open-tasks-downsampled/raw/main'
  return { split, url: `${folder}/${file}`, md5 }
}
