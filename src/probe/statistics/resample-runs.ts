/**
 * The resampling that intervals and comparisons have in common. The test clips of a fold are the same whatever the
 * probe's seed was, so seeds are crossed with clips: a clip that is drawn twice counts twice under every seed.
 */
import { HearError } from '../../base/errors.js'
import type { Figure, Prepared } from '../../metrics/metric.js'
import type { Random } from '../../num/random.js'

/** [seeds][folds]: the test predictions of each probe seed and fold; one fold where a task has none. */
export type ScoredRuns = readonly (readonly Prepared[])[]

/** One draw of folds and clips. */
export interface FoldDraw {
  readonly fold: number
  /** [units of the fold] how often each is counted. */
  readonly weights: Int32Array
}

/**
 * The units of each fold, [folds].
 *
 * Throws HearError `probe/runs` where there is no run, where seeds differ in their folds or units, and for a fold
 * without units.
 */
export function unitsOfFolds(runs: ScoredRuns): number[] {
  const refuse = (what: string) => {
    throw new HearError('probe/runs', `Expected test predictions by probe seed and fold, found ${what}.`, {
      hint: 'Every probe seed must be tested on the same clips of the same folds.',
    })
  }
  if (runs.length === 0 || runs[0].length === 0) return refuse('none')
  const units = runs[0].map((prepared) => prepared.units)
  for (const [seed, folds] of runs.entries()) {
    if (folds.length !== units.length)
      refuse(`${units.length} folds under the first seed and ${folds.length} under seed ${seed + 1}`)
    for (const [fold, prepared] of folds.entries())
      if (prepared.units !== units[fold])
        refuse(
          `${units[fold]} clips in fold ${fold + 1} under the first seed and ${prepared.units} under seed ${seed + 1}`,
        )
  }
  const empty = units.indexOf(0)
  return empty >= 0 ? refuse(`no clip in fold ${empty + 1}`) : units
}

/** `size` draws of 0 to size - 1 with replacement; a single one is itself. */
export function drawIndices(random: Random, size: number): Int32Array {
  const drawn = new Int32Array(size)
  if (size > 1) for (let i = 0; i < size; i++) drawn[i] = random.int(size)
  return drawn
}

/**
 * Draws as many folds as there are, with replacement, and for each of them its clips with replacement. A fold
 * that is drawn twice has its clips drawn anew.
 */
export function drawFolds(random: Random, units: readonly number[]): FoldDraw[] {
  return Array.from(drawIndices(random, units.length), (fold) => {
    const weights = new Int32Array(units[fold])
    for (const unit of drawIndices(random, units[fold])) weights[unit]++
    return { fold, weights }
  })
}

/**
 * Score of a resample as HEAR aggregates: the mean over folds of the metric, then the mean over seeds.
 *
 * @param seeds indices into runs, repetitions allowed; all of them, once each, where left out.
 * @param folds all folds, every clip counted once, where left out.
 * @returns the reason of the first fold whose score is undefined, else a finite number.
 */
export function meanScore(runs: ScoredRuns, seeds?: ArrayLike<number>, folds?: readonly FoldDraw[]): Figure {
  const chosenSeeds = seeds === undefined ? runs.map((_, seed) => seed) : Array.from(seeds)
  const draws: readonly { fold: number; weights?: Int32Array }[] =
    folds ?? runs[0].map((_, fold) => ({ fold }))
  const bySeed = new Map<number, number>()
  let total = 0
  for (const seed of chosenSeeds) {
    let score = bySeed.get(seed)
    if (score === undefined) {
      score = 0
      for (const { fold, weights } of draws) {
        const result = runs[seed][fold].evaluate(weights)
        if (result.kind === 'undefined') return { kind: 'undefined', reason: result.reason }
        score += result.value / draws.length
      }
      bySeed.set(seed, score)
    }
    total += score
  }
  return { kind: 'value', value: total / chosenSeeds.length }
}
