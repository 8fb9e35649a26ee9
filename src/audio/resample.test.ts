import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../num/random.js'
import { createResampler, resampledLength } from './resample.js'
import { type Stage, soxrStages, valueAt } from './soxr-stages.js'

const TO_HZ = [16000, 22050, 32000, 44100, 48000]
const COMMON_HZ = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000]

const whiteNoise = (name: string, length: number, peak = 20_000): Int16Array => {
  const random = new Random(name)
  return Int16Array.from({ length }, () => peak * (2 * random.uniform() - 1))
}

/** soxr's stages one after the other, each a plain sum over all of its input, in double precision. */
function slowly(samples: ArrayLike<number>, fromHz: number, toHz: number): number[] {
  const stages = soxrStages(fromHz, toHz).inOrder
  const nOutputs = resampledLength(samples.length, fromHz, toHz)
  // So many that what comes after a stage's last output would not have been heard at the end.
  const lengthSec = samples.length / fromHz + stages.reduce((sum, stage) => sum + reachSec(stage), 0)
  return stages
    .reduce((input, stage) => runStage(stage, input, lengthSec), Array.from(samples))
    .slice(0, nOutputs)
}

const reachSec = ({ filter, unitHz }: Stage) => filter.halfWidth / unitHz

function runStage(stage: Stage, input: number[], lengthSec: number): number[] {
  const { fromHz, toHz, unitHz, filter } = stage
  return Array.from({ length: Math.ceil(lengthSec * toHz) }, (_, n) => {
    const first = Math.max(0, Math.ceil((n / toHz - reachSec(stage)) * fromHz))
    const last = Math.min(input.length - 1, Math.floor((n / toHz + reachSec(stage)) * fromHz))
    let sum = 0
    for (let k = first; k <= last; k++) sum += valueAt(filter, (n / toHz - k / fromHz) * unitHz) * input[k]
    return (sum * unitHz) / fromHz
  })
}

describe('createResampler', () => {
  // Of every kind: one filter, two either way round, halvings, a fourfold end, all phases and the nearest ones.
  const kinds = [
    [44100, 22050],
    [32000, 48000],
    [44100, 16000],
    [16000, 44100],
    [48000, 44100],
    [37800, 22050],
    [96000, 16000],
    [96000, 22050],
    [192000, 16000],
    [8000, 48000],
    [8000, 44100],
    [44101, 16000],
    [15999, 48000],
    [4000, 16000],
  ]
  it.each(kinds)('does in one step what soxr’s stages do in several: %d to %d Hz', (fromHz, toHz) => {
    // Not so loud that the output is clamped.
    const samples = whiteNoise(`${fromHz} ${toHz}`, Math.round(700 * Math.max(1, fromHz / toHz)), 10_000)
    const ours = createResampler(fromHz, toHz).resample(samples)
    const expected = slowly(samples, fromHz, toHz)
    expect(ours).toHaveLength(expected.length)
    const worst = ours.reduce((max, value, n) => Math.max(max, Math.abs(value - expected[n])), 0)
    // Half for the rounding, and what stages cut at -126 dB leave of noise at full scale; soxr's halvings are
    // known to a percent only.
    expect(worst).toBeLessThan(0.6)
  })

  it.each(
    TO_HZ.flatMap((toHz) =>
      COMMON_HZ.filter((fromHz) => fromHz !== toHz).map((fromHz) => [fromHz, toHz] as const),
    ),
  )('has no delay and gain 1: a low tone stays where it was, %d to %d Hz', (fromHz, toHz) => {
    const toneAt = (n: number, rateHz: number) => 30_000 * Math.sin((2 * Math.PI * 440 * n) / rateHz)
    const samples = Int16Array.from({ length: fromHz / 5 }, (_, n) => Math.round(toneAt(n, fromHz)))
    const ours = createResampler(fromHz, toHz).resample(samples)
    const side = Math.round(toHz / 20)
    const worst = ours
      .subarray(side, -side)
      .reduce((max, value, i) => Math.max(max, Math.abs(value - toneAt(side + i, toHz))), 0)
    // Two roundings; the input's can add up over the taps.
    expect(worst).toBeLessThan(2)
  })

  it('gives a constant back exactly, away from the ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4000, max: 192_000 }),
        fc.constantFrom(...TO_HZ),
        fc.integer({ min: -32768, max: 32767 }),
        (fromHz, toHz, level) => {
          const samples = new Int16Array(Math.ceil(600 * Math.max(1, fromHz / toHz))).fill(level)
          const output = createResampler(fromHz, toHz).resample(samples)
          const side = Math.ceil(150 * Math.max(1, toHz / fromHz))
          const middle = output.subarray(side, output.length - side)
          expect(middle.length).toBeGreaterThan(0)
          expect(middle.every((value) => value === level)).toBe(true)
        },
      ),
      { seed: 4, numRuns: 25 },
    )
  })

  it('is linear but for the rounding', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...COMMON_HZ, 44101),
        fc.constantFrom(...TO_HZ),
        fc.string(),
        (fromHz, toHz, seed) => {
          const { resample } = createResampler(fromHz, toHz)
          const a = whiteNoise(`${seed}a`, 2000, 10_000)
          const b = whiteNoise(`${seed}b`, 2000, 10_000)
          const together = resample(a.map((value, i) => value + b[i]))
          const apart = [resample(a), resample(b)]
          for (let n = 0; n < together.length; n++)
            expect(Math.abs(together[n] - apart[0][n] - apart[1][n])).toBeLessThanOrEqual(1)
        },
      ),
      { seed: 5, numRuns: 10 },
    )
  })

  it('moves with its input, to the bit and over block borders', () => {
    for (const [fromHz, toHz] of [
      [44100, 16000],
      [16000, 44100],
      [96000, 22050],
      [8000, 48000],
    ]) {
      const { resample } = createResampler(fromHz, toHz)
      const later = fromHz / 10
      const samples = whiteNoise('moved', fromHz / 2)
      const padded = new Int16Array(later + samples.length)
      padded.set(samples, later)
      // Behind silence no stage's start shows; at the very beginning soxr's stages do.
      const beyondStart = 250 * Math.max(1, Math.ceil(toHz / fromHz))
      const moved = resample(padded).subarray(toHz / 10)
      expect(moved.subarray(beyondStart)).toEqual(resample(samples).subarray(beyondStart, moved.length))
    }
  })

  it('gives the same for a clip whatever came before it, and leaves the clip as it was', () => {
    const { resample } = createResampler(44100, 16000)
    const clip = whiteNoise('again', 30_000)
    const copy = clip.slice()
    const first = resample(clip)
    resample(whiteNoise('loud', 50_000, 32_767))
    expect(resample(clip)).toEqual(first)
    expect(clip).toEqual(copy)
  })

  it('clamps at full scale, and cannot overflow', () => {
    const square = Int16Array.from({ length: 8000 }, (_, n) => (n % 100 < 50 ? 32767 : -32768))
    const output = createResampler(44100, 48000).resample(square)
    expect(Math.max(...output)).toBe(32767)
    expect(Math.min(...output)).toBe(-32768)
    // The signs that make every product positive at the middle of one phase's window.
    const { resample } = createResampler(44100, 16000)
    const impulse = new Int16Array(1201)
    impulse[600] = 32767
    const response = createResampler(16000, 44100).resample(impulse)
    const worst = Int16Array.from({ length: 1200 }, (_, i) => (response[1000 + i] < 0 ? -32768 : 32767))
    expect(Math.max(...resample(worst))).toBe(32767)
  })

  it('gives samples at the same rate back, as a copy', () => {
    const clip = whiteNoise('same', 100)
    const same = createResampler(16000, 16000).resample(clip)
    expect(same).toEqual(clip)
    expect(same).not.toBe(clip)
  })

  it('gives nothing for nothing, and for too little', () => {
    const { resample } = createResampler(44100, 16000)
    expect(resample(new Int16Array(0))).toHaveLength(0)
    expect(resample(new Int16Array(1))).toHaveLength(0)
    expect(resample(new Int16Array(2))).toHaveLength(1)
  })

  it('keeps to its memory for 20 minutes', () => {
    const { resample } = createResampler(8000, 16000)
    const before = process.memoryUsage().arrayBuffers
    const output = resample(new Int16Array(20 * 60 * 8000).fill(5))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(
      output.byteLength + 20 * 60 * 8000 * 2 + 2 ** 22,
    )
    expect(output[output.length / 2]).toBe(5)
  })

  it.each([
    [44100.5, 16000, 'from whole rates of 4000 to 192000 Hz; found 44100.5'],
    [200_000, 16000, 'from whole rates of 4000 to 192000 Hz; found 200000'],
    [44100, 3999, 'to whole rates of 4000 to 48000 Hz; found 3999'],
    [44100, Number.NaN, 'to whole rates of 4000 to 48000 Hz; found NaN'],
  ])('refuses %d to %d Hz', (fromHz, toHz, message) => {
    expect(() => createResampler(fromHz, toHz)).toThrow(message)
  })
})

describe('resampledLength', () => {
  it('rounds halves up, without an error for long clips', () => {
    expect(resampledLength(997, 44100, 22050)).toBe(499)
    expect(resampledLength(0, 44100, 22050)).toBe(0)
    expect(resampledLength(230_400_001, 192_000, 44_100)).toBe(52_920_000)
    expect(resampledLength(48_000 * 86_400, 48_000, 44_100)).toBe(44_100 * 86_400)
  })
})
