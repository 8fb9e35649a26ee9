import { type LowPass, lowPassAt, lowPassHalfWidth } from './resample-filter.js'

/** Taps of several phases in whole numbers, as the resampling kernels take them. */
export interface TapTable {
  /** int16 [nRows, nTaps / 8, 2, 8]: high halves, then low halves. A tap is (high * base + low) / (unit * base). */
  readonly rows: Int16Array
  /** Taps of a row: a multiple of 8. */
  readonly nTaps: number
  /** The tap of a row at the last input sample not after the output; the first one is 0. */
  readonly middle: number
  readonly unit: number
  readonly base: number
}

/** A lane of 32 bits holds the products of 16-bit samples with taps whose magnitudes sum to this. */
const LANE_LIMIT = 65535
const LANES = 4

/**
 * The taps of a low-pass for outputs that lie `phases[r]` (0 to 1, or a little beyond either) of an input sample
 * after an input sample. Each row sums to 1 exactly, so a constant comes out as it went in.
 *
 * 26 to 28 bits are kept, however the filter spreads over the lanes: the error is below -130 dB of a full-scale
 * sine. The sums stay exact whatever the samples are, because no lane can overflow.
 * @param lowRateShare lower rate / input rate
 */
export function tapTable(lowPass: LowPass, phases: readonly number[], lowRateShare: number): TapTable {
  // One more on either side, for phases a little beyond 0 and 1.
  const middle = Math.ceil(lowPassHalfWidth(lowPass) / lowRateShare) + 1
  const nTaps = Math.ceil((2 * middle + 2) / 8) * 8
  const rows = phases.map((phase) => {
    const row = Float64Array.from({ length: nTaps }, (_, tap) =>
      lowPassAt(lowPass, (tap - middle - phase) * lowRateShare),
    )
    const sum = row.reduce((total, value) => total + value, 0)
    return row.map((value) => value / sum)
  })
  const unit = largestScale(2 ** 20, rows, (tap, scale) => Math.round(tap * scale), 32767)
  const base = largestScale(2 ** 14, rows, (tap, scale) => lowPart(Math.round(tap * unit * scale), scale))
  const table = new Int16Array(rows.length * nTaps * 2)
  rows.forEach((row, r) => {
    const whole = row.map((tap) => Math.round(tap * unit * base))
    const largest = whole.indexOf(Math.max(...whole))
    whole[largest] += unit * base - whole.reduce((total, tap) => total + tap, 0)
    whole.forEach((tap, i) => {
      const at = (r * nTaps + (i - (i % 8))) * 2 + (i % 8)
      const low = lowPart(tap, base)
      table[at] = (tap - low) / base
      table[at + 8] = low
    })
  })
  return { rows: table, nTaps, middle, unit, base }
}

/** What remains of a whole number beside the nearest multiple of base: between -base / 2 and base / 2. */
function lowPart(whole: number, base: number): number {
  return whole - Math.round(whole / base) * base
}

/** The largest power of two at which every part is at most `limit` and no lane of a row can overflow. */
function largestScale(
  most: number,
  rows: readonly Float64Array[],
  part: (tap: number, scale: number) => number,
  limit = 32767,
): number {
  let scale = most
  while (!rows.every((row) => fits(row, (tap) => Math.abs(part(tap, scale)), limit))) scale /= 2
  return scale
}

function fits(row: Float64Array, size: (tap: number) => number, limit: number): boolean {
  const lanes = new Float64Array(LANES)
  for (let i = 0; i < row.length; i++) {
    const found = size(row[i])
    // 16 spared for the rounding of halves, and for what the largest tap takes to make the sum exact.
    if (found > limit - 16) return false
    lanes[(i % 8) >> 1] += found
  }
  return lanes.every((sum) => sum <= LANE_LIMIT - 16)
}
