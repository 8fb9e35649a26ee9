import { describe, expect, it } from 'vitest'
import { KernelMemory } from '../memory.js'
import { Random } from '../random.js'
import { instantiateKernels } from './kernels.js'
import {
  bandTable,
  placeTable,
  SPECTRUM_BINS,
  SPECTRUM_FRAME,
  SPECTRUM_WORK_FLOATS,
  turnTable,
  twiddleTable,
} from './spectrum-tables.js'

const twiddles = twiddleTable()
const turns = turnTable()

function setUp(nBands = 4, nWeights = 4) {
  const memory = new KernelMemory([
    ['frames', 4 * SPECTRUM_FRAME],
    ['window', SPECTRUM_FRAME],
    ['work', SPECTRUM_WORK_FLOATS],
    ['power', 4 * SPECTRUM_BINS],
    ['twiddles', twiddles.length],
    ['places', SPECTRUM_BINS],
    ['turns', turns.length],
    ['bands', 2 * nBands],
    ['weights', nWeights],
    ['rows', 4 * nBands],
  ])
  memory.floats('twiddles').set(twiddles)
  memory.floats('turns').set(turns)
  memory.i32.set(placeTable(), memory.at('places'))
  return { memory, kernels: instantiateKernels(memory.memory) }
}

/** Power spectra [4][2049] of four windowed frames. */
function kernelPower(frames: readonly Float32Array[], window: Float32Array): Float32Array[] {
  const { memory, kernels } = setUp()
  frames.forEach((frame, lane) => {
    memory.floats('frames').set(frame, lane * SPECTRUM_FRAME)
  })
  memory.floats('window').set(window)
  const [work, power] = [memory.address('work'), memory.address('power')]
  kernels.windowFour(memory.address('frames'), memory.address('window'), work)
  kernels.transformFour(work, memory.address('twiddles'))
  kernels.powerFour(work, memory.address('places'), memory.address('turns'), power)
  const values = memory.floats('power')
  return frames.map((_, lane) => Float32Array.from({ length: SPECTRUM_BINS }, (_, k) => values[4 * k + lane]))
}

const COSINES = Float64Array.from({ length: SPECTRUM_FRAME }, (_, n) =>
  Math.cos((2 * Math.PI * n) / SPECTRUM_FRAME),
)
const SINES = Float64Array.from({ length: SPECTRUM_FRAME }, (_, n) =>
  Math.sin((2 * Math.PI * n) / SPECTRUM_FRAME),
)

/** The definition, bin by bin, in double precision. */
function slowPower(frame: Float32Array, window: Float32Array, k: number): number {
  let re = 0
  let im = 0
  for (let n = 0; n < SPECTRUM_FRAME; n++) {
    const sample = frame[n] * window[n]
    re += sample * COSINES[(k * n) % SPECTRUM_FRAME]
    im -= sample * SINES[(k * n) % SPECTRUM_FRAME]
  }
  return re * re + im * im
}

function noise(seed: string, length: number, scale = 1): Float32Array {
  const random = new Random(seed)
  return Float32Array.from({ length }, () => scale * (2 * random.uniform() - 1))
}

describe('the spectrum kernels', () => {
  it('give the power spectrum that the definition gives, at every bin, for four different frames', () => {
    const window = noise('window', SPECTRUM_FRAME)
    const frames = [
      noise('a', SPECTRUM_FRAME),
      noise('b', SPECTRUM_FRAME, 1e-3),
      Float32Array.from({ length: SPECTRUM_FRAME }, (_, n) => Math.sin(0.3 * n)),
      Float32Array.from({ length: SPECTRUM_FRAME }, (_, n) => (n === 1234 ? 1 : 0)),
    ]
    const powers = kernelPower(frames, window)
    powers.forEach((power, lane) => {
      let worst = 0
      let peak = 0
      for (let k = 0; k < SPECTRUM_BINS; k++) {
        const expected = slowPower(frames[lane], window, k)
        peak = Math.max(peak, expected)
        worst = Math.max(worst, Math.abs(Math.sqrt(power[k]) - Math.sqrt(expected)))
      }
      // Rounding grows with the root of the number of passes: 1e-6 of the peak is eight float32 roundings.
      expect(worst / Math.sqrt(peak)).toBeLessThan(1e-6)
    })
  })

  it('put a pure tone into its own bin, at both ends and in the middle', () => {
    const ones = new Float32Array(SPECTRUM_FRAME).fill(1)
    const bins = [0, 1, 1024, 2048]
    const tones = bins.map((bin) =>
      Float32Array.from({ length: SPECTRUM_FRAME }, (_, n) =>
        Math.cos((2 * Math.PI * ((bin * n) % SPECTRUM_FRAME)) / SPECTRUM_FRAME),
      ),
    )
    kernelPower(tones, ones).forEach((power, lane) => {
      const amplitude = bins[lane] === 0 || bins[lane] === 2048 ? SPECTRUM_FRAME : SPECTRUM_FRAME / 2
      expect(power.indexOf(Math.max(...power))).toBe(bins[lane])
      expect(power[bins[lane]] / amplitude ** 2).toBeCloseTo(1, 5)
      expect(power.reduce((sum, value) => sum + value, 0) / amplitude ** 2).toBeCloseTo(1, 5)
    })
  })

  it('sum the bands and take logarithms row by row as the dense product does', () => {
    const nBands = 8
    const random = new Random('bands')
    const matrix = new Float32Array(nBands * SPECTRUM_BINS)
    // Widths 0 (a band without weights) to 7, the last one at the very end.
    for (let band = 0; band < nBands; band++)
      for (let j = 0; j < band; j++)
        matrix[band * SPECTRUM_BINS + (band === 7 ? SPECTRUM_BINS - 7 : 100 * band) + j] =
          random.uniform() + 0.1
    const { bands, weights } = bandTable(matrix, nBands, SPECTRUM_BINS)
    expect(weights).toHaveLength(28)
    const { memory, kernels } = setUp(nBands, weights.length)
    memory.i32.set(bands, memory.at('bands'))
    memory.floats('weights').set(weights)
    const power = memory.floats('power')
    power.set(noise('power', power.length).map((value) => value * value))
    const floor = 1e-4
    kernels.logBandsFour(
      memory.address('power'),
      memory.address('bands'),
      memory.address('weights'),
      nBands,
      floor,
      memory.address('rows'),
    )
    for (let lane = 0; lane < 4; lane++)
      for (let band = 0; band < nBands; band++) {
        let sum = floor
        for (let k = 0; k < SPECTRUM_BINS; k++) sum += matrix[band * SPECTRUM_BINS + k] * power[4 * k + lane]
        expect(Math.abs(memory.floats('rows')[lane * nBands + band] - Math.log(sum))).toBeLessThan(2e-6)
      }
  })

  it('take the logarithm to 2e-7 of its value over the whole range of float32', () => {
    const random = new Random('log')
    const x = Float32Array.from({ length: 100_000 }, (_, i) =>
      // The first half spans all exponents, the second stays near 1, where the logarithm is small.
      i < 50_000 ? 2 ** (253 * random.uniform() - 126) : 1 + 0.5 * (random.uniform() - 0.5),
    )
    x.set([1, 2, 0.5, Math.SQRT2, Math.SQRT1_2, 1e-4, 3.4e38, 2 ** -126])
    const memory = new KernelMemory([
      ['x', x.length],
      ['out', x.length],
    ])
    memory.floats('x').set(x)
    instantiateKernels(memory.memory).logarithms(memory.address('x'), memory.address('out'), x.length)
    const out = memory.floats('out')
    let worst = 0
    for (let i = 0; i < x.length; i++) {
      const expected = Math.log(x[i])
      if (expected === 0) expect(out[i]).toBe(0)
      else worst = Math.max(worst, Math.abs(out[i] / expected - 1))
    }
    expect(worst).toBeLessThan(2e-7)
  })

  it('turn a sample that is not finite into NaN and leave the other frames alone', () => {
    const memory = new KernelMemory([
      ['x', 4],
      ['out', 4],
    ])
    memory.floats('x').set([Number.NaN, Number.POSITIVE_INFINITY, 1, 2])
    instantiateKernels(memory.memory).logarithms(memory.address('x'), memory.address('out'), 4)
    expect([...memory.floats('out')]).toEqual([Number.NaN, Number.NaN, 0, Math.fround(Math.LN2)])
  })
})
