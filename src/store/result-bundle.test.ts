import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PredictedScores, predictedScoresText } from './predicted-scores.js'
import { hasResultBundle, readResultBundle, writeResultBundle } from './result-bundle.js'
import { type RunJson, runJsonSchemaDocument } from './run-json.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const recorded = [golden, process.env.HEAR_TEST_FIXTURES]
  .filter((root) => root !== undefined && root !== '')
  .map((root) => join(root!, 'probe'))
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name, 'scores') })))
  .filter(({ dir }) => existsSync(dir))
  .flatMap(({ name, dir }) =>
    readdirSync(dir)
      .filter((file) => /^\d+\.json$/.test(file))
      .map((file) => ({ name: `${name}/${file}`, text: readFileSync(join(dir, file), 'utf8') })),
  )

/** A recorded file taken apart into what a caller of the writer has. */
function parseRecorded(text: string): PredictedScores {
  const { aggregated_scores, hparams, postprocessing, score_mode, embedding_path, ...folds } =
    JSON.parse(text)
  return {
    folds: Object.entries(folds).map(([name, figures]) => ({
      name,
      figures: figures as Record<string, number>,
    })),
    aggregated: aggregated_scores,
    hparams,
    postprocessing,
    scoreMode: score_mode,
    embeddingPath: embedding_path,
  }
}

describe('predictedScoresText', () => {
  it('has recorded files to agree with', () => {
    expect(recorded.length).toBeGreaterThan(3)
    expect(recorded.some(({ text }) => text.includes('aggregated_scores'))).toBe(true)
    expect(recorded.some(({ text }) => text.includes('median_filter_ms'))).toBe(true)
  })

  it.each(recorded)('writes $name letter for letter as heareval did', ({ text }) => {
    expect(predictedScoresText(parseRecorded(text))).toBe(text)
  })

  it('writes whole floats with their point and undefined figures as NaN, as Python does', () => {
    const figures = {
      test_loss: 1,
      test_score: Number.NaN,
      validation_score: -Infinity,
      epoch: 2,
      time_in_min: 1e-5,
    }
    const text = predictedScoresText({
      folds: [{ name: 'test', figures }],
      hparams: { dropout: 0, hidden_layers: 1, lr: 1 },
      postprocessing: [],
      scoreMode: 'max',
      embeddingPath: 'e',
    })
    expect(text).toContain(
      '"test_loss": 1.0,\n  "test_score": NaN,\n  "validation_score": -Infinity,\n  "epoch": 2,\n',
    )
    expect(text).toContain('"time_in_min": 1e-05\n')
    expect(text).toContain('"dropout": 0.0,\n  "hidden_layers": 1,\n  "lr": 1.0\n')
  })
})

const scores: PredictedScores = {
  folds: [{ name: 'test', figures: { test_loss: 0.5, test_score: 1, epoch: 3 } }],
  hparams: { lr: 0.001 },
  postprocessing: [],
  scoreMode: 'max',
  embeddingPath: 'embeddings/toy/tones',
}
const run: RunJson = {
  format: 'hearkit-run/1',
  protocol: 'hear-2021',
  task: {
    name: 'tones',
    version: 'v1',
    mode: 'small',
    folder: 'tones-v1-small',
    embeddingType: 'scene',
    predictionType: 'multiclass',
    splitMode: 'trainvaltest',
    metrics: ['top1_acc', 'd_prime'],
    classes: ['low', 'high'],
  },
  model: { name: 'toy', hash: 'abc', description: null, options: {}, sampleRate: 16000, embeddingSize: 2 },
  dataHash: 'def',
  seeds: [42],
  grid: 'default',
  requested: { gridPoints: 8, gemm: 'auto' },
  gridPoints: [
    {
      seed: 42,
      fold: 'test',
      hyperparameters: { lr: 0.001, initialization: 'xavier_uniform_' },
      postprocessing: null,
      validationScore: { undefined: 'only one class in the split' },
      bestEpoch: 3,
      epochsRun: 66,
      seconds: 1.5,
    },
  ],
  chosen: [{ seed: 42, gridPoint: 0 }],
  scoreMode: 'max',
  folds: [
    { name: 'test', seed: 42, epochsRun: 66, figures: { test_score: 1, test_d_prime: { undefined: 'no' } } },
  ],
  intervals: { top1_acc: { low: 0.8, high: 1, resamples: 1000, undefinedResamples: 0 } },
  otherProbes: null,
  aggregated: null,
  versions: { hearkit: '0.1.0', node: '20' },
  gemmProvider: 'onnxruntime',
  secondsPerStage: { probe: 2 },
  peakMemoryMiB: 100,
}
const third = Math.fround(1 / 3)

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-result-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function sentence(work: () => Promise<unknown>): Promise<string> {
  const failure = await work().then(
    () => undefined,
    (error) => error,
  )
  if (failure?.name !== 'HearError') throw new Error('expected a HearError', { cause: failure })
  return `${failure.code}: ${failure.message.replaceAll(dir, 'DIR')}`
}

describe('a result bundle', () => {
  it('comes back as it was written, scenes and events', async () => {
    const scene = {
      clip: 'a.wav',
      split: 'test',
      labels: ['low'],
      probabilities: Float32Array.of(third, 1e-20),
    }
    const event = {
      clip: 'b.wav',
      split: 'test',
      labels: [{ label: 'low', start: 0, end: 12.5 }],
      events: [],
    }
    await writeResultBundle(join(dir, 'toy/tones'), { scores, predictions: [scene], run })
    const bundle = await readResultBundle(join(dir, 'toy/tones'))
    expect(bundle.run).toEqual(run)
    expect(bundle.predictions.length).toBe(1)
    const [first] = bundle.predictions
    expect('probabilities' in first && first.probabilities.map(Math.fround)).toEqual([
      third,
      Math.fround(1e-20),
    ])
    const eventRun: RunJson = { ...run, task: { ...run.task, embeddingType: 'event' } }
    await writeResultBundle(join(dir, 'toy/events'), { scores, predictions: [event], run: eventRun })
    expect((await readResultBundle(join(dir, 'toy/events'))).predictions).toEqual([event])
    expect((await readdir(join(dir, 'toy/tones'))).sort()).toEqual([
      'predictions.jsonl',
      'predictions.parquet',
      'run.json',
      'test.predicted-scores.json',
    ])
    expect((await readFile(join(dir, 'toy/tones/predictions.jsonl'), 'utf8')).split('\n')[0]).toBe(
      '{"clip":"a.wav","split":"test","labels":["low"],"probabilities":[0.333333343,9.99999968e-21]}',
    )
  })

  it('keeps the old one when the new one cannot be written', async () => {
    await writeResultBundle(dir, { scores, predictions: [], run })
    const nan = { clip: 'a.wav', split: 'test', labels: ['low'], probabilities: [Number.NaN, 1] }
    expect(await sentence(() => writeResultBundle(dir, { scores, predictions: [nan], run }))).toBe(
      'result/not-finite: The prediction for the clip "a.wav" holds NaN; expected finite probabilities.',
    )
    const bad = {
      ...run,
      protocol: 'hear-2022',
      seed: 1,
      chosen: [{ seed: 42, gridPoint: 1 }],
    } as unknown as RunJson
    expect(
      await sentence(() => writeResultBundle(dir, { scores, predictions: [], run: bad })),
    ).toMatchInlineSnapshot(
      `"store/json-content: "DIR/run.json" is not as expected. protocol: expected "hear-2021" or "hear-2026", found "hear-2022"; the whole file: unknown key "seed"."`,
    )
    expect((await readResultBundle(dir)).run).toEqual(run)
    expect((await readdir(dir)).length).toBe(4)
  })

  it('is whole only with its run.json, and checked when it is read', async () => {
    await writeResultBundle(dir, { scores, predictions: [], run })
    expect(hasResultBundle(dir)).toBe(true)
    await writeFile(join(dir, 'predictions.jsonl'), '{"clip":"a.wav"}\n')
    expect(await sentence(() => readResultBundle(dir))).toMatchInlineSnapshot(
      `"store/json-content: "DIR/predictions.jsonl:1" is not as expected. the whole file: expected {clip, split, labels, probabilities} or {clip, split, labels, events}, found {"clip":"a.wav"}."`,
    )
    await rm(join(dir, 'run.json'))
    expect(hasResultBundle(dir)).toBe(false)
    expect(await sentence(() => readResultBundle(dir))).toMatchInlineSnapshot(
      `"result/unfinished: "DIR" holds no finished result: there is no run.json."`,
    )
  })

  it('refuses a NaN among the figures of run.json', async () => {
    const folds = [{ ...run.folds[0], figures: { test_score: Number.NaN } }]
    expect(
      await sentence(() => writeResultBundle(dir, { scores, predictions: [], run: { ...run, folds } })),
    ).toMatchInlineSnapshot(
      `"store/json-content: "DIR/run.json" is not as expected. folds[0].figures.test_score: expected a finite number, or {"undefined": reason}, found NaN."`,
    )
    expect(await readdir(dir)).toEqual([])
  })

  it('publishes a JSON Schema that names every key of run.json', () => {
    const schema = runJsonSchemaDocument() as { required: string[]; additionalProperties: boolean }
    expect([...schema.required].sort()).toEqual(Object.keys(run).sort())
    expect(schema.additionalProperties).toBe(false)
  })
})
