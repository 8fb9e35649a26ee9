import { HearError } from '../base/errors.js'

/**
 * Cuts samples, or appends zeros, to exactly `durationSec`: round(durationSec * sampleRate) samples, halves up.
 *
 * @returns the samples themselves where the length is right already, a view of them where it is cut.
 * @throws HearError for a duration that is not a positive number, or rounds to no sample.
 * Source: hear-preprocess's `apad` and `atrim` of ffmpeg, bit for bit.
 * *Differs*: a duration that is not a whole number of samples (0.81 s at 22050 Hz) fails the original's own assertion;
 * here it gives the nearest whole number, which is also what ffmpeg made before the assertion.
 */
export function trimOrPad(samples: Int16Array, sampleRate: number, durationSec: number): Int16Array {
  const nSamples = Math.round(durationSec * sampleRate)
  if (!Number.isSafeInteger(nSamples) || nSamples < 1)
    throw new HearError(
      'audio/bad-duration',
      `Expected a duration of at least one sample at ${sampleRate} Hz; found ${durationSec} s.`,
      { hint: 'Durations are in seconds.' },
    )
  if (nSamples <= samples.length) return nSamples === samples.length ? samples : samples.subarray(0, nSamples)
  const padded = new Int16Array(nSamples)
  padded.set(samples)
  return padded
}
