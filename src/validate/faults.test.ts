import { expect, test } from 'vitest'
import { type FakeFaults, fakeModel } from '../../test/fake-model.js'
import type { Tensor } from '../model/contract.js'
import { Random } from '../num/random.js'
import type { FindingCode, Severity } from './finding-kinds.js'
import { ModelHost } from './model-host.js'
import type { Subject } from './subject.js'
import { validateModel } from './validate-model.js'
import type { Extent, ValidationReport } from './validation-report.js'

async function reportOn(faults: FakeFaults, extent: Extent = 'quick'): Promise<ValidationReport> {
  const host = new ModelHost(
    async () => fakeModel(faults),
    () => performance.now(),
  )
  const subject: Subject = {
    // A copy, as what comes from a process is.
    ask: async (kind, question) => structuredClone(await host.ask(kind, question)),
    peakMemory: () => ({ processBytes: null, gpuBytes: null }),
  }
  const signal = new AbortController().signal
  const now = () => performance.now()
  return validateModel(subject, { name: 'fake', extent, signal, now, onProgress: () => {} })
}

/** Without the first frame of each sound, if it has more. */
function later({ data, dims }: Tensor): Tensor {
  const [nSounds, nFrames, size = 1] = dims
  if (nFrames === 1) return { data, dims }
  const kept = data.filter((_, i) => Math.floor(i / size) % nFrames !== 0)
  return { data: kept, dims: [nSounds, nFrames - 1, ...dims.slice(2)] }
}

/** The first frames of each sound, as many or as there are. */
function first({ data, dims }: Tensor, count: number): Tensor {
  const [nSounds, nFrames, size = 1] = dims
  const kept = data.filter((_, i) => Math.floor(i / size) % nFrames < count)
  return { data: kept, dims: [nSounds, Math.min(nFrames, count), ...dims.slice(2)] }
}

const LICENCES = { codeLicense: 'CC0-1.0', weightsLicense: 'CC0-1.0' }
/** Cut at 30 s, at multiples of a frame; 20 ms and a little more decide a frame. */
const PIECES = { mostSamples: 480_000, minSamples: 1, haloSamples: 330, alignSamples: 800, alignFrames: 1 }

/** Changes the frame at 29.95 s of longer audio, as a cut there would. */
function atCut(by: number): FakeFaults {
  return {
    timestampAnswer: ({ embeddings: { data, dims }, timestamps }, audio) => {
      const cut = audio.dims[1] > PIECES.mostSamples && 599 * dims[2]
      const changed = data.map((x, i) => (cut && i >= cut && i < cut + dims[2] ? x * (1 + by) : x))
      return { embeddings: { data: changed, dims }, timestamps }
    },
  }
}

/** None of it is a fault. */
const SOUND_MODELS: readonly [string, FakeFaults][] = [
  ['16 kHz, hop 50 ms', {}],
  ['44.1 kHz, hop 50 ms', { sampleRate: 44100 }],
  ['22.05 kHz, hop 10 ms', { sampleRate: 22050, hopMs: 10 }],
  ['32 kHz, a hop of no whole number of samples', { sampleRate: 32000, hopMs: 25.0007 }],
  [
    'answers that differ by float32 rounding from call to call',
    (() => {
      const random = new Random(5)
      const rounded = ({ data, dims }: Tensor) => ({
        data: data.map((value) => value * (1 + 2e-7 * random.normal())),
        dims,
      })
      return {
        timestampAnswer: ({ embeddings, timestamps }) => ({ embeddings: rounded(embeddings), timestamps }),
        sceneAnswer: rounded,
      } satisfies FakeFaults
    })(),
  ],
  [
    'embeddings with a large constant part',
    {
      timestampAnswer: ({ embeddings: { data, dims }, timestamps }) => ({
        embeddings: { data: data.map((value) => value + 500), dims },
        timestamps,
      }),
    },
  ],
  [
    'audio that is cut, and scenes that are means',
    { declares: { ...LICENCES, pieces: PIECES, sceneEveryFrames: 1 } },
  ],
  [
    'sounds scaled by their peak',
    {
      timestampAnswer: ({ embeddings: { data, dims }, timestamps }, audio) => {
        const [nSounds, nSamples] = audio.dims
        const peaks = Array.from({ length: nSounds }, (_, i) =>
          audio.data
            .subarray(i * nSamples, (i + 1) * nSamples)
            .reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6),
        )
        const perSound = data.length / nSounds
        return {
          embeddings: {
            data: data.map((x, i) => (x - 1) / Math.cbrt(peaks[Math.floor(i / perSound)] ** 2)),
            dims,
          },
          timestamps,
        }
      },
    },
  ],
  [
    'answers that are all written to the same place',
    (() => {
      const place = new Float32Array(2 ** 17)
      return {
        timestampAnswer: ({ embeddings: { data, dims }, timestamps }) => {
          place.set(data)
          return { embeddings: { data: place.subarray(0, data.length), dims }, timestamps }
        },
      } satisfies FakeFaults
    })(),
  ],
  [
    'a first timestamp that is not 0',
    {
      hopMs: 40,
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings: later(embeddings),
        timestamps: later(timestamps),
      }),
    },
  ],
]

test.each(SOUND_MODELS)('a sound model passes without a finding: %s', async (_, faults) => {
  const report = await reportOn(faults)
  expect(report.findings).toEqual([])
  expect(report.verdict).toBe('pass')
  expect(report.originalVerdict).toBe('pass')
})

const embeddings = (change: (tensor: Tensor, audio: Tensor) => Tensor): FakeFaults => ({
  timestampAnswer: (answer, audio) => ({ ...answer, embeddings: change(answer.embeddings, audio) }),
})
const times = (change: (timeMs: number, index: number) => number): FakeFaults => ({
  timestampAnswer: ({ embeddings, timestamps: { data, dims } }) => ({
    embeddings,
    timestamps: { data: data.map(change), dims },
  }),
})
const both = (change: (tensor: Tensor, audio: Tensor) => Tensor): FakeFaults => ({
  ...embeddings(change),
  sceneAnswer: change,
})
const mapped =
  (value: (x: number, i: number) => number) =>
  ({ data, dims }: Tensor): Tensor => ({ data: data.map(value), dims })

let calls = 0
const FAULTS: readonly [string, FakeFaults, FindingCode, Severity][] = [
  ['one NaN', embeddings(mapped((x, i) => (i === 9 ? Number.NaN : x))), 'embeddings/not-finite', 'error'],
  [
    'infinite scenes',
    { sceneAnswer: mapped(() => Number.POSITIVE_INFINITY) },
    'embeddings/not-finite',
    'error',
  ],
  ['decreasing timestamps', times((time) => 1000 - time), 'timestamps/decreasing', 'error'],
  ['constant timestamps', times(() => 25), 'timestamps/constant', 'error'],
  ['timestamps that stand still once', times((t) => (t === 100 ? 50 : t)), 'timestamps/constant', 'error'],
  ['NaN timestamps', times(() => Number.NaN), 'timestamps/not-finite', 'error'],
  ['timestamps in seconds', times((time) => time / 1000), 'timestamps/unit', 'error'],
  ['timestamps in samples', times((time) => time * 16), 'timestamps/unit', 'error'],
  ['timestamps as frame numbers', times((time) => time / 50), 'timestamps/unit', 'error'],
  ['negative timestamps', times((time) => time - 50), 'timestamps/negative', 'error'],
  ['timestamps half a window early', { lateSamples: () => 0.05 * 16000 }, 'timestamps/off-centre', 'error'],
  ['timestamps 50 ms late', { lateSamples: () => -0.05 * 16000 }, 'timestamps/off-centre', 'error'],
  ['timestamps 15 ms off', { lateSamples: () => 0.015 * 16000 }, 'timestamps/off-centre', 'warning'],
  [
    'noise added',
    (() => {
      const random = new Random(6)
      return both(mapped((x) => x + random.normal()))
    })(),
    'answers/change-between-calls',
    'error',
  ],
  [
    'a little noise added',
    (() => {
      const random = new Random(6)
      return both(mapped((x) => x + 0.005 * random.normal()))
    })(),
    'answers/change-between-calls',
    'warning',
  ],
  ['a count of calls', both(mapped((x) => x + calls++ * 1e-3)), 'answers/change-between-calls', 'error'],
  [
    "the batch's mean taken off",
    both(({ data, dims }) => {
      const perSound = data.length / dims[0]
      const mean = (i: number) => {
        let sum = 0
        for (let sound = 0; sound < dims[0]; sound++) sum += data[sound * perSound + (i % perSound)] / dims[0]
        return sum
      }
      return { data: data.map((x, i) => (dims[0] > 1 ? x - 0.5 * mean(i) : x)), dims }
    }),
    'answers/depend-on-neighbours',
    'error',
  ],
  [
    'state carried through the batch',
    both(({ data, dims }) => {
      const perSound = data.length / dims[0]
      return { data: data.map((x, i) => (i < perSound ? x : x + 0.3 * data[i - perSound])), dims }
    }),
    'answers/depend-on-order',
    'error',
  ],
  ['one constant answer', both(mapped((_, i) => i % 8)), 'answers/ignore-input', 'error'],
  ['only zeros', both(mapped(() => 0)), 'answers/ignore-input', 'error'],
  [
    'embeddings that do not follow time',
    embeddings(({ data, dims }) => ({ data: data.map((_, i) => data[i % 8]), dims })),
    'timestamps/click-unseen',
    'warning',
  ],
  [
    'an error on short sounds',
    embeddings((tensor, audio) => {
      if (audio.dims[1] < 400) throw new RangeError('window longer than the audio')
      return tensor
    }),
    'call/failed',
    'error',
  ],
  [
    'NaN on silence',
    both((tensor, audio) =>
      audio.data.every((sample) => sample === 0) ? mapped(() => Number.NaN)(tensor) : tensor,
    ),
    'embeddings/not-finite',
    'error',
  ],
  [
    'timestamps that go back after 20 s',
    times((time) => (time > 20_000 ? 40_000 - time : time)),
    'timestamps/decreasing',
    'error',
  ],
  [
    'no frame of 0.3 s',
    {
      timestampAnswer: ({ embeddings: { data, dims }, timestamps }, audio) =>
        audio.dims[1] > 0.5 * 16000
          ? { embeddings: { data, dims }, timestamps }
          : {
              embeddings: { data: data.subarray(0, 0), dims: [dims[0], 0, dims[2]] },
              timestamps: { data: timestamps.data.subarray(0, 0), dims: [dims[0], 0] },
            },
    },
    'timestamps/none',
    'error',
  ],
  [
    'frames of the first 10 s only',
    {
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings: first(embeddings, 200),
        timestamps: first(timestamps, 200),
      }),
    },
    'timestamps/early-end',
    'error',
  ],
  [
    'frames of the first 10 s only, less the last two',
    {
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings: first(embeddings, Math.min(200, Math.max(1, timestamps.dims[1] - 2))),
        timestamps: first(timestamps, Math.min(200, Math.max(1, timestamps.dims[1] - 2))),
      }),
    },
    'timestamps/early-end',
    'error',
  ],
  [
    'a frame that knows where audio is cut',
    { declares: { ...LICENCES, pieces: PIECES }, ...atCut(0.3) },
    'answers/depend-on-cuts',
    'error',
  ],
  [
    'a frame that knows a little where audio is cut',
    { declares: { ...LICENCES, pieces: PIECES }, ...atCut(0.005) },
    'answers/depend-on-cuts',
    'warning',
  ],
  [
    'scenes that are not the means that they are of long audio',
    { declares: { ...LICENCES, sceneEveryFrames: 5 } },
    'answers/depend-on-cuts',
    'error',
  ],
  ['no licence', { declares: { codeLicense: 'MIT' } }, 'licence/missing', 'warning'],
  ['a sample rate that is none', { attributes: { sampleRate: 8000 } }, 'attributes/sample-rate', 'error'],
  ['a size of half', { attributes: { sceneEmbeddingSize: 8.5 } }, 'attributes/not-a-whole-number', 'error'],
  [
    'values that do not fill the dims',
    embeddings(({ data, dims }) => ({ data: data.subarray(1), dims })),
    'embeddings/not-a-tensor',
    'error',
  ],
]

test.each(FAULTS)('%s is found', async (_, faults, code, severity) => {
  const report = await reportOn(faults)
  const found = report.findings.filter((finding) => finding.code === code)
  expect(
    found.map((finding) => finding.severity),
    JSON.stringify(report.findings, null, 1),
  ).toContain(severity)
  expect(report.verdict).toBe(report.findings.some((one) => one.severity === 'error') ? 'fail' : 'pass')
})

test('a sound model passes over 20 minutes, and its drift is nothing', async () => {
  const report = await reportOn({ hopMs: 25 }, 'full')
  expect(report.findings).toEqual([])
  expect(report.checks.map(({ status }) => status)).not.toContain('not run')
  expect(Math.abs(report.measured.driftMs!)).toBeLessThan(1)
  expect(Math.abs(report.measured.clickOffsetMs!)).toBeLessThan(2)
})

test.each([
  // 25 ms at 44.1 kHz are 1102.5 samples.
  [
    'a hop rounded to whole samples',
    { sampleRate: 44100, hopMs: 25, lateSamples: (ms: number) => (-0.5 * ms) / 25 },
  ],
  ['windows that run 30 ms ahead in 20 minutes', { lateSamples: (ms: number) => (16 * 30 * ms) / 1.2e6 }],
])('drift over 20 minutes is found: %s', async (_, faults) => {
  const report = await reportOn(faults, 'full')
  expect(report.findings.map(({ code }) => code)).toEqual(['timestamps/drift'])
})

test('what a failing check makes impossible is not run, with the reason', async () => {
  const report = await reportOn({ without: ['getSceneEmbeddings'], ...times(() => Number.NaN) })
  const reasons = Object.fromEntries(report.checks.map(({ id, reason }) => [id, reason]))
  expect(reasons).toMatchInlineSnapshot(`
    {
      "attributes": null,
      "batch-scenes": "it has no function for scene embeddings",
      "batch-timestamps": null,
      "clicks": "its timestamps cannot be used",
      "edges-scenes": "it has no function for scene embeddings",
      "edges-timestamps": null,
      "functions": null,
      "input-scenes": "it has no function for scene embeddings",
      "input-timestamps": null,
      "licences": null,
      "load": null,
      "long-scenes": "left out of a quick run",
      "long-timestamps": "left out of a quick run",
      "memory": null,
      "pieces": "its timestamps cannot be used",
      "repeat-scenes": "it has no function for scene embeddings",
      "repeat-timestamps": null,
      "scenes": "it has no function for scene embeddings",
      "timestamps": null,
    }
  `)
})
