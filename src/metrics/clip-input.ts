/**
 * The door of the clip metrics: shapes and values are checked here, so that the metrics need not ask again.
 */
import { HearError } from '../base/errors.js'
import { rowArgmax } from './argmax.js'
import type { ClipMetricInput } from './metric.js'

/**
 * Throws HearError `metrics/shape` unless predictions are [rows, classes] and there is one target for each row,
 * and `metrics/targets` for a class index outside the vocabulary or a label that is neither 0 nor 1.
 *
 * *Differs*: heareval's accuracies pair as many rows as both sides have and divide by the number of targets.
 */
export function checkClipInput(input: ClipMetricInput): void {
  const { predictions, targets, rows, classes } = input
  if (!Number.isInteger(rows) || rows < 0 || !Number.isInteger(classes) || classes < 1)
    throw new HearError(
      'metrics/shape',
      `Expected rows of 0 or more and classes of 1 or more, found ${rows} rows and ${classes} classes.`,
      { hint: 'Classes is the size of the label vocabulary.' },
    )
  if (predictions.length !== rows * classes)
    throw new HearError(
      'metrics/shape',
      `Expected predictions for ${rows} rows x ${classes} classes (${rows * classes} numbers), found ${predictions.length}.`,
      { hint: 'Give one row of scores, one score a class, for every clip.' },
    )
  const [given, expected, what] =
    targets.kind === 'multiclass'
      ? [targets.classIndex.length, rows, 'class indices']
      : [targets.hot.length, rows * classes, 'labels']
  if (given !== expected)
    throw new HearError('metrics/shape', `Expected ${expected} ${what} for ${rows} rows, found ${given}.`, {
      hint: 'Every row of predictions needs its target, in the same order.',
    })
  if (targets.kind === 'multiclass') checkClassIndices(targets.classIndex, classes)
  else checkHot(targets.hot, classes)
}

function checkClassIndices(classIndex: Int32Array, classes: number): void {
  const row = classIndex.findIndex((index) => index < 0 || index >= classes)
  if (row >= 0)
    throw new HearError(
      'metrics/targets',
      `Expected a class index from 0 to ${classes - 1} for row ${row}, found ${classIndex[row]}.`,
      { hint: 'Map labels to indices with the label vocabulary of the task.' },
    )
}

function checkHot(hot: Uint8Array, classes: number): void {
  const at = hot.findIndex((value) => value > 1)
  if (at >= 0)
    throw new HearError(
      'metrics/targets',
      `Expected 0 or 1 for row ${Math.floor(at / classes)}, class ${at % classes} of the targets, found ${hot[at]}.`,
      { hint: 'Multilabel targets say for each class whether it is present; soft labels cannot be scored.' },
    )
}

/** The class of every row, [rows]: as given, or the first class that is hot (class 0 where none is). */
export function targetClasses(input: ClipMetricInput): Int32Array {
  const { targets, rows, classes } = input
  return targets.kind === 'multiclass' ? targets.classIndex : rowArgmax(targets.hot, rows, classes)
}

/** The targets as [rows, classes] of 0 and 1. */
export function targetHot(input: ClipMetricInput): Uint8Array {
  const { targets, rows, classes } = input
  if (targets.kind === 'multilabel') return targets.hot
  const hot = new Uint8Array(rows * classes)
  for (let row = 0; row < rows; row++) hot[row * classes + targets.classIndex[row]] = 1
  return hot
}
