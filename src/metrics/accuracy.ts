/** The engine of the three accuracies; they differ only in when two classes count as the same. */
import { rowArgmax } from './argmax.js'
import { checkClipInput, targetClasses } from './clip-input.js'
import { type ClipMetricInput, type Prepared, totalWeight } from './metric.js'

/**
 * 1 for each row whose highest score is for the right class, 0 for the others: Uint8Array [rows]. Ties, NaN, multi-hot
 * targets and errors as in prepareAccuracy.
 */
export function correctRows(
  input: ClipMetricInput,
  sameClass: (predicted: number, target: number) => boolean = (predicted, target) => predicted === target,
): Uint8Array {
  checkClipInput(input)
  const { rows } = input
  const predicted = rowArgmax(input.predictions, rows, input.classes)
  const target = targetClasses(input)
  const correct = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) correct[row] = sameClass(predicted[row], target[row]) ? 1 : 0
  return correct
}

/**
 * Share of rows whose highest score is for the right class, prepared for weighting by row.
 *
 * predictions [rows, classes]; multi-hot targets are reduced to their first hot class. Ties go to the first class and
 * NaN counts as the highest score (numpy's argmax). `sameClass` judges predicted against true index.
 * No rows, or no weight at all: undefined; heareval divides by zero. Throws HearError as checkClipInput does.
 *
 * Source: heareval 8559649, heareval/score.py, Top1Accuracy and ChromaAccuracy.
 * *Differs*: lengths that do not agree are refused (see checkClipInput).
 */
export function prepareAccuracy(
  input: ClipMetricInput,
  sameClass: (predicted: number, target: number) => boolean,
): Prepared {
  const correct = correctRows(input, sameClass)
  const { rows } = input
  return {
    units: rows,
    unitScores: correct,
    evaluate(weights) {
      const total = totalWeight(weights, rows)
      if (total === 0)
        return {
          kind: 'undefined',
          reason: 'there are no rows to score',
          hear2021: { error: 'ZeroDivisionError: division by zero' },
        }
      let hits = 0
      for (let row = 0; row < rows; row++) if (correct[row]) hits += weights ? weights[row] : 1
      return { kind: 'value', value: hits / total }
    },
  }
}
