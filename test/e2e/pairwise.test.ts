import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { Random } from '../../src/num/random.js'
import { pairwiseJsonSchema } from '../../src/store/pairwise-result.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const RATE = 44100
const dir = scratchFolder()
const tasks = join(dir, 'tasks')
const out = join(dir, 'results')
const quick = ['--grid', 'faster', '--grid-points', '1', '--gemm', 'wasm']

/** Clips of noise and of tones, three of each; the list says which of them belong together. */
function writePairwiseTask(name: string, list: string, entries: unknown): string {
  const folder = join(tasks, `${name}-1-small`)
  const audio = join(folder, String(RATE), 'test')
  mkdirSync(audio, { recursive: true })
  const random = new Random(name)
  for (let i = 0; i < 3; i++)
    for (const kind of ['tone', 'noise']) {
      const samples = Float32Array.from({ length: 0.3 * RATE }, (_, t) =>
        kind === 'tone'
          ? 0.3 * Math.sin((2 * Math.PI * (400 + i) * t) / RATE)
          : 0.3 * (random.uniform() - 0.5),
      )
      writeFileSync(join(audio, `${kind}_${i}.wav`), encodeWavPcm16(samples, RATE))
    }
  writeFileSync(
    join(folder, 'task_metadata.json'),
    JSON.stringify({
      task_name: name,
      version: '1',
      embedding_type: 'scene',
      prediction_type: 'pairwise',
      split_mode: 'trainvaltest',
      sample_duration: 0.3,
      mode: 'small',
      splits: ['test'],
    }),
  )
  writeFileSync(join(folder, list), JSON.stringify(entries))
  return folder
}

const clips = [0, 1, 2].flatMap((i) => [`tone_${i}.wav`, `noise_${i}.wav`])
const pairs = clips.flatMap((a, i) =>
  clips.slice(0, i).map((b) => [a, b, a[0] === b[0] ? 'same' : 'different']),
)
const triplets = [0, 1, 2].map((i) => [
  `tone_${i}.wav`,
  `noise_${i}.wav`,
  // The last one is wrong on purpose: its X is of B's category.
  i < 2 ? `tone_${i + 1}.wav` : 'noise_0.wav',
])
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(() => {
  writePairwiseTask('alike', 'test.pairs.json', pairs)
  writePairwiseTask('abx', 'test.triplets.json', triplets)
  writeTinyTask(join(tasks, 'tiny-1-small'), { clipsPerLabel: 2 })
})

describe('hear run on a folder with pairwise and ordinary tasks', () => {
  const args = ['run', '--model', 'naive', '--tasks', tasks, '--out', out, ...quick]

  test('scores them all in one table', async () => {
    const { code, stdout, stderr } = await hear(args)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('evaluating abx-1-small: abx_error_rate 0.3333 of 3 triplets')
    expect(stdout).toMatch(/alike +pairwise_error_rate +0\.0000 +\[0\.000, .*15 pairs/)
    expect(stdout).toMatch(/abx +abx_error_rate +0\.3333 .* 3 triplets/)
    expect(stdout).toMatch(/tiny +top1_acc +[01]\.\d{4}/)
  })

  test('leaves results whose files agree', () => {
    const bundle = join(out, 'naive', 'abx-1-small')
    expect(readdirSync(bundle).sort()).toEqual(['distances.jsonl', 'pairwise.json'])
    const result = pairwiseJsonSchema.parse(json(join(bundle, 'pairwise.json')))
    expect(result).toMatchObject({
      protocol: 'hear-2021',
      task: { name: 'abx', folder: 'abx-1-small', kind: 'triplets', clips: 6, comparisons: 3 },
      model: { name: 'naive', sampleRate: RATE, embeddingSize: 4096 },
      scoreMode: 'min',
      resampled: 'clips',
    })
    const distances = lines(join(bundle, 'distances.jsonl'))
    expect(distances.map((line) => line.clips)).toEqual(triplets)
    const errors = distances.filter((line) => line.distanceAX > line.distanceBX).length
    expect(result.figures.abx_error_rate).toBe(errors / 3)

    const alike = lines(join(out, 'naive', 'alike-1-small', 'distances.jsonl'))
    expect(alike.map(({ clips, same }) => [...clips, same ? 'same' : 'different'])).toEqual(pairs)
    const of = (wanted: boolean) =>
      alike.filter(({ same }) => same === wanted).map(({ distance }) => distance)
    expect(Math.max(...of(true))).toBeLessThan(Math.min(...of(false)))
  })

  test('keeps what is finished, and scores changed comparisons anew', async () => {
    const again = await hear([...args, '--json'])
    const { tasks: scored } = JSON.parse(again.stdout)
    expect(scored.map(({ task, reused }: { task: string; reused: boolean }) => [task, reused])).toEqual([
      ['abx', true],
      ['alike', true],
      ['tiny', true],
    ])
    expect(scored[0]).toMatchObject({ metric: 'abx_error_rate', model: 'naive', protocol: 'hear-2021' })
    writePairwiseTask('abx', 'test.triplets.json', triplets.slice(0, 2))
    const changed = await hear([...args, '--json', '--task', 'abx'])
    expect(JSON.parse(changed.stdout).tasks[0]).toMatchObject({ reused: false, score: 0 })
  })
})

describe('pairwise embeddings', () => {
  test('are made by hear embed and scored by hear evaluate, the same', async () => {
    const other = join(dir, 'apart')
    const embedded = await hear([
      'embed',
      '--model',
      'naive',
      '--tasks',
      tasks,
      '--task',
      'alike',
      '--out',
      other,
      '--gemm',
      'wasm',
    ])
    expect(embedded.code, embedded.stderr).toBe(0)
    const embeddings = embedded.stdout.trim()
    expect(readdirSync(embeddings).sort()).toEqual([
      'embedding.json',
      'task_metadata.json',
      'test.embeddings.npy',
      'test.pairs.json',
      'test.rows.json',
    ])
    const evaluated = await hear(['evaluate', embeddings, '--out', other])
    expect(evaluated.code, evaluated.stderr).toBe(0)
    const [one, two] = [out, other].map((folder) => join(folder, 'naive', 'alike-1-small'))
    expect(readFileSync(join(two, 'distances.jsonl'))).toEqual(readFileSync(join(one, 'distances.jsonl')))
    const lasting = (bundle: string) => ({
      ...json(join(bundle, 'pairwise.json')),
      secondsPerStage: 0,
      peakMemoryMiB: 0,
    })
    expect(lasting(two)).toEqual(lasting(one))
  })

  test('whose rows do not fit are refused, and nothing is written', async () => {
    const other = join(dir, 'bad')
    await hear(['embed', '--model', 'naive', '--tasks', tasks, '--task', 'alike', '--out', other])
    const embeddings = join(other, 'embeddings', 'naive', 'alike-1-small')
    const rows = json(join(embeddings, 'test.rows.json'))
    writeFileSync(join(embeddings, 'test.rows.json'), JSON.stringify(rows.slice(1)))
    const refused = await hear(['evaluate', embeddings, '--out', other])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/test\.rows\.json.*has no row/)
    expect(readdirSync(other)).toEqual(['embeddings'])
  })
})

test('a pairwise task without a list is one clear error before any work', async () => {
  const folder = writePairwiseTask('listless', 'test.pairs.json', pairs)
  rmSync(join(folder, 'test.pairs.json'))
  const { code, stderr } = await hear([
    'run',
    '--model',
    'naive',
    '--tasks',
    folder,
    '--out',
    join(dir, 'none'),
  ])
  expect(code).toBe(2)
  expect(stderr).toContain('Expected either test.pairs.json or test.triplets.json')
})
