import { parseJson } from '../store/json-file.js'
import { pythonFloat } from '../store/python-json.js'
import { strangeFile } from './strange-file.js'
import type { ClipRow, SourceFiles, TaskConfig, TaskDefinition } from './task.js'

/** Which key of the piano's range an instrument plays, in the corpus's own splits: no instrument of train is in another. */
export const nsynthPitch: TaskDefinition = {
  about: 'Name the pitch of single notes of a thousand instruments, among the 88 keys of a piano.',
  licence: 'CC BY 4.0',
  citation:
    'J. Engel et al., "Neural audio synthesis of musical notes with WaveNet autoencoders", ICML 2017, arXiv:1704.01279; https://magenta.tensorflow.org/datasets/nsynth',
  nLabels: 88,
  config: {
    task_name: 'nsynth_pitch',
    version: 'v2.2.3',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: pythonFloat(4),
    pitch_range_min: 21,
    pitch_range_max: 108,
    evaluation: ['pitch_acc', 'chroma_acc'],
    download_urls: [
      archive('train', 'fde6665a93865503ba598b9fac388660'),
      archive('valid', '87e94a00a19b6dbc99cf6d4c0c0cae87'),
      archive('test', '5e6f8719bf7e16ad0a00d518b78af77d'),
    ],
    default_mode: '5h',
  },
  modes: {
    '5h': {
      max_task_duration_by_split: {
        train: pythonFloat(16000),
        valid: pythonFloat(2000),
        test: pythonFloat(2000),
      },
    },
    '50h': {
      max_task_duration_by_split: {
        train: pythonFloat(160000),
        valid: pythonFloat(20000),
        test: pythonFloat(20000),
      },
    },
    small: {
      download_urls: [
        smallArchive('train', 'c17070e4798655d8bea1231506479ba8'),
        smallArchive('valid', 'e36722262497977f6b945bb06ab0969d'),
        smallArchive('test', '9a98e869ed4add8ba9ebb0d7c22becca'),
      ],
      max_task_duration_by_split: { train: null, valid: null, test: null },
    },
  },
  reads: ['*/nsynth-*/examples.json'],
  clips: notesInRange,
}

/** Every note within the task's range of pitches, both ends included; the label is the pitch, the key its instrument. */
export async function notesInRange(files: SourceFiles, config: TaskConfig): Promise<ClipRow[]> {
  const [lowest, highest] = [Number(config.pitch_range_min), Number(config.pitch_range_max)]
  const rows: ClipRow[] = []
  for (const split of ['train', 'test', 'valid']) {
    const folder = `${split}/nsynth-${split}`
    const file = `${folder}/examples.json`
    const examples = parseJson(await files.text(file), file) as Readonly<Record<string, unknown>>
    for (const [key, example] of Object.entries(examples)) {
      const { pitch, note_str: note } = (example ?? {}) as { pitch?: unknown; note_str?: unknown }
      if (typeof pitch !== 'number' || typeof note !== 'string')
        throw strangeFile(file, `a pitch and a note_str in "${key}"`)
      if (pitch >= lowest && pitch <= highest)
        rows.push({ path: `${folder}/audio/${note}.wav`, label: pitch, split, splitKey: note.split('-')[0] })
    }
  }
  return rows
}

function archive(split: string, md5: string) {
  const folder = 'http://download.magenta.tensorflow.org/datasets/nsynth'
  return { split, url: `${folder}/nsynth-${split}.jsonwav.tar.gz`, md5 }
}

function smallArchive(split: string, md5: string) {
  const folder = 'https://github.com/hearbenchmark/hear2021-open-tasks-downsampled/raw/main'
  return { split, url: `${folder}/nsynth-${split}-small.zip`, md5 }
}
