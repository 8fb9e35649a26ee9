import { prepareMacroMean } from './macro-mean.js'
import type { ClipMetric } from './metric.js'
import { averagePrecision } from './ranking.js'

/**
 * mAP: average precision by class, averaged over the classes.
 *
 * A class without positive rows makes it undefined (see prepareMacroMean for weights, ties, NaN).
 * Source: heareval 8559649, heareval/score.py, MeanAveragePrecision; scikit-learn 1.2.1 average_precision_score.
 * *Differs*: scikit-learn counts a class without positives as 0, which `hear2021` reproduces.
 */
export const meanAveragePrecision: ClipMetric = {
  id: 'mAP',
  kind: 'clip',
  maximize: true,
  range: [0, 1],
  parts: [],
  prepare: (input) =>
    prepareMacroMean(input, {
      scoreOfClass: averagePrecision,
      needs: 'positive rows',
      hear2021Absent: 0,
      hear2021Invalid: (message) => ({ error: `ValueError: ${message}` }),
    }),
}
