import { HearError } from '../base/errors.js'
import type { ScoreMode } from './early-stopping.js'

/**
 * Indices of the grid points from best to worst by validation score; ties keep their order.
 * Source: heareval 2021.1.3 `sort_grid_points`, which is Python's sorted(): where a NaN is among the scores the
 * order is whatever that algorithm makes of comparisons that are all false, and it is repeated here (wart).
 * @throws HearError when the points do not share one mode, or it is not max or min.
 */
export function rankGridPoints(scores: readonly number[], modes: readonly string[]): number[] {
  const mode = modes[0]
  if (modes.some((other) => other !== mode) || (mode !== 'max' && mode !== 'min'))
    throw new HearError(
      'probe/mixed-modes',
      `Expected one score mode, max or min, found ${modes.join(', ')}.`,
    )
  const order = scores.map((_, i) => i)
  return pythonSort(order, (a, b) => scores[a] < scores[b], mode satisfies ScoreMode)
}

/** Python's list.sort for fewer than 64 elements: the first run, then binary insertion; reversed around it for max. */
function pythonSort(items: number[], less: (a: number, b: number) => boolean, mode: ScoreMode): number[] {
  const x = mode === 'max' ? items.reverse() : items
  let run = 1
  if (x.length > 1) {
    const descending = less(x[1], x[0])
    run = 2
    while (run < x.length && less(x[run], x[run - 1]) === descending) run++
    if (descending) x.splice(0, run, ...x.slice(0, run).reverse())
  }
  for (let start = run; start < x.length; start++) {
    const pivot = x[start]
    let [low, high] = [0, start]
    while (low < high) {
      const middle = (low + high) >> 1
      if (less(pivot, x[middle])) high = middle
      else low = middle + 1
    }
    x.splice(start, 1)
    x.splice(low, 0, pivot)
  }
  return mode === 'max' ? x.reverse() : x
}
