import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readResultBundle } from '../../src/store/result-bundle.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const dir = scratchFolder()
const task = join(dir, 'tasks', 'tiny-1-small')
const out = join(dir, 'results')
const quick = ['--grid', 'fast', '--grid-points', '2']

beforeAll(() => {
  writeTinyTask(task)
})

/** The bundle's files without what differs from run to run: times and memory. */
function lasting(bundle: string): string {
  const scores = readFileSync(join(bundle, 'test.predicted-scores.json'), 'utf8')
  const run = JSON.parse(readFileSync(join(bundle, 'run.json'), 'utf8'))
  const grid = run.gridPoints.map((point: object) => ({ ...point, seconds: null }))
  return [
    scores.replaceAll(/"(time_in_min\w*|embedding_path)": .*/g, ''),
    readFileSync(join(bundle, 'predictions.jsonl'), 'utf8'),
    JSON.stringify([run.folds, grid, run.dataHash]).replaceAll(/"time_in_min\w*":[^,}]*/g, ''),
  ].join('\n')
}

test('hear run embeds, trains and scores a task, and leaves a whole bundle', async () => {
  const done = await hear(['run', '--model', 'naive', '--tasks', join(dir, 'tasks'), '--out', out, ...quick])
  expect(done.stderr).toContain('evaluating tiny-1-small: top1_acc')
  expect(done.code).toBe(0)
  expect(done.stdout).toMatch(/tiny +top1_acc +[01]\.\d{4}/)
  const bundle = join(out, 'naive', 'tiny-1-small')
  expect(readdirSync(bundle).sort()).toEqual([
    'predictions.jsonl',
    'predictions.parquet',
    'run.json',
    'test.predicted-scores.json',
  ])

  const scores = JSON.parse(readFileSync(join(bundle, 'test.predicted-scores.json'), 'utf8'))
  expect(Object.keys(scores)).toEqual(['test', 'hparams', 'postprocessing', 'score_mode', 'embedding_path'])
  expect(Object.keys(scores.test)).toEqual([
    'test_loss',
    'test_score',
    'test_top1_acc',
    'validation_score',
    'epoch',
    'time_in_min',
  ])
  expect(scores.test.test_score).toBeGreaterThan(0.7)

  const { run, predictions } = await readResultBundle(bundle)
  expect(predictions.map(({ clip }) => clip).sort()).toEqual(
    Object.keys(JSON.parse(readFileSync(join(task, 'test.json'), 'utf8'))).sort(),
  )
  expect(run.gridPoints.length).toBe(2)
  expect(run.gemmProvider).toMatch(/^onnxruntime/)
  expect(Object.keys(run.secondsPerStage)).toEqual(['embed', 'read', 'evaluate'])
})

test('results among the tasks are not taken for tasks', async () => {
  const place = join(dir, 'together')
  writeTinyTask(join(place, 'tiny-1-small'), { clipsPerLabel: 2 })
  const args = ['embed', '--model', 'naive', '--tasks', place, '--out', join(place, 'results')]
  expect((await hear(args)).code).toBe(0)
  const again = await hear(args)
  expect(again.code, again.stderr).toBe(0)
  expect(again.stdout.trim().split('\n').length).toBe(1)
  const wrong = await hear(['embed', '--model', 'naive', '--tasks', join(place, 'results')])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('hear evaluate')
})

test('a second run keeps what is finished, and changed audio is embedded anew', async () => {
  const args = ['run', '--model', 'naive', '--tasks', join(dir, 'tasks'), '--out', out, ...quick]
  const again = await hear(args)
  expect(again.stderr).toContain('3 of 3 splits from an earlier run')
  expect(again.stderr).toMatch(/evaluating tiny-1-small: .* from an earlier run/)
  const clips = join(task, '44100', 'test')
  const [first, second] = readdirSync(clips)
  cpSync(join(clips, second), join(clips, first))
  const changed = await hear(args)
  expect(changed.stderr).toContain('2 of 3 splits from an earlier run')
  expect(changed.stderr).not.toMatch(/evaluating tiny-1-small: .* from an earlier run/)
})

describe('hear evaluate', () => {
  const embeddings = join(out, 'embeddings', 'naive', 'tiny-1-small')
  const evaluate = async (name: string, ...args: string[]) => {
    const target = join(dir, name)
    const done = await hear(['evaluate', embeddings, '--out', target, ...quick, ...args])
    expect(done.stderr).toContain('evaluating')
    expect(done.code).toBe(0)
    return join(target, 'naive', 'tiny-1-small')
  }

  test('gives the same result bit for bit with one worker, two and four', async () => {
    const one = lasting(await evaluate('one', '--workers', '1'))
    expect(lasting(await evaluate('two', '--workers', '2'))).toBe(one)
    expect(lasting(await evaluate('four', '--workers', '4'))).toBe(one)
    expect(lasting(await evaluate('other', '--seed', '43'))).not.toBe(one)
  })

  test('runs on the wasm kernels alone, and says so', async () => {
    const bundle = await evaluate('wasm', '--gemm', 'wasm')
    const { run } = await readResultBundle(bundle)
    expect(run.gemmProvider).toMatch(/^wasm/)
    expect(run.folds[0].figures.test_score).toBeGreaterThan(0.7)
  })

  test('takes embeddings made elsewhere, and names the result after their folder', async () => {
    const elsewhere = join(dir, 'elsewhere', 'my-embeddings')
    cpSync(embeddings, elsewhere, { recursive: true })
    writeFileSync(join(elsewhere, 'unrelated.txt'), '')
    const { rmSync } = await import('node:fs')
    rmSync(join(elsewhere, 'embedding.json'))
    const done = await hear(['evaluate', elsewhere, '--out', join(dir, 'foreign'), '--json', ...quick])
    expect(done.code).toBe(0)
    const document = JSON.parse(done.stdout)
    expect(document.tasks[0]).toMatchObject({ task: 'tiny', model: 'my-embeddings', protocol: 'hear-2021' })
    expect(existsSync(join(dir, 'foreign', 'my-embeddings', 'run.json'))).toBe(true)
  })
})

test('protocol hear-2026 keeps apart, and shows every probe on the same embeddings', async () => {
  const embeddings = join(out, 'embeddings', 'naive', 'tiny-1-small')
  const args = [
    'evaluate',
    embeddings,
    '--out',
    join(dir, 'new'),
    '--protocol',
    'hear-2026',
    '--probe-seeds',
    '2',
  ]
  const done = await hear([...args, '--json', ...quick])
  expect(done.code, done.stderr).toBe(0)
  const [scored] = JSON.parse(done.stdout).tasks
  expect(scored.dir).toBe(join(dir, 'new', 'hear-2026', 'naive', 'tiny-1-small'))
  const { run, predictions } = await readResultBundle(scored.dir)
  expect(run.seeds).toEqual([42, 43])
  expect(run.folds.map((fold) => fold.seed)).toEqual([42, 43])
  expect(new Set(predictions.map((prediction) => prediction.seed))).toEqual(new Set([42, 43]))
  expect(run.otherProbes?.linear.score).toBeGreaterThan(0.4)
  expect(run.otherProbes?.knn.score).toBeGreaterThan(0.7)
  expect(run.otherProbes?.fewShot.map(({ shots }) => shots)).toEqual([1, 5, 10, 50])
  expect(run.otherProbes?.fewShot[0].score).toBeGreaterThan(0.5)
  // four clips a class cannot give five
  expect(run.otherProbes?.fewShot[1].score).toMatchObject({ undefined: expect.stringContaining('5') })
  expect(run.intervals.top1_acc).toMatchObject({ resamples: 1000 })
})

test('folds are rotated, and their mean and deviation reported', async () => {
  const folds = writeTinyTask(join(dir, 'folds', 'tiny-folds-small'), {
    splits: ['fold00', 'fold01', 'fold02'],
    splitMode: 'new_split_kfold',
  })
  const done = await hear(['run', '--model', 'naive', '--tasks', folds, '--out', out, '--json', ...quick])
  expect(done.code).toBe(0)
  const [scored] = JSON.parse(done.stdout).tasks
  expect(scored.folds.map((fold: { name: string }) => fold.name)).toEqual(['fold00', 'fold01', 'fold02'])
  const values: number[] = scored.folds.map((fold: { score: number }) => fold.score)
  expect(scored.score).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 6)
  const scores = JSON.parse(readFileSync(join(scored.dir, 'test.predicted-scores.json'), 'utf8'))
  expect(Object.keys(scores).slice(0, 4)).toEqual(['fold00', 'fold01', 'fold02', 'aggregated_scores'])
})

test('Ctrl-C leaves no result that could be taken for a whole one, and the next run finishes it', async () => {
  const long = writeTinyTask(join(dir, 'long', 'tiny-long-small'), { clipsPerLabel: 40 })
  const args = ['run', '--model', 'naive', '--tasks', long, '--out', out, '--grid-points', '2']
  let sent = false
  const interrupted = await hear(args, (text, kill) => {
    if (sent || !text.includes('embedding tiny-long-small: ')) return
    sent = true
    setTimeout(() => kill('SIGINT'), 700)
  })
  expect(interrupted.code).toBe(130)
  expect(interrupted.stderr).toContain('stopping cleanly')
  expect(existsSync(join(out, 'naive', 'tiny-long-small'))).toBe(false)
  const finished = await hear([...args, ...quick])
  expect(finished.code).toBe(0)
  expect(finished.stderr).toContain('3 of 3 splits from an earlier run')
  expect(existsSync(join(out, 'naive', 'tiny-long-small', 'run.json'))).toBe(true)
})
