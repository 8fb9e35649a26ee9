/**
 * Scores of tasks without learning: do embeddings lie closer within a category than across? With intervals.
 */
import type { Figure, Prepared, UnitWeights } from '../metrics/metric.js'
import { abxTriplets, type EmbeddingMatrix, samePairs } from '../metrics/pairwise.js'
import type { Comparisons } from '../store/pairwise-task.js'
import { preparePairwiseFigures } from './pairwise-figures.js'
import { bootstrapInterval } from './statistics/bootstrap.js'
import type { Interval } from './statistics/recentred-interval.js'

export interface PairwiseOptions {
  /** One row for each clip of the task, in the order of its `clips`. */
  readonly embeddings: EmbeddingMatrix
  readonly comparisons: Comparisons
  readonly seed: number | string
  readonly resamples?: number
  readonly level?: number
}

export interface PairwiseScore {
  readonly score: Figure
  readonly interval: Interval
}

export interface PairwiseScores {
  /** Pairs: equal error rate. Triplets: share in which X is closer to B, of the other category. Lower is better. */
  readonly errorRate: PairwiseScore
  /** Probability that a distance within a category is below one across, ties counting half. */
  readonly areaUnderCurve: PairwiseScore
  /** What the intervals draw; see scorePairwise. */
  readonly resampled: 'clips' | 'comparisons'
  /** Number of comparisons. */
  readonly comparisons: number
}

/**
 * Error rate and area under the curve of a pairwise task, by unnormalised L1 distance, as HEAR announced it; see
 * samePairs and abxTriplets for the figures, their ties and their reasons to be undefined.
 *
 * Intervals by bootstrap. Where no clip is in two comparisons, comparisons are drawn. Otherwise comparisons that share a
 * clip depend on each other, so clips are drawn, and a comparison counts as often as the product of how often its clips
 * were: drawing comparisons would give intervals far too narrow. This errs to the wide side. An interval is undefined
 * where more than 5 % of resamples lack same or different pairs, and for a single comparison.
 *
 * Throws HearError `metrics/shape` for rows that the embeddings do not have, and `probe/resampling`.
 * Source: Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007), for the product of counts.
 */
export function scorePairwise(options: PairwiseOptions): PairwiseScores {
  const { embeddings, comparisons } = options
  const clipsEach = comparisons.kind === 'pairs' ? 2 : 3
  const count = comparisons.rows.length / clipsEach
  const resampled = new Set(comparisons.rows).size < comparisons.rows.length ? 'clips' : 'comparisons'
  const scores =
    comparisons.kind === 'triplets'
      ? abxTriplets(embeddings, comparisons.rows)
      : pairScores(embeddings, comparisons.rows, comparisons.same)
  const { errorRate, areaUnderCurve } = scores
  if (errorRate.kind === 'undefined' || areaUnderCurve.kind === 'undefined')
    return {
      errorRate: withoutInterval(errorRate),
      areaUnderCurve: withoutInterval(areaUnderCurve),
      resampled,
      comparisons: count,
    }
  const figures = preparePairwiseFigures(embeddings, comparisons)
  const interval = (
    evaluate: (weights?: UnitWeights) => number | undefined,
    unitScores?: Float64Array,
  ): Interval => {
    if (count === 1) return { kind: 'undefined', reason: 'one comparison does not show how scores vary' }
    const ofClips = (weights?: UnitWeights) =>
      evaluate(weights && productWeights(comparisons.rows, clipsEach, weights))
    const prepared =
      resampled === 'clips'
        ? asPrepared(embeddings.rows, ofClips)
        : { ...asPrepared(count, evaluate), unitScores }
    return bootstrapInterval({ ...options, runs: [[prepared]], range: [0, 1] })
  }
  return {
    errorRate: { score: errorRate, interval: interval(figures.errorRate, figures.errors) },
    areaUnderCurve: { score: areaUnderCurve, interval: interval(figures.areaUnderCurve) },
    resampled,
    comparisons: count,
  }
}

function pairScores(embeddings: EmbeddingMatrix, rows: Int32Array, same: Uint8Array) {
  const { equalErrorRate, areaUnderCurve } = samePairs(embeddings, rows, same)
  return { errorRate: equalErrorRate, areaUnderCurve }
}

function withoutInterval(score: Figure): PairwiseScore {
  const reason = score.kind === 'undefined' ? score.reason : 'the other figure is undefined'
  return { score, interval: { kind: 'undefined', reason } }
}

/** How often a comparison counts when its clips count as often as `weights` says. */
function productWeights(rows: Int32Array, clipsEach: number, weights: UnitWeights): Float64Array {
  const products = new Float64Array(rows.length / clipsEach).fill(1)
  for (let i = 0; i < rows.length; i++) products[Math.floor(i / clipsEach)] *= weights[rows[i]]
  return products
}

function asPrepared(units: number, evaluate: (weights?: UnitWeights) => number | undefined): Prepared {
  return {
    units,
    evaluate(weights) {
      const value = evaluate(weights)
      if (value !== undefined) return { kind: 'value', value }
      return { kind: 'undefined', reason: 'there is nothing to compare', hear2021: Number.NaN }
    },
  }
}
