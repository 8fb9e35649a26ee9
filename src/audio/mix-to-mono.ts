import type { Samples } from './sample-encoding.js'

/** Added to and taken from a double below 2^51, it rounds it to the nearest whole number, ties to even. */
const ROUNDER = 1.5 * 2 ** 52

/**
 * Mixes samples to mono 16-bit numbers exactly as `ffmpeg -ac 1 -c:a pcm_s16le` does (5.1.9, bit for bit):
 *
 * - 16-bit: the sum of x_i * c_i, c_i being the weights in units of 2^-15, plus one half, rounded down; so
 *   (L + R + 1) >> 1 in stereo. One channel passes unchanged.
 * - 32-bit: one channel loses its lower 16 bits (rounded down); more are mixed as floats.
 * - float: the sum of x_i * w_i in single precision, in the order of the channels, times 32768, rounded half to
 *   even and clamped to [-32768, 32767]. Doubles likewise, in double precision.
 *
 * @param samples interleaved, [nFrames * channels]; all finite
 * @param weights one per channel, sum 1 (monoWeights)
 * @returns [nFrames]; shares memory with `samples` where nothing has to be done.
 * *Differs*: floats beyond 65536 times full scale, where ffmpeg's integers overflow, are clamped.
 */
export function mixToMono(samples: Samples, weights: Float64Array): Int16Array {
  if (samples instanceof Int16Array) return weights.length === 1 ? samples : mixIntegers(samples, weights)
  if (weights.length === 1) return convert(samples)
  return samples instanceof Float64Array ? mixDoubles(samples, weights) : mixFloats(samples, weights)
}

function mixIntegers(samples: Int16Array, weights: Float64Array): Int16Array {
  const channels = weights.length
  const mono = new Int16Array(samples.length / channels)
  const factors = Int32Array.from(weights, (weight) => round(weight * 32768))
  for (let frame = 0, at = 0; frame < mono.length; frame++) {
    let sum = 16384
    for (let channel = 0; channel < channels; channel++) sum += samples[at++] * factors[channel]
    // Factors that round up can sum to more than 32768 by half their number, and then a loud sum leaves the range.
    mono[frame] = clamp(sum >> 15)
  }
  return mono
}

function mixFloats(samples: Int32Array | Float32Array, weights: Float64Array): Int16Array {
  const channels = weights.length
  const mono = new Int16Array(samples.length / channels)
  const factors = Float32Array.from(weights)
  const scale = samples instanceof Int32Array ? 2 ** -31 : 1
  for (let frame = 0, at = 0; frame < mono.length; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++)
      sum = Math.fround(sum + Math.fround(Math.fround(samples[at++] * scale) * factors[channel]))
    mono[frame] = clamp(round(sum * 32768))
  }
  return mono
}

function mixDoubles(samples: Float64Array, weights: Float64Array): Int16Array {
  const channels = weights.length
  const mono = new Int16Array(samples.length / channels)
  for (let frame = 0, at = 0; frame < mono.length; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += samples[at++] * weights[channel]
    mono[frame] = clamp(round(sum * 32768))
  }
  return mono
}

function convert(samples: Int32Array | Float32Array | Float64Array): Int16Array {
  if (samples instanceof Int32Array) return Int16Array.from(samples, (value) => value >> 16)
  const mono = new Int16Array(samples.length)
  for (let i = 0; i < mono.length; i++) mono[i] = clamp(round(samples[i] * 32768))
  return mono
}

function clamp(value: number): number {
  return Math.max(-32768, Math.min(32767, value))
}

function round(value: number): number {
  return value + ROUNDER - ROUNDER
}
