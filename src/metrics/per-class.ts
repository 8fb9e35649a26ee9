/** What stands behind an average over classes: the same figures, one class at a time. */
import { HearError } from '../base/errors.js'
import { checkClipInput, targetHot } from './clip-input.js'
import type { ConfusionMatrix } from './confusion-matrix.js'
import type { ClipMetricInput, Figure } from './metric.js'
import { averagePrecision, rankByClass, rocAuc } from './ranking.js'

export interface MulticlassFigures {
  /** Rows of the class, and rows taken for it. */
  readonly target: number
  readonly predicted: number
  readonly recall: Figure
  readonly precision: Figure
  readonly f1: Figure
}

/**
 * Recall, precision and F1 of every class of a confusion matrix: [classes].
 *
 * Recall is undefined without rows of the class, precision without rows taken for it, F1 (2 TP / (2 TP + FP + FN))
 * only without both. Source: scikit-learn 1.2.1 `precision_recall_fscore_support`.
 * *Differs*: scikit-learn gives 0 with a warning where these are undefined.
 */
export function perClassOfMulticlass({ classes, counts }: ConfusionMatrix): MulticlassFigures[] {
  return Array.from({ length: classes }, (_, c) => {
    let target = 0
    let predicted = 0
    for (let other = 0; other < classes; other++) {
      target += counts[c * classes + other]
      predicted += counts[other * classes + c]
    }
    const right = counts[c * classes + c]
    return {
      target,
      predicted,
      recall: share(right, target, 'no row is of this class'),
      precision: share(right, predicted, 'no row was taken for this class'),
      f1: share(2 * right, target + predicted, 'no row is of this class or was taken for it'),
    }
  })
}

export interface MultilabelFigures {
  readonly positives: number
  readonly averagePrecision: Figure
  readonly rocAuc: Figure
}

/**
 * Average precision and ROC area of every class: [classes]. Their means are mAP and aucroc.
 *
 * Throws HearError `metrics/predictions` for a NaN or infinite prediction, and as checkClipInput does.
 */
export function perClassOfMultilabel(input: ClipMetricInput): MultilabelFigures[] {
  checkClipInput(input)
  const { predictions, rows, classes } = input
  const invalid = predictions.findIndex((value) => !Number.isFinite(value))
  if (invalid >= 0)
    throw new HearError(
      'metrics/predictions',
      `Expected finite predictions, found ${predictions[invalid]} in row ${Math.floor(invalid / classes)}, class ${invalid % classes}.`,
      { hint: 'A probe that diverged predicts NaN: look at its training loss.' },
    )
  const hot = targetHot(input)
  const ranking = rankByClass(predictions, hot, rows, classes)
  return Array.from({ length: classes }, (_, c) => {
    let positives = 0
    for (let row = 0; row < rows; row++) positives += hot[row * classes + c]
    return {
      positives,
      averagePrecision: figure(averagePrecision(ranking, c), 'no row has this class'),
      rocAuc: figure(
        rocAuc(ranking, c),
        positives === 0 ? 'no row has this class' : 'every row has this class',
      ),
    }
  })
}

function share(part: number, whole: number, reason: string): Figure {
  return whole === 0 ? { kind: 'undefined', reason } : { kind: 'value', value: part / whole }
}

function figure(value: number | undefined, reason: string): Figure {
  return value === undefined ? { kind: 'undefined', reason } : { kind: 'value', value }
}
