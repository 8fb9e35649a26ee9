import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureRoots } from '../../test/fixtures.js'
import { ByteReader } from './byte-reader.js'
import { decodeMonoPcm } from './decode-mono-pcm.js'
import { createResampler, resampledLength } from './resample.js'

const TO_HZ = [16000, 22050, 32000, 44100, 48000]

/** Variance of rounding to whole steps, and of soxr's triangular dither. */
const ROUNDING = 1 / 12
const DITHER = 1 / 6

const decode = (path: string) => decodeMonoPcm(new ByteReader(createReadStream(path)), { name: path })

/**
 * Whether two signals in steps of 16 bits differ by less than -80 dB of the second one's level, beside noise of the
 * given variance that 16 bits cannot do without; 1.1 and 2 are for the scatter of that noise over few samples.
 */
function expectAlike(ours: Int16Array, theirs: ArrayLike<number>, noise: number): void {
  expect(ours).toHaveLength(theirs.length)
  let squares = 0
  let level = 0
  for (let n = 0; n < ours.length; n++) {
    squares += (ours[n] - theirs[n]) ** 2
    level += theirs[n] ** 2
  }
  expect(squares).toBeLessThanOrEqual(1e-8 * level + 1.1 * noise * ours.length + 2)
}

interface ResampleCase {
  id: string
  op: string
  input: { file: string; n_samples: number }
  args: { out_sr: number }
  expected: { value?: { file: string; n_samples: number; untouched: boolean } }
}

const cases = fixtureRoots()
  .map((root) => join(root, 'prepare/audio_ops'))
  .filter((folder) => existsSync(join(folder, 'cases.json')))
  .flatMap((folder) =>
    (JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases as ResampleCase[])
      .filter(({ op }) => op === 'resample_wav')
      .map((one) => ({ ...one, folder })),
  )

describe.skipIf(cases.length === 0)(
  'what hear-preprocess resampled (skipped unless HEAR_TEST_FIXTURES has prepare/audio_ops)',
  () => {
    it.each(cases)(
      '$id is the same but for dither and rounding',
      async ({ folder, input, args, expected }) => {
        const { sampleRate, samples } = await decode(join(folder, input.file))
        const ours = createResampler(sampleRate, args.out_sr).resample(samples)
        if (expected.value === undefined) {
          // The original fails where nothing is left.
          expect(ours).toHaveLength(0)
          return
        }
        expect(ours).toHaveLength(expected.value.n_samples)
        const theirs = await decode(join(folder, expected.value.file))
        if (expected.value.untouched) expect(ours).toEqual(theirs.samples)
        else expectAlike(ours, theirs.samples, DITHER + 2 * ROUNDING)
      },
    )
  },
)

/** Small tasks as the original prepared them, with some of their clips: `wavs/<rate>/<split>/<file>`. */
const small = fixtureRoots()
  .map((root) => join(root, 'prepare'))
  .filter(existsSync)
  .flatMap((folder) => readdirSync(folder).map((task) => join(folder, task)))
  .filter((folder) => existsSync(join(folder, 'audio.csv')))

interface ClipRow {
  rate: number
  nSamples: number
  nativeRate: number
  clip: string
}

/** The rows of audio.csv; names with commas would be quoted, and their rows are left out. */
function rowsOf(folder: string): ClipRow[] {
  const [header, ...lines] = readFileSync(join(folder, 'audio.csv'), 'utf8').trim().split('\n')
  const columns = header.split(',')
  const at = (name: string) => columns.indexOf(name)
  return lines
    .filter((line) => !line.includes('"'))
    .map((line) => line.split(','))
    .map((cells) => ({
      rate: Number(cells[at('sample_rate')]),
      nSamples: Number(cells[at('n_samples')]),
      nativeRate: Number(cells[at('native_rate')]),
      clip: join(cells[at('split')], cells[at('file')]),
    }))
}

describe.skipIf(small.length === 0)('HEAR’s small tasks (skipped unless HEAR_TEST_FIXTURES has them)', () => {
  it.each(small.map((folder) => [basename(folder), folder]))(
    '%s: every clip has as many samples at every rate',
    (_, folder) => {
      const rows = rowsOf(folder)
      const lengths = new Map(rows.map((row) => [`${row.rate} ${row.clip}`, row.nSamples]))
      let compared = 0
      for (const { rate, nSamples, nativeRate, clip } of rows) {
        const native = lengths.get(`${nativeRate} ${clip}`)
        if (native === undefined) continue
        expect([clip, resampledLength(native, nativeRate, rate)]).toEqual([clip, nSamples])
        compared++
      }
      // A task none of whose clips was prepared at its own rate tells nothing.
      expect(compared > 0 || !rows.some(({ rate, nativeRate }) => rate === nativeRate)).toBe(true)
    },
  )

  const clips = small.flatMap((folder) =>
    rowsOf(folder)
      .filter(({ rate, nativeRate }) => rate !== nativeRate)
      .map(({ rate, nativeRate, clip }) => ({
        clip: join(basename(folder), String(rate), clip),
        source: join(folder, 'wavs', String(nativeRate), clip),
        result: join(folder, 'wavs', String(rate), clip),
      }))
      .filter(({ source, result }) => existsSync(source) && existsSync(result)),
  )

  it('have clips at their own rate and another', () => expect(clips.length).toBeGreaterThan(0))

  it.each(clips)('$clip is the same but for dither and rounding', async ({ source, result }) => {
    const { sampleRate, samples } = await decode(source)
    const theirs = await decode(result)
    const ours = createResampler(sampleRate, theirs.sampleRate).resample(samples)
    expectAlike(ours, theirs.samples, DITHER + 2 * ROUNDING)
  })
})

/** ffmpeg's soxr in double precision, so without dither, in steps of 16 bits and clamped to them. */
function soxr(samples: Int16Array, fromHz: number, toHz: number): Float64Array {
  const raw = (rate: number) => ['-f', 'f64le', '-ar', String(rate), '-ac', '1']
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    [
      '-v',
      'error',
      ...raw(fromHz),
      '-i',
      'pipe:0',
      '-af',
      `aresample=${toHz}:resampler=soxr`,
      ...raw(toHz),
      'pipe:1',
    ],
    {
      input: new Uint8Array(Float64Array.from(samples, (value) => value / 32768).buffer),
      maxBuffer: 2 ** 30,
    },
  )
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return new Float64Array(new Uint8Array(stdout).buffer).map((value) =>
    Math.max(-32768, Math.min(32767, value * 32768)),
  )
}

const data = process.env.HEAR_TEST_DATA
const tasks = data === undefined ? undefined : join(data, 'data/tasks')
const recordings = tasks === undefined || !existsSync(tasks) ? [] : recordingsIn(tasks)
const hasSoxr = spawnSync('ffmpeg', ['-version']).stdout?.includes('libsoxr') === true

/** Two recordings of every folder of audio, the first and one from the middle. */
function recordingsIn(folder: string): string[] {
  return readdirSync(folder)
    .map((task) => join(folder, task, 'audio'))
    .filter(existsSync)
    .flatMap((audio) => {
      const files = readdirSync(audio)
        .filter((file) => /\.(wav|flac|ogg)$/.test(file))
        .sort()
      return [files[0], files[files.length >> 1]]
        .filter((file) => file !== undefined)
        .map((file) => join(audio, file))
    })
}

describe.skipIf(recordings.length === 0 || !hasSoxr)(
  'real recordings (skipped without HEAR_TEST_DATA, or an ffmpeg with libsoxr)',
  () => {
    it.each(recordings.map((path) => [join(basename(dirname(dirname(path))), basename(path)), path]))(
      '%s: to every rate, what differs from soxr is the rounding',
      async (_, path) => {
        const { sampleRate, samples } = await decode(path)
        // 5 s are enough to fill several blocks.
        const clip = samples.subarray(0, 5 * sampleRate)
        for (const toHz of TO_HZ.filter((rate) => rate !== sampleRate))
          expectAlike(
            createResampler(sampleRate, toHz).resample(clip),
            soxr(clip, sampleRate, toHz),
            ROUNDING,
          )
      },
    )
  },
)
