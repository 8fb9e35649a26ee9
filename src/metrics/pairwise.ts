/**
 * Evaluation without learning: do embeddings lie closer within a category than across? Distances are unnormalised
 * L1, as HEAR announced for its pairwise tasks.
 *
 * Layout: embeddings are [rows, dimension], row-major; pairs [n, 2] and triplets [n, 3] are rows of it.
 */
import { HearError } from '../base/errors.js'
import type { Figure } from './metric.js'
import { type RocPoint, rankByClass, rocAuc, rocPoints } from './ranking.js'

export interface EmbeddingMatrix {
  /** [rows, dimension] */
  readonly data: Float32Array
  readonly rows: number
  readonly dimension: number
}

/** Sum of absolute differences of two rows, added in double precision. NaN or infinite where the embeddings are. */
export function l1Distance({ data, dimension }: EmbeddingMatrix, rowA: number, rowB: number): number {
  let sum = 0
  const shift = (rowB - rowA) * dimension
  for (let i = rowA * dimension; i < (rowA + 1) * dimension; i++) sum += Math.abs(data[i] - data[i + shift])
  return sum
}

export interface SamePairsResult {
  /** The rate at which as many different pairs are accepted as same pairs are rejected. */
  readonly equalErrorRate: Figure
  /** Probability that a same pair is closer than a different pair, ties counting half. */
  readonly areaUnderCurve: Figure
}

/**
 * Tells same from different by distance alone. `pairs` [n, 2]; `same` [n] is 1 for a pair of one category.
 *
 * Equal distances are one threshold; between two thresholds the error rates are interpolated linearly, so that all
 * distances equal gives 0.5. Both figures are undefined without same pairs, without different pairs, and where a
 * distance is not finite. Throws HearError `metrics/shape` for lengths or rows that do not fit.
 *
 * Source: the equal error rate of speaker verification (Martin et al., "The DET curve", Eurospeech 1997); Mann-Whitney.
 */
export function samePairs(embeddings: EmbeddingMatrix, pairs: Int32Array, same: Uint8Array): SamePairsResult {
  checkRows(embeddings, pairs, 2)
  if (same.length !== pairs.length / 2)
    throw new HearError(
      'metrics/shape',
      `Expected ${pairs.length / 2} same-or-different marks, found ${same.length}.`,
      {
        hint: 'Give 1 (same) or 0 (different) for every pair.',
      },
    )
  const closeness = Float64Array.from(same, (_, i) => -l1Distance(embeddings, pairs[2 * i], pairs[2 * i + 1]))
  const invalid = closeness.findIndex((value) => !Number.isFinite(value))
  const sameCount = same.reduce((sum, mark) => sum + (mark ? 1 : 0), 0)
  const reason =
    invalid >= 0
      ? `the distance between rows ${pairs[2 * invalid]} and ${pairs[2 * invalid + 1]} is not finite`
      : sameCount === 0
        ? 'there are no same pairs'
        : sameCount === same.length
          ? 'there are no different pairs'
          : undefined
  if (reason !== undefined) {
    const undefinedFigure: Figure = { kind: 'undefined', reason }
    return { equalErrorRate: undefinedFigure, areaUnderCurve: undefinedFigure }
  }
  const ranking = rankByClass(closeness, same, same.length, 1)
  return {
    equalErrorRate: { kind: 'value', value: equalErrorRate(rocPoints(ranking, 0)) },
    areaUnderCurve: { kind: 'value', value: rocAuc(ranking, 0)! },
  }
}

/** Where the ROC curve, drawn with straight lines, crosses miss rate = false-alarm rate. */
function equalErrorRate(points: readonly RocPoint[]): number {
  let before = points[0]
  for (const point of points) {
    const missesOver = 1 - point.truePositiveRate - point.falsePositiveRate
    if (missesOver <= 0) {
      const missesOverBefore = 1 - before.truePositiveRate - before.falsePositiveRate
      // The first point rejects everything and has misses over by 1, so the denominator is not 0.
      const share = missesOverBefore / (missesOverBefore - missesOver)
      return before.falsePositiveRate + share * (point.falsePositiveRate - before.falsePositiveRate)
    }
    before = point
  }
  throw new Error('a ROC curve ends where everything is accepted')
}

export interface TripletsResult {
  /** Share of triplets in which X is closer to B, of the other category, than to A; ties count half. */
  readonly errorRate: Figure
  /** Probability that a distance A to X of any triplet is below a distance B to X of any triplet, ties counting half. */
  readonly areaUnderCurve: Figure
}

/**
 * ABX discrimination. `triplets` [n, 3] holds rows A, B, X, where A and X are of one category and B is of another.
 *
 * Both figures are undefined without triplets and where a distance is not finite. Throws HearError `metrics/shape` for
 * rows that do not fit.
 *
 * Source: Schatz et al., "Evaluating speech features with the minimal-pair ABX task", Interspeech 2013.
 * *Differs*: every triplet counts once; averages by speaker or context are left to the caller.
 */
export function abxTriplets(embeddings: EmbeddingMatrix, triplets: Int32Array): TripletsResult {
  checkRows(embeddings, triplets, 3)
  const count = triplets.length / 3
  // Distances to A, then distances to B.
  const closeness = new Float64Array(2 * count)
  let errors = 0
  let reason = count === 0 ? 'there are no triplets' : undefined
  for (let i = 0; i < count; i++) {
    const [a, b, x] = triplets.subarray(3 * i, 3 * i + 3)
    const toA = l1Distance(embeddings, a, x)
    const toB = l1Distance(embeddings, b, x)
    if (!Number.isFinite(toA + toB))
      reason ??= `a distance of triplet ${i} (rows ${a}, ${b}, ${x}) is not finite`
    errors += toA > toB ? 1 : toA === toB ? 0.5 : 0
    closeness[i] = -toA
    closeness[count + i] = -toB
  }
  if (reason !== undefined) {
    const undefinedFigure: Figure = { kind: 'undefined', reason }
    return { errorRate: undefinedFigure, areaUnderCurve: undefinedFigure }
  }
  const same = new Uint8Array(2 * count).fill(1, 0, count)
  return {
    errorRate: { kind: 'value', value: errors / count },
    areaUnderCurve: { kind: 'value', value: rocAuc(rankByClass(closeness, same, 2 * count, 1), 0)! },
  }
}

function checkRows({ data, rows, dimension }: EmbeddingMatrix, indices: Int32Array, size: number): void {
  if (data.length !== rows * dimension)
    throw new HearError(
      'metrics/shape',
      `Expected embeddings of ${rows} rows x ${dimension} (${rows * dimension} numbers), found ${data.length}.`,
      { hint: 'Give the matrix of scene embeddings, one row a clip.' },
    )
  if (indices.length % size !== 0)
    throw new HearError(
      'metrics/shape',
      `Expected rows in groups of ${size}, found ${indices.length} rows.`,
      {
        hint: size === 2 ? 'A pair is two rows.' : 'A triplet is the rows A, B, X.',
      },
    )
  const invalid = indices.findIndex((row) => row < 0 || row >= rows)
  if (invalid >= 0)
    throw new HearError('metrics/shape', `Expected rows from 0 to ${rows - 1}, found ${indices[invalid]}.`, {
      hint: 'Rows count from 0, in the order of the embeddings.',
    })
}
