import type { Tensor } from '../model/contract.js'
import { Random } from '../num/random.js'

/** One sound as data: what is in it is added up, and clipped to [-1, 1]. */
export interface Sound {
  /** Uniform white noise of this peak, over again every 10 s. */
  readonly noise?: { readonly peak: number; readonly seed: number }
  readonly tone?: { readonly peak: number; readonly hz: number }
  /** Where clicks are centred. */
  readonly clicksMs?: readonly number[]
}

/** A batch of sounds of one length; small enough to be sent, however long the audio is. */
export interface Sounds {
  readonly sampleRate: number
  readonly nSamples: number
  /** The batch is what lies from this sample on of sounds that have no end; 0 unless given. Clicks are not moved. */
  readonly firstSample?: number
  readonly sounds: readonly Sound[]
}

/**
 * Full width of a click. Short beside any hop; long enough that it has energy at every frequency that a model may
 * listen to.
 */
const CLICK_MS = 4
const CLICK_PEAK = 0.7

/**
 * Noise repeats after so long: places that are a multiple of it apart have the same background, and 20 minutes are
 * made in no time.
 */
const NOISE_LOOP_SEC = 10

/** The batch as a tensor float32 [nSounds, nSamples]; the same description is the same audio every time. */
export function soundTensor({ sampleRate, nSamples, firstSample = 0, sounds }: Sounds): Tensor {
  const data = new Float32Array(sounds.length * nSamples)
  sounds.forEach((sound, i) => {
    draw(sound, data.subarray(i * nSamples, (i + 1) * nSamples), sampleRate, firstSample)
  })
  return { data, dims: [sounds.length, nSamples] }
}

/** Length of a batch in seconds of audio, over all its sounds. */
export function audioSec({ sampleRate, nSamples, sounds }: Sounds): number {
  return (sounds.length * nSamples) / sampleRate
}

function draw(
  { noise, tone, clicksMs = [] }: Sound,
  samples: Float32Array,
  sampleRate: number,
  first: number,
): void {
  if (noise !== undefined) {
    const random = new Random(noise.seed)
    const loop = new Float32Array(Math.min(first + samples.length, NOISE_LOOP_SEC * sampleRate))
    for (let i = 0; i < loop.length; i++) loop[i] = noise.peak * (2 * random.uniformFloat32() - 1)
    for (let i = 0; i < samples.length; i++) samples[i] += loop[(first + i) % loop.length]
  }
  if (tone !== undefined) {
    const step = (2 * Math.PI * tone.hz) / sampleRate
    for (let i = 0; i < samples.length; i++) samples[i] += tone.peak * Math.sin(step * (first + i))
  }
  for (const centreMs of clicksMs) drawClick(samples, sampleRate, centreMs)
  for (let i = 0; i < samples.length; i++) samples[i] = Math.max(-1, Math.min(1, samples[i]))
}

/** Noise under a raised cosine, symmetric about the centre, so that its middle is where it is said to be. */
function drawClick(samples: Float32Array, sampleRate: number, centreMs: number): void {
  const centre = (centreMs / 1000) * sampleRate
  const half = ((CLICK_MS / 1000) * sampleRate) / 2
  for (let i = Math.max(0, Math.ceil(centre - half)); i <= Math.min(samples.length - 1, centre + half); i++) {
    const fromCentre = (i - centre) / half
    // The same noise on both sides, seeded by the distance, keeps the click symmetric at any rate.
    const grain = new Random(Math.round(Math.abs(i - centre))).uniformFloat32() < 0.5 ? -1 : 1
    samples[i] += CLICK_PEAK * grain * 0.5 * (1 + Math.cos(Math.PI * fromCentre))
  }
}
