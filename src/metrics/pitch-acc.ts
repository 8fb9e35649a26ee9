import { prepareAccuracy } from './accuracy.js'
import type { ClipMetric } from './metric.js'

/** Share of clips whose pitch is right, octave included: the same figure as top1_acc under a pitch task's name. */
export const pitchAcc: ClipMetric = {
  id: 'pitch_acc',
  kind: 'clip',
  maximize: true,
  range: [0, 1],
  parts: [],
  prepare: (input) => prepareAccuracy(input, (predicted, target) => predicted === target),
}
