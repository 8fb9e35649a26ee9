import type { Figure, Prepared } from '../../metrics/metric.js'
import { Random } from '../../num/random.js'
import { DEFAULT_RESAMPLES } from './bootstrap.js'
import { pairUnits, type ScoredModel, translateDraw } from './pair-units.js'
import { checkResampling, type Interval, recentredInterval } from './recentred-interval.js'
import { drawFolds, drawIndices, meanScore, unitsOfFolds } from './resample-runs.js'
import { signFlipTest } from './sign-flips.js'

export interface PairedOptions {
  readonly a: ScoredModel
  readonly b: ScoredModel
  /** False for error rates, where a lower score is better. */
  readonly maximize: boolean
  readonly seed: number | string
  /** Bootstrap resamples, for the interval and for the p-value of metrics that are no mean over clips. */
  readonly resamples?: number
  /** Random sign patterns, for the p-value of metrics that are a mean over clips. */
  readonly permutations?: number
  readonly level?: number
}

/** How a p-value came about; see comparePaired. */
export type PairedTest = 'exact sign flips' | 'random sign flips' | 'shifted bootstrap'

export type PairedComparison =
  | {
      readonly kind: 'comparison'
      /** Score of a minus score of b. */
      readonly difference: number
      /** The same, with the sign that makes it positive where a is better. */
      readonly effect: number
      /** Of `effect`. */
      readonly interval: Extract<Interval, { kind: 'interval' }>
      readonly pValue: number
      readonly test: PairedTest
    }
  | { readonly kind: 'undefined'; readonly reason: string }

const DEFAULT_PERMUTATIONS = 9999

/**
 * Is the difference of two models on one task real? Both are scored on the same clips, so every resample counts the same
 * folds and clips for both; probe seeds are averaged, and resampled for each model on its own.
 *
 * - `interval`: the bootstrap of bootstrapInterval, of the difference.
 * - `pValue`, two-sided. Where the metric is a mean over clips (`unitScores`, the accuracies): flips of the sign of each
 *   clip's difference, which is swapping the two models' predictions of that clip; exact up to 16 clips that differ,
 *   otherwise random. The hypothesis is that the trained probes are interchangeable clip by clip: it says nothing of
 *   other probe seeds or other training data, which only the interval does; the two may therefore disagree where there
 *   are several seeds or folds.
 * - For every other metric: the share of resampled differences, shifted to the mean 0, that are at least as far from 0 as the
 *   observed one. Swapping clips between two models is no answer there: ranking metrics compare scores across clips, and
 *   scores of two probes are not on one scale, so that the mixture would be worse than either.
 *
 * P-values are never 0. Two models without any difference have p = 1. Undefined, with a reason: either score, or more
 * than 5 % of the resampled differences; one clip in all. Throws HearError `probe/unpaired` for other clips in one
 * model than in the other, `probe/resampling`, and as unitsOfFolds does.
 *
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 16.4 (shifting); sign flips: see
 * signFlipTest.
 */
export function comparePaired(options: PairedOptions): PairedComparison {
  const { a, b, maximize, seed, resamples = DEFAULT_RESAMPLES, level = 0.95 } = options
  checkResampling(resamples, level)
  const order = pairUnits(a, b)
  const units = unitsOfFolds(a.runs)
  const sign = maximize ? 1 : -1
  const observed = minus(meanScore(a.runs), meanScore(b.runs))
  if (observed.kind === 'undefined') return observed
  if (units.length === 1 && units[0] === 1)
    return { kind: 'undefined', reason: 'one clip does not show how differences vary from clip to clip' }
  const random = new Random(seed)
  const effects = new Float64Array(resamples)
  let defined = 0
  for (let i = 0; i < resamples; i++) {
    const seedsA = drawIndices(random, a.runs.length)
    const seedsB = drawIndices(random, b.runs.length)
    const draws = drawFolds(random, units)
    const resampled = minus(
      meanScore(a.runs, seedsA, draws),
      meanScore(b.runs, seedsB, translateDraw(draws, order)),
    )
    if (resampled.kind === 'value') effects[defined++] = sign * resampled.value
  }
  const effect = sign * observed.value
  const drawn = effects.subarray(0, defined)
  const interval = recentredInterval(effect, drawn, resamples - defined, level)
  if (interval.kind === 'undefined') return interval
  const common = { kind: 'comparison' as const, difference: observed.value, effect, interval }
  const terms = differencesByUnit(a, b, order)
  if (terms === undefined)
    return { ...common, pValue: shiftedShare(drawn, effect), test: 'shifted bootstrap' }
  const permutations = options.permutations ?? DEFAULT_PERMUTATIONS
  const { pValue, exact } = signFlipTest(terms, permutations, () => random)
  return { ...common, pValue, test: exact ? 'exact sign flips' : 'random sign flips' }
}

function minus(a: Figure, b: Figure): Figure {
  if (a.kind === 'undefined') return a
  if (b.kind === 'undefined') return b
  return { kind: 'value', value: a.value - b.value }
}

function shiftedShare(effects: Float64Array, effect: number): number {
  let mean = 0
  for (const value of effects) mean += (value - effect) / effects.length
  mean += effect
  // Equal differences are as far from 0 as each other, whatever the rounding of their mean.
  const reached = Math.abs(effect) - 1e-12
  let atLeast = 1
  for (const value of effects) if (Math.abs(value - mean) >= reached) atLeast++
  return atLeast / (effects.length + 1)
}

/** What each clip adds to the difference of the scores, all folds end to end; undefined where the metric is no mean. */
function differencesByUnit(
  a: ScoredModel,
  b: ScoredModel,
  order: readonly Int32Array[],
): number[] | undefined {
  const terms: number[] = []
  for (const [fold, inB] of order.entries()) {
    const meansA = meanUnitScores(a.runs.map((folds) => folds[fold]))
    const meansB = meanUnitScores(b.runs.map((folds) => folds[fold]))
    if (meansA === undefined || meansB === undefined) return undefined
    for (const [unit, there] of inB.entries())
      terms.push((meansA[unit] - meansB[there]) / (inB.length * order.length))
  }
  return terms
}

function meanUnitScores(seeds: readonly Prepared[]): Float64Array | undefined {
  const means = new Float64Array(seeds[0].units)
  for (const { unitScores } of seeds) {
    if (unitScores === undefined) return undefined
    for (let unit = 0; unit < means.length; unit++) means[unit] += unitScores[unit]
  }
  // Divided once, so that equal sums over equally many seeds are equal means.
  return means.map((sum) => sum / seeds.length)
}
