import { HearError } from '../base/errors.js'

/**
 * How many clips HEAR hands to a model at once: about 84 seconds of audio at 16 kHz, fewer at higher rates, and
 * one clip at a time where the clips of a task keep their own lengths.
 *
 * @param sampleDurationSec length of every clip; null when they differ. A negative one gives 1, as in heareval.
 * @throws HearError for a duration of zero (heareval fails there too).
 * Source: heareval 2021.1.3, heareval/embeddings/task_embeddings.py, `estimated_batch_size`.
 */
export function batchSizeFor(sampleDurationSec: number | null, sampleRate: number): number {
  if (sampleDurationSec === null) return 1
  if (sampleDurationSec === 0)
    throw new HearError('embed/zero-duration', 'The task has a sample_duration of 0 seconds.', {
      hint: 'Correct sample_duration in task_metadata.json, or make it null if the clips differ in length.',
    })
  return Math.max(1, Math.trunc(0.7 * (120 / sampleDurationSec) * (16000 / sampleRate)))
}
