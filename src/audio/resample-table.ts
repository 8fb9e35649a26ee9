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

const TAP_LIMIT = 32767
/** A lane of 32 bits holds the products of 16-bit samples with taps whose magnitudes sum to this. */
const LANE_LIMIT = 65535
const LANES = 4
/** For the rounding of the low halves, and for what the largest tap takes to make the sum exact. */
const SPARED = 64

/**
 * The taps of a low-pass for outputs that lie `phases[r]` (0 to 1, or a little beyond either) of an input sample
 * after an input sample. Each row sums to 1 exactly, so a constant comes out as it went in.
 *
 * 25 to 28 bits are kept, the fewer the longer the filter is; the error is below -122 dB of a tone at 12 times the
 * output rate, and below -130 dB at 3 times. The sums stay exact whatever the samples are, because no lane can overflow.
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
  const largestTap = Math.max(...rows.map((row) => Math.max(...row)))
  const unit = largestScale(Math.floor(TAP_LIMIT / largestTap), rows, (tap, scale) => Math.round(tap * scale))
  // Low halves are base / 4 in the mean; twice what that allows is surely too much.
  const mostBase = Math.floor((2 * LANE_LIMIT) / (nTaps / LANES / 4))
  const base = largestScale(mostBase, rows, (tap, scale) => lowPart(Math.round(tap * unit * scale), scale))
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

/** A whole scale, within 3 % of the largest, at which every part has 16 bits and no lane of a row can overflow. */
function largestScale(
  most: number,
  rows: readonly Float64Array[],
  part: (tap: number, scale: number) => number,
): number {
  let scale = most
  while (!rows.every((row) => fits(row, (tap) => Math.abs(part(tap, scale)))))
    scale = Math.floor(scale * 0.97)
  return scale
}

function fits(row: Float64Array, size: (tap: number) => number): boolean {
  const lanes = new Float64Array(LANES)
  for (let i = 0; i < row.length; i++) {
    const found = size(row[i])
    if (found > TAP_LIMIT - SPARED) return false
    lanes[(i % 8) >> 1] += found
  }
  return lanes.every((sum) => sum <= LANE_LIMIT - SPARED)
}
