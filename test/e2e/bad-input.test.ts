import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const dir = scratchFolder()
const quick = ['--grid', 'faster', '--grid-points', '1']

/** A mistake in a task folder, and what the user must read about it. */
interface Mistake {
  readonly name: string
  readonly make: (task: string) => void
  /** Every one of these must be said. */
  readonly says: (string | RegExp)[]
}

const clip = (task: string) => join(task, '44100', 'train', 'train_high_0.wav')
const metadata = (change: object) => (task: string) => {
  const path = join(task, 'task_metadata.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }))
}

const MISTAKES: Mistake[] = [
  {
    name: 'no task_metadata.json',
    make: (task) => rmSync(join(task, 'task_metadata.json')),
    says: ['task_metadata.json', /→ \S/],
  },
  {
    name: 'task_metadata.json is no JSON',
    make: (task) => writeFileSync(join(task, 'task_metadata.json'), '{"task_name": '),
    says: ['task_metadata.json', /→ \S/],
  },
  {
    name: 'task_metadata.json with a wrong value',
    make: metadata({ prediction_type: 'multi' }),
    says: ['task_metadata.json', 'prediction_type', 'multiclass'],
  },
  {
    name: 'a metric that is none',
    make: metadata({ evaluation: ['top1_acccuracy'] }),
    says: ['top1_acccuracy', 'top1_acc'],
  },
  {
    name: 'a label that is not in the vocabulary',
    make: (task) => {
      const path = join(task, 'train.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"high"', '"hihg"'))
    },
    says: ['train.json', 'train_high_0.wav', 'hihg', 'high'],
  },
  {
    name: 'a multiclass clip with two labels',
    make: (task) => {
      const path = join(task, 'train.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"high"', '"high", "low"'))
    },
    says: ['train_high_0.wav'],
  },
  { name: 'a missing clip', make: (task) => rmSync(clip(task)), says: ['train_high_0.wav', 'missing'] },
  {
    name: 'a clip that is no wav',
    make: (task) => writeFileSync(clip(task), '<html>404</html>'),
    says: ['train_high_0.wav', /html/i],
  },
  {
    name: 'a clip of another rate',
    make: (task) => writeFileSync(clip(task), encodeWavPcm16(new Float32Array(4800), 16000)),
    says: ['train_high_0.wav', '16000', '44100'],
  },
  {
    name: 'a clip of zero length',
    make: (task) => writeFileSync(clip(task), encodeWavPcm16(new Float32Array(0), 44100)),
    says: ['train_high_0.wav'],
  },
  {
    name: 'a clip with NaN',
    make: (task) => writeFileSync(clip(task), floatWav([0, Number.NaN, 0, 0], 44100)),
    says: ['train_high_0.wav', 'NaN'],
  },
  {
    name: 'no audio at the rate of the model',
    make: (task) => rmSync(join(task, '44100'), { recursive: true }),
    says: ['44100'],
  },
  { name: 'an empty split', make: (task) => writeFileSync(join(task, 'valid.json'), '{}'), says: ['valid'] },
]

/** A mono 32-bit float wav. */
function floatWav(samples: number[], sampleRate: number): Buffer {
  const bytes = Buffer.alloc(44 + samples.length * 4)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + samples.length * 4, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(3, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(sampleRate, 24)
  bytes.writeUInt32LE(sampleRate * 4, 28)
  bytes.writeUInt16LE(4, 32)
  bytes.writeUInt16LE(32, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(samples.length * 4, 40)
  samples.forEach((sample, i) => {
    bytes.writeFloatLE(sample, 44 + i * 4)
  })
  return bytes
}

/** Files below a folder, but for the labels that hear embed copies there. */
function writtenFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .filter((name) => !/^(task_metadata|train|valid|test|embedding)\.json$|^labelvocabulary\.csv$/.test(name))
}

test.each(MISTAKES.map((mistake) => [mistake.name, mistake] as const))(
  'one clear error, exit 2 and nothing half-written: %s',
  async (name, { make, says }) => {
    const folder = join(dir, name.replaceAll(/\W/g, '-'))
    const task = writeTinyTask(join(folder, 'tiny-1-small'), { clipsPerLabel: 1 })
    make(task)
    const out = join(folder, 'out')
    const done = await hear(['run', '--model', 'naive', '--tasks', task, '--out', out, ...quick])
    expect(done.code, done.stderr).toBe(2)
    for (const part of says)
      expect(done.stderr).toMatch(part instanceof RegExp ? part : new RegExp(quoted(part)))
    expect(done.stderr).not.toMatch(/\n +at /)
    expect(done.stdout).toBe('')
    expect(existsSync(join(out, 'naive'))).toBe(false)
    for (const file of writtenFiles(out))
      expect(file).toMatch(/^(train|valid)\.(embeddings\.npy|rows\.json)$/)
  },
)

function quoted(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

test.each([
  [['run', '--model', 'naive'], "required option '--tasks <dir>' not specified"],
  [['run', '--model', 'naive', '--tasks', 'TASK', '--grd', 'fast'], "unknown option '--grd'"],
  [
    ['run', '--model', 'naive', '--tasks', 'TASK', '--grid', 'quick'],
    'Allowed choices are default, fast, faster',
  ],
  [
    ['run', '--model', 'naive', '--tasks', 'TASK', '--grid-points', '1.5'],
    'Expected a whole number of 1 or more',
  ],
  [['run', '--model', 'niave', '--tasks', 'TASK'], 'Did you mean "naive"?'],
  [['run', '--model', 'naive', '--tasks', 'TASK', '--task', 'tinny'], 'Did you mean "tiny"?'],
  [['run', '--model', 'naive', '--tasks', '/no/such/folder'], '"/no/such/folder"'],
  [['evaluate'], "missing required argument 'dir'"],
  [['rnu'], "unknown command 'rnu'"],
])('hear %j is refused with exit 2', async (args, says) => {
  const task = join(dir, 'options', 'tiny-1-small')
  if (!existsSync(task)) writeTinyTask(task, { clipsPerLabel: 1 })
  const done = await hear(args.map((arg) => (arg === 'TASK' ? task : arg)))
  expect(done.code, done.stderr).toBe(2)
  expect(done.stderr).toContain(says)
})

test('rows that do not match the embeddings are refused', async () => {
  const task = writeTinyTask(join(dir, 'rows', 'tiny-1-small'), { clipsPerLabel: 1 })
  const out = join(dir, 'rows', 'out')
  await hear(['embed', '--model', 'naive', '--tasks', task, '--out', out])
  const embeddings = join(out, 'embeddings', 'naive', 'tiny-1-small')
  const rows = JSON.parse(readFileSync(join(embeddings, 'train.rows.json'), 'utf8'))
  writeFileSync(join(embeddings, 'train.rows.json'), JSON.stringify(rows.slice(1)))
  const done = await hear(['evaluate', embeddings, '--out', out, ...quick])
  expect(done.code).toBe(2)
  expect(done.stderr).toMatch(/train\.(rows\.json|embeddings\.npy)/)
  expect(existsSync(join(out, 'naive'))).toBe(false)
})

test('an output folder that cannot be written is named', async () => {
  const task = writeTinyTask(join(dir, 'unwritable', 'tiny-1-small'), { clipsPerLabel: 1 })
  const file = join(dir, 'unwritable', 'a-file')
  writeFileSync(file, '')
  const done = await hear([
    'run',
    '--model',
    'naive',
    '--tasks',
    task,
    '--out',
    join(file, 'results'),
    ...quick,
  ])
  expect(done.code).toBe(2)
  expect(done.stderr).toContain(file)
  const locked = join(dir, 'locked')
  mkdirSync(locked)
  chmodSync(locked, 0o500)
  // root may write anywhere, so there is nothing to refuse
  if (process.getuid?.() !== 0) {
    const refused = await hear([
      'run',
      '--model',
      'naive',
      '--tasks',
      task,
      '--out',
      join(locked, 'results'),
      ...quick,
    ])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('locked')
  }
})
