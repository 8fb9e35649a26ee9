import { Random } from '../../num/random.js'
import { checkResampling, type Interval, recentredInterval } from './recentred-interval.js'
import { drawFolds, drawIndices, meanScore, type ScoredRuns, unitsOfFolds } from './resample-runs.js'
import { wilsonInterval } from './wilson.js'

/** Resamples of an interval where none are named. */
export const DEFAULT_RESAMPLES = 1000

export interface BootstrapOptions {
  /** [seeds][folds] */
  readonly runs: ScoredRuns
  readonly resamples?: number
  /** Share of intervals that should hold the true score. */
  readonly level?: number
  /** Seed of the resampling; the same seed gives the same interval. */
  readonly seed: number | string
  /** Lowest and highest possible score: the ends are clipped to it. */
  readonly range?: readonly [number, number]
}

/**
 * Interval of a score by the hierarchical bootstrap: probe seeds, folds and the clips of each fold are all drawn with
 * replacement, and a resample's score is the mean over folds, then seeds, as HEAR aggregates. With one seed or one fold
 * that level stays fixed, so for protocol hear-2021 only clips are drawn. Interval: see recentredInterval.
 *
 * Folds are drawn as well as clips because folds differ by more than their clips: their probes are trained on other
 * data, and presplit folds hold other sources. In simulations with 3 to 10 folds, drawing clips alone held the true score
 * in 64 to 95 % of 95 % intervals, folds alone in 74 to 91 %, both in 89 to 99 %. Where folds do not differ, both is
 * too wide by a factor of up to 1.4: the noise of the clips is counted once at either level. What is left out is that
 * the embedding model itself might have been trained differently.
 *
 * Where the metric is a share of clips that are right (`unitScores` of 0 and 1), the interval is at least Wilson's:
 * of 30 to 100 clips and accuracies of 0.95 and 0.98, the bootstrap alone held the truth in 43 to 96 % (BCa in 42 to
 * 97 %), since a resample of clips that are all right has no variance.
 *
 * Units of an event metric are clips, and a test split of an event task has few of them:
 * frames and events of a clip depend on each other, so clips are what may be drawn, and such intervals are wide and
 * rough. An interval of no width says that no resample differs, not that the score is certain.
 *
 * A class without positives in a resample is left out of that resample's macro average (see prepareMacroMean).
 * Undefined, with a reason: the score itself is; a single clip in a single fold; more than 5 % of resamples
 * without a score. Throws HearError `probe/runs` and `probe/resampling`.
 *
 * Source: Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8 (hierarchical data).
 */
export function bootstrapInterval(options: BootstrapOptions): Interval {
  const { runs, resamples = DEFAULT_RESAMPLES, level = 0.95, seed, range } = options
  checkResampling(resamples, level)
  const units = unitsOfFolds(runs)
  const score = meanScore(runs)
  if (score.kind === 'undefined') return { kind: 'undefined', reason: score.reason }
  if (units.length === 1 && units[0] === 1)
    return { kind: 'undefined', reason: 'one clip does not show how scores vary from clip to clip' }
  const random = new Random(seed)
  const scores = new Float64Array(resamples)
  let defined = 0
  for (let i = 0; i < resamples; i++) {
    const seeds = drawIndices(random, runs.length)
    const resampled = meanScore(runs, seeds, drawFolds(random, units))
    if (resampled.kind === 'value') scores[defined++] = resampled.value
  }
  const drawn = scores.subarray(0, defined)
  const interval = recentredInterval(score.value, drawn, resamples - defined, level, range)
  if (interval.kind === 'undefined' || !isShareOfClips(runs)) return interval
  const [low, high] = wilsonInterval(score.value, trialsOfMean(units), level)
  return { ...interval, low: Math.min(interval.low, low), high: Math.max(interval.high, high) }
}

function isShareOfClips(runs: ScoredRuns): boolean {
  return runs.every((folds) =>
    folds.every(({ unitScores }) => {
      if (unitScores === undefined) return false
      for (let i = 0; i < unitScores.length; i++) if (unitScores[i] !== 0 && unitScores[i] !== 1) return false
      return true
    }),
  )
}

/** Clips of one split whose share would vary as much as the mean of the shares of these folds does. */
function trialsOfMean(units: readonly number[]): number {
  let inverse = 0
  for (const count of units) inverse += 1 / count
  return units.length ** 2 / inverse
}
