import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FakeFaults, fakeModel } from '../../test/fake-model.js'
import { fixtureRoots } from '../../test/fixtures.js'
import { HearError } from '../base/errors.js'
import type { Tensor } from '../model/contract.js'
import type { OpenModel } from '../model/model-kind.js'
import { loadNaive, naiveBaseline } from '../model/naive-baseline.js'
import { Random } from '../num/random.js'
import { ModelHost } from './model-host.js'
import { validateModel } from './validate-model.js'
import { type ValidationReport, validationReportSchema } from './validation-report.js'

interface Case {
  readonly id: string
  readonly description: string
  readonly source: string | null
  readonly expected: { readonly verdict: 'pass' | 'fail'; readonly warnings: readonly { message: string }[] }
}

/** Recorded cases from every fixture folder; a case that two hold counts once. */
function recordedCases(): Case[] {
  const cases = new Map<string, Case>()
  for (const root of fixtureRoots()) {
    const path = join(root, 'heareval', 'validator.json')
    if (!existsSync(path)) continue
    for (const one of JSON.parse(readFileSync(path, 'utf8')).cases as Case[]) cases.set(one.id, one)
  }
  return [...cases.values()]
}

const CASES = recordedCases()

type Answer = { embeddings: Tensor; timestamps: Tensor }
type Times = (timeMs: number, frame: number) => number

/** A model whose embeddings are random, as in the recorded modules. */
function twin(faults: FakeFaults): OpenModel {
  const random = new Random(1)
  const drawn = (tensor: Tensor) => ({ ...tensor, data: tensor.data.map(() => random.uniformFloat32()) })
  return fakeModel({
    sampleRate: 44100,
    ...faults,
    timestampAnswer: (answer, audio) => {
      const random = { ...answer, embeddings: drawn(answer.embeddings) }
      return faults.timestampAnswer?.(random, audio) ?? random
    },
    sceneAnswer: (answer, audio) => faults.sceneAnswer?.(drawn(answer), audio) ?? drawn(answer),
  })
}

const retimed = (time: Times, faults: FakeFaults = {}): (() => OpenModel) => {
  const timestampAnswer = ({ embeddings, timestamps }: Answer) => {
    const { data, dims } = timestamps
    const times = data.map((value, i) => time(value, i % dims[1]))
    return { embeddings, timestamps: { data: times, dims } }
  }
  return () => twin({ ...faults, timestampAnswer })
}

/** Only some frames of an answer. */
const cut = (kept: (nFrames: number) => readonly [number, number], hopMs = 50): (() => OpenModel) => {
  const frames = ({ data, dims }: Tensor): Tensor => {
    const [nSounds, nFrames, size = 1] = dims
    const [first, last] = kept(nFrames)
    const rows = Array.from({ length: nSounds }, (_, sound) =>
      data.subarray((sound * nFrames + first) * size, (sound * nFrames + last) * size),
    )
    return {
      data: Float32Array.from(rows.flatMap((row) => [...row])),
      dims: [nSounds, last - first, ...dims.slice(2)],
    }
  }
  return () =>
    twin({
      hopMs,
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings: frames(embeddings),
        timestamps: frames(timestamps),
      }),
    })
}

const embeddingsAs = (change: (embeddings: Tensor) => unknown) => () =>
  twin({
    timestampAnswer: ({ embeddings, timestamps }) => ({ embeddings: change(embeddings), timestamps }),
  })
const timestampsAs = (change: (timestamps: Tensor) => unknown) => () =>
  twin({
    timestampAnswer: ({ embeddings, timestamps }) => ({ embeddings, timestamps: change(timestamps) }),
  })
const attribute = (name: string, value: unknown) => () => twin({ attributes: { [name]: value } })
const throws = (error: unknown) => () => {
  throw error
}

/** The recorded Python modules over again in TypeScript: what a case does to the model ok_minimal. */
const TWINS: Readonly<Record<string, () => OpenModel | Promise<OpenModel>>> = {
  hearbaseline: async () => {
    const model = await loadNaive(undefined, { gemm: 'wasm' })
    return { ...fakeModel(), module: naiveBaseline as unknown as OpenModel['module'], model }
  },
  ok_minimal: () => twin({}),
  ok_hop25_16k: () => twin({ sampleRate: 16000, hopMs: 25 }),
  model_not_module: () => ({ ...twin({}), model: { sample_rate: 44100 } as unknown as OpenModel['model'] }),
  no_sample_rate: attribute('sampleRate', undefined),
  sample_rate_float: attribute('sampleRate', 44100.0),
  no_scene_size: attribute('sceneEmbeddingSize', undefined),
  no_timestamp_size: attribute('timestampEmbeddingSize', undefined),
  timestamp_size_mismatch: attribute('timestampEmbeddingSize', 16),
  no_get_timestamp: () => twin({ without: ['getTimestampEmbeddings'] }),
  no_get_scene: () => twin({ without: ['getSceneEmbeddings'] }),
  ts_emb_float16: embeddingsAs(({ data, dims }) => ({
    data: Uint16Array.from(data, () => 0x3c00),
    dims,
    type: 'float16',
  })),
  ts_timestamps_int64: timestampsAs(({ data, dims }) => ({
    data: BigInt64Array.from(data, (time) => BigInt(Math.floor(time))),
    dims,
  })),
  ts_timestamps_1d: timestampsAs(({ data, dims }) => ({ data: data.subarray(0, dims[1]), dims: [dims[1]] })),
  ts_batch_mismatch: () =>
    twin({
      timestampAnswer: ({ embeddings, timestamps }) => {
        const first = ({ data, dims }: Tensor) => ({
          data: data.subarray(0, data.length / dims[0]),
          dims: [1, ...dims.slice(1)],
        })
        return { embeddings: first(embeddings), timestamps: first(timestamps) }
      },
    }),
  ts_in_seconds: retimed((time) => time / 1000),
  hop_60: () => twin({ hopMs: 60 }),
  hop_exact_50_float32: retimed((_, frame) => Math.fround(Math.fround(frame * Math.fround(0.05)) * 1000)),
  ts_drift_growing_interval: retimed((_, k) => k * 40 + 0.05 * k * k),
  ts_jitter_0p4ms: retimed((time, frame) => time + 0.4 * (frame % 2), { hopMs: 40 }),
  ts_rounded_hop_drift: retimed((_, frame) => ((frame * 1102) / 44100) * 1000, { hopMs: 25 }),
  ts_starts_late: cut((n) => [12, n], 25),
  ts_ends_early: cut((n) => [0, n - 10], 25),
  ts_single_frame_past_end: () =>
    twin({
      timestampAnswer: ({ embeddings, timestamps: { dims } }) => ({
        embeddings: { data: embeddings.data.subarray(0, dims[0] * 8), dims: [dims[0], 1, 8] },
        timestamps: { data: new Float32Array(dims[0]).fill(99000), dims: [dims[0], 1] },
      }),
    }),
  ts_decreasing: timestampsAs(({ data, dims }) => ({ data: data.toReversed(), dims })),
  ts_emb_nan: embeddingsAs(({ data, dims }) => ({ data: data.map(() => Number.NaN), dims })),
  ts_zero_frames: cut(() => [0, 0]),
  ts_returns_list: () =>
    twin({ timestampAnswer: ({ embeddings, timestamps }) => [[...embeddings.data], [...timestamps.data]] }),
  ts_returns_numpy: () =>
    twin({
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings: embeddings.data,
        timestamps: timestamps.data,
      }),
    }),
  ts_requires_grad: embeddingsAs(({ data, dims }) => ({ data: data.map((value) => value * 1), dims })),
  scene_float64: () => twin({ sceneAnswer: ({ data, dims }) => ({ data: Float64Array.from(data), dims }) }),
  scene_1d: () =>
    twin({ sceneAnswer: ({ data, dims }) => ({ data: data.subarray(0, dims[0]), dims: [dims[0]] }) }),
  scene_batch_mismatch: () =>
    twin({
      sceneAnswer: ({ data, dims }) => ({
        data: data.subarray(0, (dims[0] - 1) * dims[1]),
        dims: [dims[0] - 1, dims[1]],
      }),
    }),
  load_model_needs_arg: throws(new TypeError("load_model() missing 1 required positional argument: 'path'")),
  size_numpy_int: attribute('timestampEmbeddingSize', 8n),
  import_error: throws(new HearError('model/import', 'no such dependency')),
}

async function verdictOn(
  open: () => OpenModel | Promise<OpenModel>,
  extent: 'original' | 'quick',
): Promise<ValidationReport> {
  const host = new ModelHost(
    async () => open(),
    () => performance.now(),
  )
  const subject = { ask: host.ask.bind(host), peakMemory: () => ({ processBytes: null, gpuBytes: null }) }
  const signal = new AbortController().signal
  const report = await validateModel(subject, {
    name: 'twin',
    extent,
    signal,
    now: () => performance.now(),
    onProgress: () => {},
  })
  expect(() => validationReportSchema.parse(report)).not.toThrow()
  return report
}

test('cases of hear-validator are found', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(36)
})

/** All warnings of the original but the one that it always gives, about drift. */
const warnings = ({ expected }: Case) =>
  expected.warnings.filter(({ message }) => !/^\s*IMPORTANT/.test(message))

for (const one of CASES) {
  const open = TWINS[one.id.slice(one.id.indexOf('/') + 1)]
  const run = open === undefined ? test.skip : test
  const way = open === undefined ? ' (only in Python: it has no twin here)' : ''
  run(`hear-validator's verdict is found again: ${one.id}, ${one.description}${way}`, async () => {
    const { expected } = one
    const report = await verdictOn(open, 'original')
    expect(report.originalVerdict, JSON.stringify(report.findings, null, 1)).toBe(expected.verdict)
    // Whatever it refuses or warns of is found here too.
    if (expected.verdict === 'fail') expect(report.verdict).toBe('fail')
    if (warnings(one).length > 0) expect(report.findings).not.toEqual([])
    // More checks change nothing of its verdict.
    const quick = await verdictOn(open, 'quick')
    expect(quick.originalVerdict).toBe(expected.verdict)
  })
}

test.each([
  ['ts_emb_nan', 'embeddings/not-finite'],
  ['ts_timestamps_int64', 'timestamps/dtype'],
  ['ts_in_seconds', 'timestamps/unit'],
  ['ts_decreasing', 'timestamps/decreasing'],
  ['ts_zero_frames', 'timestamps/none'],
  ['ts_single_frame_past_end', 'timestamps/past-end'],
])('what hear-validator lets through is an error here: %s', async (id, code) => {
  const report = await verdictOn(TWINS[id], 'original')
  expect(report.verdict).toBe('fail')
  expect(report.findings.map((finding) => finding.code)).toContain(code)
})
