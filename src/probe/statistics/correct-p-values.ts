import { HearError } from '../../base/errors.js'

/**
 * P-values corrected for the number of comparisons, in the order given: a corrected value at or below 0.05 keeps the
 * chance of any false finding among all of them at or below 5 %, whatever their dependence.
 *
 * Holm's step-down: the i-th smallest of m times m - i + 1, never below the one before it, never above 1. Equal values stay
 * equal; no values give none. Throws HearError `probe/p-values` for a value outside [0, 1] or NaN.
 *
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 */
export function correctPValues(pValues: readonly number[], method: 'holm'): number[] {
  if (method !== 'holm')
    throw new HearError('probe/p-values', `Expected the correction "holm", found "${method}".`, {
      hint: 'Holm is the only correction so far.',
    })
  const invalid = pValues.findIndex((p) => !(p >= 0 && p <= 1))
  if (invalid >= 0)
    throw new HearError(
      'probe/p-values',
      `Expected p-values from 0 to 1, found ${pValues[invalid]} at position ${invalid + 1}.`,
      { hint: 'Leave comparisons without a p-value out.' },
    )
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b])
  const corrected = new Array<number>(pValues.length)
  let highest = 0
  for (const [rank, i] of order.entries()) {
    highest = Math.max(highest, Math.min(1, pValues[i] * (pValues.length - rank)))
    corrected[i] = highest
  }
  return corrected
}
