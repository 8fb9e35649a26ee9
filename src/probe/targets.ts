import { HearError } from '../base/errors.js'

/**
 * Labels by index as a vector of 0 and 1; a label given twice counts once.
 * Source: heareval 2021.1.3 `label_to_binary_vector`.
 * @throws HearError for an index outside the vocabulary.
 */
export function binaryVector(labels: readonly number[], numLabels: number): Uint8Array {
  const vector = new Uint8Array(numLabels)
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label >= numLabels)
      throw new HearError(
        'probe/label-out-of-range',
        `Label ${label} is not among ${numLabels} labels (0 to ${numLabels - 1}).`,
      )
    vector[label] = 1
  }
  return vector
}

/**
 * The one class of a multiclass clip.
 * @throws HearError when it has no label or several different ones; heareval asserts the same in its loss.
 */
export function singleClass(labels: readonly number[], clip: string): number {
  const distinct = new Set(labels)
  if (distinct.size !== 1)
    throw new HearError(
      'probe/not-one-label',
      `Expected exactly one label for clip ${clip} of a multiclass task, found ${distinct.size}.`,
      {
        hint: 'Correct the labels in <split>.json, or set prediction_type to multilabel in task_metadata.json.',
      },
    )
  return labels[0]
}
