import { rowArgmax } from './argmax.js'
import { checkClipInput, targetClasses } from './clip-input.js'
import type { ClipMetricInput } from './metric.js'

export interface ConfusionMatrix {
  readonly classes: number
  /** [classes, classes], row-major: how many rows of each true class (row) were taken for each class (column). */
  readonly counts: Uint32Array
}

/**
 * Counts rows by true class and by the class with the highest score; the trace over the number of rows is top1_acc.
 *
 * Ties, NaN and multi-hot targets as in prepareAccuracy; no rows give all zeros. Throws HearError as checkClipInput does.
 */
export function confusionMatrix(input: ClipMetricInput): ConfusionMatrix {
  checkClipInput(input)
  const { rows, classes } = input
  const predicted = rowArgmax(input.predictions, rows, classes)
  const target = targetClasses(input)
  const counts = new Uint32Array(classes * classes)
  for (let row = 0; row < rows; row++) counts[target[row] * classes + predicted[row]]++
  return { classes, counts }
}
