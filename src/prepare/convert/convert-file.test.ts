import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chunksOf, extensibleWav } from '../../../test/sound-files.js'
import { decodeWav } from '../../audio/decode-wav.js'
import { encodeWavPcm16 } from '../../audio/encode-wav.js'
import type { ClipTarget, ConversionSettings } from './conversion.js'
import { createFileConverter } from './convert-file.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-convert-'))
  for (const rate of [8000, 16000, 22050]) await mkdir(join(dir, String(rate), 'train'), { recursive: true })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const ramp = (nSamples: number) => Float32Array.from({ length: nSamples }, (_, i) => i / 32768)
const clip = (change: Partial<ClipTarget> = {}): ClipTarget => ({
  split: 'train',
  fileName: 'a.wav',
  ...change,
})

function convert(bytes: Uint8Array, change: Partial<ConversionSettings>, ...clips: readonly ClipTarget[]) {
  const settings: ConversionSettings = {
    sampleDurationSec: null,
    sampleRates: [8000],
    resampler: 'hearkit',
    dir,
    ...change,
  }
  const job = { path: 'rec/a.wav', clips, sampleRates: settings.sampleRates }
  return createFileConverter(settings)(job, chunksOf(bytes, 1000))
}

/** Samples of a written clip, in units of 1/32768. */
async function written(rate: number, fileName = 'a.wav'): Promise<number[]> {
  const { sampleRate, samples } = decodeWav(
    await readFile(join(dir, String(rate), 'train', fileName)),
    fileName,
  )
  expect(sampleRate).toBe(rate)
  return Array.from(samples, (sample) => sample * 32768)
}

describe('a source file', () => {
  it('keeps its samples at its own rate, and its clip has the recorded hash', async () => {
    const [made] = await convert(encodeWavPcm16(ramp(100), 8000), {}, clip())
    expect(await written(8000)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const bytes = await readFile(join(dir, '8000/train/a.wav'))
    expect(made).toEqual({
      split: 'train',
      fileName: 'a.wav',
      sha256: { 8000: createHash('sha256').update(bytes).digest('hex') },
      warnings: [],
    })
  })

  it('is cut or padded to the duration of the task at its own rate, and then resampled', async () => {
    await convert(
      encodeWavPcm16(ramp(100), 8000),
      { sampleDurationSec: 0.005, sampleRates: [8000, 16000] },
      clip(),
    )
    expect(await written(8000)).toEqual(Array.from({ length: 40 }, (_, i) => i))
    expect((await written(16000)).length).toBe(80)
    await convert(encodeWavPcm16(ramp(4), 8000), { sampleDurationSec: 0.001 }, clip())
    expect(await written(8000)).toEqual([0, 1, 2, 3, 0, 0, 0, 0])
  })

  it('comes to the nearest whole number of samples for a duration that is none', async () => {
    // 0.81 s are 17860.5 samples.
    await convert(
      encodeWavPcm16(ramp(30000), 22050),
      { sampleDurationSec: 0.81, sampleRates: [22050, 16000] },
      clip(),
    )
    expect((await written(22050)).length).toBe(17861)
    expect(Math.abs((await written(16000)).length - 0.81 * 16000)).toBeLessThanOrEqual(1)
  })

  it('gives several clips, each a piece of it', async () => {
    const cuts = [
      clip({ fileName: 'first.wav', cut: { startSample: 0, nSamples: 3 } }),
      clip({ fileName: 'last.wav', cut: { startSample: 98, nSamples: 2 } }),
    ]
    const made = await convert(encodeWavPcm16(ramp(100), 8000), {}, ...cuts)
    expect(made.map(({ fileName }) => fileName)).toEqual(['first.wav', 'last.wav'])
    expect(await written(8000, 'first.wav')).toEqual([0, 1, 2])
    expect(await written(8000, 'last.wav')).toEqual([98, 99])
  })

  it('is named where a piece lies beyond its end', async () => {
    const cut = { startSample: 98, nSamples: 3 }
    await expect(convert(encodeWavPcm16(ramp(100), 8000), {}, clip({ cut }))).rejects.toMatchObject({
      code: 'prepare/cut-beyond-end',
      message: '"a.wav" is samples 98 to 101 of "rec/a.wav", which has 100.',
    })
  })

  it('is named where it is no sound, and where it holds what is no number', async () => {
    await expect(convert(Buffer.from('hello'), {}, clip())).rejects.toThrow(
      /"rec\/a.wav" is not a sound file/,
    )
    const floats = new Uint8Array(Float32Array.of(0, Number.NaN).buffer)
    const wav = extensibleWav(floats, { tag: 3, bits: 32, channels: 1, mask: 4, sampleRate: 8000 })
    await expect(convert(wav, {}, clip())).rejects.toThrow(/"rec\/a.wav" holds NaN at sample 1/)
  })

  it('passes on what is odd about it', async () => {
    const cutOff = encodeWavPcm16(ramp(100), 8000).subarray(0, 144)
    const [{ warnings }] = await convert(cutOff, {}, clip())
    expect(warnings).toEqual([expect.stringContaining('"rec/a.wav"')])
    expect((await written(8000)).length).toBe(50)
  })
})
