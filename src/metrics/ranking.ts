/**
 * Scores of each class in descending order, sorted once, so that average precision and ROC area under any
 * weights are one pass without sorting.
 *
 * Layout: class c owns places c * rows to (c + 1) * rows of `row` and `flags`, best score first.
 */
import type { ClipMetricInput, UnitWeights } from './metric.js'

const POSITIVE = 1
const LAST_OF_TIE = 2

export interface Ranking {
  readonly rows: number
  readonly classes: number
  /** [classes, rows] the row at each place. */
  readonly row: Uint32Array
  /** [classes, rows] bit 1: the row has the class; bit 2: the next score is lower. */
  readonly flags: Uint8Array
}

/** Index bits of a packed sort key: 32 key bits and 21 index bits are exact in a double. */
const INDEX_RANGE = 2 ** 21

/**
 * Ranks predictions [rows, classes] (row-major, all finite) by class. `hot` [rows, classes] says which rows have the
 * class. Equal scores are one tie; -0 equals 0.
 */
export function rankByClass(
  predictions: ClipMetricInput['predictions'],
  hot: Uint8Array,
  rows: number,
  classes: number,
): Ranking {
  const row = new Uint32Array(rows * classes)
  const flags = new Uint8Array(rows * classes)
  const column = predictions instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows)
  for (let c = 0; c < classes; c++) {
    // Adding 0 turns -0 into 0, which sorts apart by its bits.
    for (let i = 0; i < rows; i++) column[i] = predictions[i * classes + c] + 0
    const order = row.subarray(c * rows, (c + 1) * rows)
    if (column instanceof Float32Array && rows <= INDEX_RANGE) orderBySortKey(column, order)
    else orderByComparison(column, order)
    for (let k = 0; k < rows; k++) {
      const i = order[k]
      const last = k === rows - 1 || column[order[k + 1]] !== column[i]
      flags[c * rows + k] = (hot[i * classes + c] ? POSITIVE : 0) | (last ? LAST_OF_TIE : 0)
    }
  }
  return { rows, classes, row, flags }
}

/** Descending order through one double a row: the score's bits made monotone above, the row below. */
function orderBySortKey(scores: Float32Array, order: Uint32Array): void {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length)
  const keys = new Float64Array(scores.length)
  for (let i = 0; i < scores.length; i++) {
    const b = bits[i]
    // Ascending keys for descending scores: negative floats already grow in magnitude, positive ones are flipped.
    const descending = b >>> 31 ? b : 0x7fffffff - b
    keys[i] = descending * INDEX_RANGE + i
  }
  keys.sort()
  for (let k = 0; k < keys.length; k++) order[k] = keys[k] % INDEX_RANGE
}

function orderByComparison(scores: Float32Array | Float64Array, order: Uint32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i
  order.sort((a, b) => scores[b] - scores[a] || a - b)
}

/**
 * Area under the ROC curve of class c: the probability that a row with the class scores above one without it, ties
 * counting half. Undefined where rows with or without the class have no weight.
 *
 * Source: the Mann-Whitney statistic; equals the trapezoidal area of scikit-learn 1.2.1 `roc_auc_score`.
 * *Differs*: pairs are counted, so that without weights nothing is rounded before the last division.
 */
export function rocAuc(ranking: Ranking, c: number, weights?: UnitWeights): number | undefined {
  const { rows, row, flags } = ranking
  let positives = 0
  let negatives = 0
  let tiedPositives = 0
  let tiedNegatives = 0
  let wins = 0
  for (let k = c * rows; k < (c + 1) * rows; k++) {
    const weight = weights ? weights[row[k]] : 1
    if (flags[k] & POSITIVE) tiedPositives += weight
    else tiedNegatives += weight
    if (flags[k] & LAST_OF_TIE) {
      wins += tiedNegatives * (positives + tiedPositives / 2)
      positives += tiedPositives
      negatives += tiedNegatives
      tiedPositives = 0
      tiedNegatives = 0
    }
  }
  return positives === 0 || negatives === 0 ? undefined : wins / (positives * negatives)
}

/**
 * Average precision of class c: precision at each distinct score, weighted by the gain in recall there, without
 * interpolation. Undefined where rows with the class have no weight.
 *
 * Source: scikit-learn 1.2.1 `average_precision_score`.
 */
export function averagePrecision(ranking: Ranking, c: number, weights?: UnitWeights): number | undefined {
  const { rows, row, flags } = ranking
  let positives = 0
  let seen = 0
  let tiedPositives = 0
  let sum = 0
  for (let k = c * rows; k < (c + 1) * rows; k++) {
    const weight = weights ? weights[row[k]] : 1
    seen += weight
    if (flags[k] & POSITIVE) tiedPositives += weight
    if (flags[k] & LAST_OF_TIE && tiedPositives > 0) {
      positives += tiedPositives
      sum += tiedPositives * (positives / seen)
      tiedPositives = 0
    }
  }
  return positives === 0 ? undefined : sum / positives
}

export interface RocPoint {
  readonly falsePositiveRate: number
  readonly truePositiveRate: number
}

/**
 * The ROC curve of class c, from accepting nothing to accepting everything, one point for each distinct score; every
 * row counts once. Empty where all rows or no rows have the class.
 *
 * Source: scikit-learn 1.2.1 `roc_curve`. *Differs*: points on a straight line are kept.
 */
export function rocPoints(ranking: Ranking, c: number): RocPoint[] {
  const { rows, flags } = ranking
  const ofClass = flags.subarray(c * rows, (c + 1) * rows)
  const positives = ofClass.reduce((sum, flag) => sum + (flag & POSITIVE), 0)
  const negatives = rows - positives
  if (positives === 0 || negatives === 0) return []
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0 }]
  let accepted = 0
  for (const [k, flag] of ofClass.entries()) {
    accepted += flag & POSITIVE
    if (flag & LAST_OF_TIE)
      points.push({
        falsePositiveRate: (k + 1 - accepted) / negatives,
        truePositiveRate: accepted / positives,
      })
  }
  return points
}
