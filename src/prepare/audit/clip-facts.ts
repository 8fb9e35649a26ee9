import { createHash } from 'node:crypto'

/** What is measured of one clip's samples. */
export interface ClipFacts {
  readonly nSamples: number
  /** Largest magnitude, full scale being 1. */
  readonly peak: number
  readonly rms: number
  /** Mean of the samples: the DC offset. */
  readonly mean: number
  /** Samples in the longest run at full scale, all of one sign. */
  readonly longestFullScaleRun: number
  /** Exact zeros at the beginning and at the end; of a clip of zeros, all are at the end. */
  readonly leadingZeros: number
  readonly trailingZeros: number
  /** SHA-256 of the decoded samples: equal for clips that hold the same audio, whatever their headers say. */
  readonly sha256: string
}

/** The largest 16-bit sample; the smallest is -1. */
const FULL_SCALE = 32767 / 32768

/** Measures a clip. @param samples mono, full scale is 1; at least one */
export function clipFacts(samples: Float32Array): ClipFacts {
  let peak = 0
  let sum = 0
  let energy = 0
  let run = 0
  let runSign = 0
  let longestFullScaleRun = 0
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]
    const magnitude = Math.abs(x)
    if (magnitude > peak) peak = magnitude
    sum += x
    energy += x * x
    if (magnitude >= FULL_SCALE) {
      const sign = Math.sign(x)
      run = sign === runSign ? run + 1 : 1
      runSign = sign
      if (run > longestFullScaleRun) longestFullScaleRun = run
    } else runSign = 0
  }
  let trailingZeros = 0
  while (trailingZeros < samples.length && samples[samples.length - 1 - trailingZeros] === 0) trailingZeros++
  let leadingZeros = 0
  while (leadingZeros < samples.length - trailingZeros && samples[leadingZeros] === 0) leadingZeros++
  const { buffer, byteOffset, byteLength } = samples
  return {
    nSamples: samples.length,
    peak,
    rms: Math.sqrt(energy / samples.length),
    mean: sum / samples.length,
    longestFullScaleRun,
    leadingZeros,
    trailingZeros,
    sha256: createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex'),
  }
}
