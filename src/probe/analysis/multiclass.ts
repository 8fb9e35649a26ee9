import { rowArgmax } from '../../metrics/argmax.js'
import { confusionMatrix } from '../../metrics/confusion-matrix.js'
import { hardestClips } from '../../metrics/hardest-clips.js'
import { perClassOfMulticlass } from '../../metrics/per-class.js'
import { VocabularyIndex } from '../../store/label-vocabulary.js'
import { byClip, byProbe, clipKey, jsonFigure, type ScenePrediction } from './probe-runs.js'
import type { MulticlassAnalysis } from './task-analysis.js'

/** A test of a clip: classes by their index. */
interface Verdict {
  readonly prediction: ScenePrediction
  readonly truth: number
  readonly predicted: number
}

/**
 * Who was taken for whom: confusions, figures of every class, and the clips that were wrong, over all folds and seeds
 * together.
 *
 * A clip is wrong where another class than its own has the highest probability (ties as in rowArgmax). Clips come by the
 * share of their tests that were wrong, then by how little their own class was given. Every prediction must have one
 * label and one probability per class.
 * @throws HearError `task/unknown-label` for a label that is none of `classes`.
 */
export function analyseMulticlass(
  classes: readonly string[],
  predictions: readonly ScenePrediction[],
): MulticlassAnalysis {
  const rows = predictions.length
  const probabilities = new Float64Array(rows * classes.length)
  for (const [row, prediction] of predictions.entries())
    probabilities.set(prediction.probabilities, row * classes.length)
  const vocabulary = new VocabularyIndex(classes)
  const classIndex = Int32Array.from(predictions, ({ labels, clip }) =>
    vocabulary.of(labels[0], `The clip "${clip}"`),
  )
  const targets = { kind: 'multiclass', classIndex } as const
  const matrix = confusionMatrix({ predictions: probabilities, targets, rows, classes: classes.length })
  const taken = rowArgmax(probabilities, rows, classes.length)
  const verdicts = new Map(
    predictions.map((prediction, row) => [
      prediction,
      { prediction, truth: classIndex[row], predicted: taken[row] },
    ]),
  )
  const confusion = classes.map((_, c) => [
    ...matrix.counts.subarray(c * classes.length, (c + 1) * classes.length),
  ])
  return {
    kind: 'multiclass',
    confusion,
    perClass: perClassOfMulticlass(matrix).map(({ target, predicted, recall, precision, f1 }, c) => ({
      label: classes[c],
      support: target,
      predicted,
      recall: jsonFigure(recall),
      precision: jsonFigure(precision),
      f1: jsonFigure(f1),
    })),
    confusedPairs: confusedPairs(classes, confusion),
    hardestClips: wrongClips(classes, predictions, verdicts),
  }
}

function confusedPairs(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): MulticlassAnalysis['confusedPairs'] {
  return confusion
    .flatMap((counts, truth) => {
      const support = counts.reduce((sum, count) => sum + count, 0)
      return counts.flatMap((count, predicted) =>
        count === 0 || predicted === truth
          ? []
          : [{ truth: classes[truth], predicted: classes[predicted], count, share: count / support }],
      )
    })
    .sort((a, b) => b.count - a.count || b.share - a.share)
}

function wrongClips(
  classes: readonly string[],
  predictions: readonly ScenePrediction[],
  verdicts: ReadonlyMap<ScenePrediction, Verdict>,
): MulticlassAnalysis['hardestClips'] {
  const isRight = (prediction: ScenePrediction) => {
    const { truth, predicted } = verdicts.get(prediction)!
    return truth === predicted
  }
  const probes = byProbe(predictions).map(
    (probe) => new Map(probe.map((prediction) => [clipKey(prediction), isRight(prediction)])),
  )
  const tests = byClip(predictions)
  return hardestClips(probes)
    .map(({ clip: key, wrong, runs }) => {
      const ofClip = tests.get(key)!.map((prediction) => verdicts.get(prediction)!)
      const { prediction, truth } = ofClip[0]
      return {
        clip: prediction.clip,
        split: prediction.split,
        tests: runs,
        wrong,
        truth: classes[truth],
        predicted: classes[mostFrequent(ofClip.map((v) => v.predicted).filter((c) => c !== truth))],
        probabilityOfTruth:
          ofClip.reduce((sum, v) => sum + v.prediction.probabilities[truth], 0) / ofClip.length,
      }
    })
    .sort((a, b) => b.wrong / b.tests - a.wrong / a.tests || a.probabilityOfTruth - b.probabilityOfTruth)
}

/** Of equally frequent ones the first in the vocabulary. */
function mostFrequent(classIndices: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const index of classIndices) counts.set(index, (counts.get(index) ?? 0) + 1)
  return [...counts].sort(([a, n], [b, m]) => m - n || a - b)[0][0]
}
