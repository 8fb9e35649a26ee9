import { HearError } from '../../base/errors.js'
import type { FeatureRows } from './feature-rows.js'

/**
 * How features are scaled: `centred` takes away the mean of the training rows and divides all features by one number, the
 * root mean square of their deviations; `standardised` divides each feature by its own deviation.
 */
export const SCALINGS = ['centred', 'standardised'] as const
export type Scaling = (typeof SCALINGS)[number]

/** Relative spacing of float32: a feature that varies by less around its mean is constant but for rounding. */
const FLOAT32_EPS = 2 ** -23

/**
 * Moves every feature to mean 0 and deviation 1, its own or that of all features together, as some training rows have them.
 * A feature that is constant in those rows becomes 0 everywhere: it tells none of them apart, and elsewhere there is no
 * scale to measure it by. The squares of a training row add up to the number of features that are left, on average.
 */
export class FeatureScaler {
  private constructor(
    /** [inputSize] */
    private readonly mean: Float64Array,
    /** [inputSize] what to multiply by: one over a deviation, 0 for a constant feature. */
    private readonly scale: Float64Array,
  ) {}

  /**
   * Means and deviations (divided by n) of the rows, in two passes in double precision, so that a constant feature
   * has a deviation of exactly 0. With one row every feature is constant.
   *
   * Throws HearError `probe/not-finite` naming the first row with a NaN or infinite value.
   */
  static fit(rows: FeatureRows, scaling: Scaling): FeatureScaler {
    const size = rows.inputSize
    const mean = new Float64Array(size)
    for (let i = 0; i < rows.rows; i++) {
      const row = rows.row(i)
      for (let d = 0; d < size; d++) mean[d] += row[d]
    }
    for (let d = 0; d < size; d++) mean[d] /= rows.rows
    if (!mean.every(Number.isFinite)) refuseFirstNonFinite(rows)
    const squares = new Float64Array(size)
    for (let i = 0; i < rows.rows; i++) {
      const row = rows.row(i)
      for (let d = 0; d < size; d++) squares[d] += (row[d] - mean[d]) ** 2
    }
    const deviation = squares.map((sum, d) => {
      const own = Math.sqrt(sum / rows.rows)
      return own <= FLOAT32_EPS * Math.abs(mean[d]) ? 0 : own
    })
    const varying = deviation.filter((own) => own > 0)
    const common = Math.sqrt(varying.reduce((sum, own) => sum + own ** 2, 0) / varying.length)
    const scale = deviation.map((own) => (own === 0 ? 0 : 1 / (scaling === 'standardised' ? own : common)))
    return new FeatureScaler(mean, scale)
  }

  /**
   * Writes a row, scaled, and returns the sum of its squares.
   *
   * @param into [inputSize]
   * Throws HearError `probe/not-finite` naming the row.
   */
  write(rows: FeatureRows, index: number, into: Float32Array): number {
    const { mean, scale } = this
    const row = rows.row(index)
    let squares = 0
    for (let d = 0; d < row.length; d++) {
      const value = (row[d] - mean[d]) * scale[d]
      into[d] = value
      squares += value * value
    }
    // Finite in single precision too. An infinite value of a constant feature shows as well: 0 x Infinity is NaN.
    if (!Number.isFinite(Math.fround(squares))) throw nonFinite(rows, index)
    return squares
  }

  /** As `write`, then divided by the row's length; a row at the mean of all stays 0. */
  writeDirection(rows: FeatureRows, index: number, into: Float32Array): void {
    const squares = this.write(rows, index, into)
    if (squares === 0) return
    const shrink = 1 / Math.sqrt(squares)
    for (let d = 0; d < into.length; d++) into[d] *= shrink
  }
}

function refuseFirstNonFinite(rows: FeatureRows): never {
  let index = 0
  while (index < rows.rows - 1 && rows.row(index).every(Number.isFinite)) index++
  throw nonFinite(rows, index)
}

function nonFinite(rows: FeatureRows, index: number): HearError {
  const row = rows.row(index)
  const at = row.findIndex((value) => !Number.isFinite(value))
  const found = at < 0 ? 'values too large to square' : `${row[at]} as value ${at}`
  return new HearError(
    'probe/not-finite',
    `Expected finite embeddings, found ${found} in ${rows.describe(index)}.`,
    {
      hint: 'Run hear validate on the model: it must give finite embeddings for any audio.',
    },
  )
}
