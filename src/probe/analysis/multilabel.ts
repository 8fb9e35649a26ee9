import type { Figure } from '../../metrics/metric.js'
import { perClassOfMultilabel } from '../../metrics/per-class.js'
import { VocabularyIndex } from '../../store/label-vocabulary.js'
import { byClip, byProbe, jsonFigure, type ScenePrediction } from './probe-runs.js'
import type { JsonFigure, MultilabelAnalysis } from './task-analysis.js'

/** Of each hard clip so many labels are named. */
const WORST_LABELS = 3

/** As PyTorch's binary cross-entropy: no logarithm counts as less than this, so that a certain error is finite. */
const LEAST_LOG = -100

/**
 * How well each label is ranked, and the clips with the largest loss.
 *
 * Average precision and ROC area are taken of each probe (fold and seed) by itself, since probabilities of two probes
 * do not compare, and averaged over the probes that have them, as the score of the task is. The loss of a clip is its
 * binary cross-entropy, mean over classes and tests. Every prediction must have one probability per class.
 * @throws HearError `task/unknown-label` for a label that is none of `classes`.
 */
export function analyseMultilabel(
  classes: readonly string[],
  predictions: readonly ScenePrediction[],
): MultilabelAnalysis {
  const vocabulary = new VocabularyIndex(classes)
  const present = new Map(
    predictions.map((prediction) => {
      const hot = new Uint8Array(classes.length)
      for (const label of prediction.labels) hot[vocabulary.of(label, `The clip "${prediction.clip}"`)] = 1
      return [prediction, hot]
    }),
  )
  const probes = byProbe(predictions).map((probe) => {
    const probabilities = new Float64Array(probe.length * classes.length)
    const hot = new Uint8Array(probe.length * classes.length)
    for (const [row, prediction] of probe.entries()) {
      probabilities.set(prediction.probabilities, row * classes.length)
      hot.set(present.get(prediction)!, row * classes.length)
    }
    const targets = { kind: 'multilabel', hot } as const
    return perClassOfMultilabel({
      predictions: probabilities,
      targets,
      rows: probe.length,
      classes: classes.length,
    })
  })
  return {
    kind: 'multilabel',
    perClass: classes.map((label, c) => ({
      label,
      support: probes.reduce((sum, probe) => sum + probe[c].positives, 0),
      averagePrecision: meanFigure(probes.map((probe) => probe[c].averagePrecision)),
      rocAuc: meanFigure(probes.map((probe) => probe[c].rocAuc)),
    })),
    hardestClips: [...byClip(predictions).values()]
      .map((tests) => clipLoss(classes, tests, present.get(tests[0])!))
      .sort((a, b) => b.loss - a.loss),
  }
}

function meanFigure(figures: readonly Figure[]): JsonFigure {
  const values = figures.flatMap((figure) => (figure.kind === 'value' ? [figure.value] : []))
  if (values.length > 0) return values.reduce((sum, value) => sum + value, 0) / values.length
  return figures.length > 0 ? jsonFigure(figures[0]) : { undefined: 'nothing was tested' }
}

function clipLoss(
  classes: readonly string[],
  tests: readonly ScenePrediction[],
  hot: Uint8Array,
): MultilabelAnalysis['hardestClips'][number] {
  const { clip, split, labels } = tests[0]
  const byLabel = classes.map((label, c) => {
    const ofTests = tests.map(({ probabilities }) => probabilities[c])
    const isPresent = hot[c] === 1
    return {
      label,
      present: isPresent,
      probability: average(ofTests),
      loss: average(ofTests.map((p) => -Math.max(LEAST_LOG, Math.log(isPresent ? p : 1 - p)))),
    }
  })
  return {
    clip,
    split,
    tests: tests.length,
    labels,
    loss: average(byLabel.map(({ loss }) => loss)),
    worst: byLabel
      .sort((a, b) => b.loss - a.loss)
      .slice(0, WORST_LABELS)
      .map(({ label, present, probability }) => ({ label, present, probability })),
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
