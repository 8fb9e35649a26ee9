import { type SoxrStages, type Stage, valueAt } from './soxr-stages.js'

/**
 * A linear-phase low-pass as a function of time. Times are in samples of the lower of the two rates, so that
 * 1 in frequency is the lower Nyquist frequency whatever the rates are.
 */
export interface LowPass {
  /** Points of `half` per unit of time. */
  readonly density: number
  /** The filter at times 0, 1 / density, 2 / density, ...; it is even, zero beyond, and its integral is 1. */
  readonly half: Float64Array
}

/** Points of the filter per sample of the sharp filter; between them a cubic is right to 1e-8 of its peak. */
const SUBDIVISION = 64

/**
 * The low-pass that soxr's stages amount to, all in one: pass band to 0.9137 of the lower Nyquist frequency
 * (0.008 dB down at 0.9, the interpolator's roll-off), stop band from 1.0, 126 dB or more.
 * @param lowHz the lower of the two rates
 */
export function lowPassOf({ sharp, interpolator, fourfold }: SoxrStages, lowHz: number): LowPass {
  const density = (sharp.unitHz / lowHz) * SUBDIVISION
  let half = interpolator === undefined ? sampled(sharp, sharp.unitHz) : interpolated(sharp, interpolator)
  // Where the ratio is little over 4, this last stage takes something off the transition band, too.
  if (fourfold !== undefined)
    half = convolved(half, thinned(sampled(fourfold, sharp.unitHz), SUBDIVISION / 8))
  const integral = half.reduce((sum, value) => sum + 2 * value, -half[0]) / density
  return { density, half: half.map((value) => value / integral) }
}

/** Where the filter ends, in samples of the lower rate. */
export function lowPassHalfWidth({ density, half }: LowPass): number {
  return half.length / density
}

/** The filter at a time of either sign, by the third-degree polynomial through the four nearest points. */
export function lowPassAt({ density, half }: LowPass, time: number): number {
  const position = Math.abs(time) * density
  const i = Math.floor(position)
  if (i >= half.length) return 0
  const u = position - i
  const before = half[Math.abs(i - 1)]
  const next = half[i + 1] ?? 0
  const last = half[i + 2] ?? 0
  return (
    (-u * (1 - u) * (2 - u) * before) / 6 +
    ((1 - u) * (1 + u) * (2 - u) * half[i]) / 2 +
    (u * (1 + u) * (2 - u) * next) / 2 -
    (u * (1 + u) * (1 - u) * last) / 6
  )
}

/** The sharp filter's taps, each spread by the interpolator. */
function interpolated(sharp: Stage, interpolator: Stage): Float64Array {
  return convolved(sampled(interpolator, sharp.unitHz), thinned(sampled(sharp, sharp.unitHz), SUBDIVISION))
}

/** Every n-th point and zeros between, which is the filter and its images far above it. */
function thinned(half: Float64Array, n: number): Float64Array {
  return half.map((value, i) => (i % n === 0 ? value : 0))
}

/** Two even filters one after the other, each given by its half. */
function convolved(a: Float64Array, b: Float64Array): Float64Array {
  const half = new Float64Array(a.length + b.length - 1)
  for (let j = 1 - b.length; j < b.length; j++) {
    const weight = b[Math.abs(j)]
    if (weight === 0) continue
    const last = Math.min(half.length - 1, j + a.length - 1)
    for (let i = Math.max(0, j - a.length + 1); i <= last; i++) half[i] += weight * a[Math.abs(i - j)]
  }
  return half
}

/** The filter at 0, 1, 2, ... points, of which there are SUBDIVISION in a sample at `rateHz`, to its end. */
function sampled({ filter, unitHz }: Stage, rateHz: number): Float64Array {
  const unitsPerPoint = unitHz / rateHz / SUBDIVISION
  const length = Math.floor(filter.halfWidth / unitsPerPoint) + 1
  return Float64Array.from({ length }, (_, i) => valueAt(filter, i * unitsPerPoint))
}
