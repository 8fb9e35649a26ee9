import { prepareMacroMean } from './macro-mean.js'
import type { ClipMetric } from './metric.js'
import { rocAuc } from './ranking.js'

/**
 * Area under the ROC curve by class, averaged over the classes.
 *
 * A class that every row or no row has makes it undefined (see prepareMacroMean for weights, ties, NaN).
 * Source: heareval 8559649, heareval/score.py, AUCROC; scikit-learn 1.2.1 roc_auc_score.
 * *Differs*: heareval turns every ValueError into NaN, which `hear2021` reproduces.
 */
export const aucroc: ClipMetric = {
  id: 'aucroc',
  kind: 'clip',
  maximize: true,
  range: [0, 1],
  parts: [],
  prepare: (input) =>
    prepareMacroMean(input, {
      scoreOfClass: rocAuc,
      needs: 'both positive and negative rows',
      hear2021Absent: Number.NaN,
      hear2021Invalid: () => Number.NaN,
    }),
}
