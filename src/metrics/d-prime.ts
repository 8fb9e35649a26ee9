import { prepareMacroMean } from './macro-mean.js'
import type { ClipMetric } from './metric.js'
import { normalQuantile } from './normal-quantile.js'
import { rocAuc } from './ranking.js'

/**
 * d': sqrt(2) times the normal quantile of the ROC area by class, averaged over the classes.
 *
 * Undefined where aucroc is, and where a class is ranked perfectly right or perfectly wrong, which is infinite;
 * a small bootstrap resample may do that to a class that is finite in the whole data.
 * Source: heareval 8559649, heareval/score.py, DPrime.
 * *Differs*: heareval reports infinities, and NaN where both signs meet or scikit-learn raises; `hear2021` has them.
 */
export const dPrime: ClipMetric = {
  id: 'd_prime',
  kind: 'clip',
  maximize: true,
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  parts: [],
  prepare: (input) =>
    prepareMacroMean(input, {
      scoreOfClass(ranking, c, weights) {
        const area = rocAuc(ranking, c, weights)
        return area === undefined ? undefined : Math.SQRT2 * normalQuantile(area)
      },
      needs: 'both positive and negative rows',
      hear2021Absent: Number.NaN,
      hear2021Invalid: () => Number.NaN,
    }),
}
