import { numpyPermutation } from '../../num/numpy-random.js'
import { compareCodePoints } from '../../store/label-files.js'
import type { ExtractedSplit } from './tfds-clips.js'

/**
 * The split of each of CREMA-D's speakers in TensorFlow Datasets: the sorted speakers shuffled by NumPy with seed 0, the
 * first seven tenths of them train, the next tenth valid, the rest test.
 *
 * @param speakers of every clip; repetitions are ignored
 * Source: tensorflow_datasets 4.4, audio/crema_d.py `_get_inter_splits_by_group` and `_compute_split_boundaries`.
 */
export function cremaSplits(speakers: readonly string[]): Map<string, ExtractedSplit> {
  const sorted = [...new Set(speakers)].sort(compareCodePoints)
  const order = numpyPermutation(0, sorted.length)
  const endOfTrain = Math.floor(0.7 * sorted.length)
  // 0.7 + 0.1 is a little less than 0.8, and Python adds them as we do: of 10 speakers, 7 are before the end.
  const endOfValid = Math.floor((0.7 + 0.1) * sorted.length)
  return new Map(
    Array.from(order, (index, at) => [
      sorted[index],
      at < endOfTrain ? 'train' : at < endOfValid ? 'valid' : 'test',
    ]),
  )
}
