import { prepareAccuracy } from './accuracy.js'
import type { ClipMetric } from './metric.js'

/** Share of clips whose highest score is for the right class. */
export const top1Acc: ClipMetric = {
  id: 'top1_acc',
  kind: 'clip',
  maximize: true,
  range: [0, 1],
  parts: [],
  prepare: (input) => prepareAccuracy(input, (predicted, target) => predicted === target),
}
