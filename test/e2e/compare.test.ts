import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/num/random.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const dir = scratchFolder()
const out = join(dir, 'results')
const naive = join(out, 'naive')
const noisy = join(out, 'noisy')
const quick = ['--grid', 'faster', '--grid-points', '2', '--gemm', 'wasm']

/** The embeddings of another model: those of the first, drowned in noise. */
function addNoise(embeddings: string, noisyEmbeddings: string): void {
  cpSync(embeddings, noisyEmbeddings, { recursive: true })
  const random = new Random('noise')
  for (const name of readdirSync(noisyEmbeddings).filter((file) => file.endsWith('.npy'))) {
    const path = join(noisyEmbeddings, name)
    const bytes = readFileSync(path)
    const start = 10 + bytes.readUInt16LE(8)
    for (let at = start; at < bytes.length; at += 4)
      bytes.writeFloatLE(bytes.readFloatLE(at) + 1000 * random.normal(), at)
    writeFileSync(path, bytes)
  }
  const record = join(noisyEmbeddings, 'embedding.json')
  const embedding = JSON.parse(readFileSync(record, 'utf8'))
  embedding.model.name = 'noisy'
  writeFileSync(record, JSON.stringify(embedding))
}

const changeJson = (path: string, change: object) =>
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }))

beforeAll(async () => {
  for (const name of ['tiny', 'small'])
    writeTinyTask(join(dir, 'tasks', `${name}-1-small`), {
      clipsPerLabel: 10,
      metadata: { task_name: name },
    })
  const embedded = await hear(['embed', '--model', 'naive', '--tasks', join(dir, 'tasks'), '--out', out])
  expect(embedded.code, embedded.stderr).toBe(0)
  const embeddings = join(out, 'embeddings', 'naive')
  addNoise(join(embeddings, 'tiny-1-small'), join(out, 'embeddings', 'noisy', 'tiny-1-small'))
  const evaluated = await hear(['evaluate', join(out, 'embeddings'), '--out', out, ...quick])
  expect(evaluated.code, evaluated.stderr).toBe(0)
})

describe('hear compare', () => {
  test('shows that a model without noise is better, and names what only one of them has', async () => {
    const { code, stdout, stderr } = await hear(['compare', naive, noisy])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(`A: ${naive} (naive)\nB: ${noisy} (noisy)`)
    expect(stdout).toMatch(/tiny-1-small +top1_acc .* [ │]*├─*●─*┤ .* A better\n/)
    expect(stdout).toContain('Not compared: small-1-small, only in A.')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'Of 1 task: A better on 1, B better on 0, no difference shown on 0 (p corrected by Holm, 5 %).',
    )
  })

  test('prints one JSON document, the same again for the same seed, and mirrored the other way round', async () => {
    const first = await hear(['compare', naive, noisy, '--json', '--seed', '7', '--resamples', '200'])
    const again = await hear(['compare', naive, noisy, '--json', '--seed', '7', '--resamples', '200'])
    expect(again.stdout).toBe(first.stdout)
    const document = JSON.parse(first.stdout)
    expect(document).toMatchObject({
      format: 'hearkit-comparison/1',
      a: { dir: naive, model: 'naive' },
      b: { dir: noisy, model: 'noisy' },
      resamples: 200,
      seed: 7,
      notCompared: [{ task: 'small-1-small', reason: 'only in A' }],
    })
    const [forward] = document.tasks
    expect(forward).toMatchObject({
      task: 'tiny-1-small',
      protocol: 'hear-2021',
      metric: 'top1_acc',
      clips: 30,
      verdict: 'A better',
    })
    expect(forward.low).toBeGreaterThan(0)
    expect(forward.effect).toBeCloseTo(forward.scoreA - forward.scoreB, 12)
    expect(forward.correctedPValue).toBeLessThan(0.05)
    const reversed = await hear(['compare', noisy, join(naive, 'tiny-1-small'), '--json'])
    const [backward] = JSON.parse(reversed.stdout).tasks
    expect(backward).toMatchObject({ verdict: 'B better', effect: -forward.effect })
  })

  test('finds no difference between a model and itself', async () => {
    const { code, stdout } = await hear(['compare', naive, naive, '--json'])
    expect(code).toBe(0)
    const { tasks, notCompared } = JSON.parse(stdout)
    expect(tasks.map(({ task }: { task: string }) => task)).toEqual(['small-1-small', 'tiny-1-small'])
    expect(notCompared).toEqual([])
    for (const task of tasks)
      expect(task).toMatchObject({
        effect: 0,
        low: 0,
        high: 0,
        pValue: 1,
        correctedPValue: 1,
        verdict: 'no difference shown',
      })
    const text = await hear(['compare', naive, naive])
    expect(text.stdout).toContain(
      'Of 2 tasks: A better on 0, B better on 0, no difference shown on 2 (p corrected by Holm, 5 %).',
    )
  })
})

describe('hear compare refuses', () => {
  const bundle = join(naive, 'tiny-1-small')
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await hear(['compare', ...args])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(/\n +at /)
    return stderr
  }
  const copy = (name: string) => {
    const target = join(dir, name)
    rmSync(target, { recursive: true, force: true })
    cpSync(bundle, target, { recursive: true })
    return target
  }

  test('results without a task in common', async () => {
    const stderr = await refused(join(naive, 'small-1-small'), noisy)
    expect(stderr).toContain(
      'have no result that can be compared: small-1-small, only in A; tiny-1-small, only in B.',
    )
  })

  test('results of different protocols', async () => {
    const other = copy('other-protocol')
    changeJson(join(other, 'run.json'), { protocol: 'hear-2026' })
    expect(await refused(bundle, other)).toContain(
      'tiny-1-small, protocol hear-2021 in A, hear-2026 in B: protocols never mix',
    )
  })

  test('other test clips, and another label vocabulary', async () => {
    const path = (result: string) => join(result, 'predictions.jsonl')
    const renamed = copy('other-clips')
    const text = readFileSync(path(renamed), 'utf8')
    writeFileSync(path(renamed), text.replaceAll('test_high_0.wav', 'test_high_00.wav'))
    expect(await refused(bundle, renamed)).toContain('other test clips: 1 only in A, 1 only in B')
    const relabelled = copy('other-labels')
    const run = JSON.parse(readFileSync(join(relabelled, 'run.json'), 'utf8'))
    changeJson(join(relabelled, 'run.json'), { task: { ...run.task, classes: ['high', 'low', 'hiss'] } })
    writeFileSync(path(relabelled), text.replaceAll('["noise"]', '["hiss"]'))
    expect(await refused(bundle, relabelled)).toContain('other labels in A than in B')
  })

  test('predictions that were changed after the run', async () => {
    const changed = copy('changed')
    const path = join(changed, 'predictions.jsonl')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('["high"]', '["low"]'))
    const stderr = await refused(bundle, changed)
    expect(stderr).toMatch(/changed" is not as it was written: .* top1_acc .*, run\.json says /)
    expect(stderr).toContain('→ ')
  })

  test('a folder of several models, naming them', async () => {
    const stderr = await refused(out, noisy)
    expect(stderr).toContain(`Expected the results of one model in "${out}", found those of naive, noisy.`)
    expect(stderr).toContain(`→ Name the folder of one model, such as "${naive}".`)
  })

  test('a metric that is none, or that no task has', async () => {
    expect(await refused(naive, noisy, '--metric', 'top1')).toContain('found "top1"')
    expect(await refused(naive, noisy, '--metric', 'mAP')).toContain('not scored by mAP in A')
  })

  test('too few resamples for an interval', async () => {
    expect(await refused(naive, noisy, '--resamples', '10')).toContain('at least 40 resamples')
  })
})
