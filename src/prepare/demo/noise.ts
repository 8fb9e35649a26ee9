import { Random } from '../../num/random.js'
import { type Canvas, eachControlStretch, HIGHEST_SHARE_OF_RATE } from './canvas.js'
import { addPartials } from './partials.js'

/** Noise in one band; times are seconds from the start of the sound. */
export interface NoiseBand {
  /** The same seed gives the same noise at one sample rate, and noise of the same strength at all. */
  readonly seed: string
  readonly centerHz: (t: number) => number
  /** Width between the -3 dB points. */
  readonly bandwidthHz: number
  /** Root mean square of the band. */
  readonly rms: (t: number) => number
}

export const NOISE_COLOURS = ['white', 'pink', 'brown', 'hiss', 'hum'] as const
export type NoiseColour = (typeof NOISE_COLOURS)[number]

/** The noise of a recording: what is going on around it, and the microphone's own. */
export interface RecordingNoise {
  readonly seed: string
  readonly colour: NoiseColour
  readonly rms: number
  /** White noise under everything. */
  readonly microphoneRms: number
}

/** Variance of a uniform number in [-1, 1). */
const UNIFORM_VARIANCE = 1 / 3

/**
 * Adds noise through a resonance (the band-pass of Robert Bristow-Johnson's audio EQ cookbook with 0 dB at its
 * peak), tuned anew at every control point. Stretches whose centre lies above 0.45 of the sample rate are left out.
 */
export function addNoiseBand(canvas: Canvas, startSec: number, durationSec: number, band: NoiseBand): void {
  const { samples, sampleRate } = canvas
  const random = new Random(band.seed)
  // White noise has its variance spread over half the rate; the resonance passes pi / 2 of its width.
  const passed = (UNIFORM_VARIANCE * band.bandwidthHz * Math.PI) / sampleRate
  const scale = 1 / Math.sqrt(passed)
  let [x1, x2, y1, y2] = [0, 0, 0, 0]
  eachControlStretch(canvas, startSec, durationSec, (from, to, fromSec, toSec) => {
    const centerHz = band.centerHz((fromSec + toSec) / 2)
    if (centerHz >= HIGHEST_SHARE_OF_RATE * sampleRate) return
    const angle = (2 * Math.PI * centerHz) / sampleRate
    const alpha = (Math.sin(angle) * band.bandwidthHz) / (2 * centerHz)
    const b0 = alpha / (1 + alpha)
    const a1 = (-2 * Math.cos(angle)) / (1 + alpha)
    const a2 = (1 - alpha) / (1 + alpha)
    let gain = band.rms(fromSec) * scale
    const slope = (band.rms(toSec) * scale - gain) / (to - from)
    for (let i = from; i < to; i++) {
      const x = white(random)
      const y = b0 * (x - x2) - a1 * y1 - a2 * y2
      x2 = x1
      x1 = x
      y2 = y1
      y1 = y
      samples[i] += gain * y
      gain += slope
    }
  })
}

/**
 * Adds the noise of a recording over the whole canvas.
 *
 * The microphone of the miniatures is a poor one on purpose: it keeps log spectra near 0 on average. In silence
 * the naive baseline's lie at log(1e-4), an offset that outweighs everything else in its embeddings, and with the
 * one step an epoch that so few clips give, the running statistics of batch norm lag behind it. Measured on 352
 * training notes, 100 epochs at a learning rate of 1e-4: pitch accuracy 0.28 with a microphone noise of 0.03, 0.57
 * with 0.05, 0.78 with 0.07.
 */
export function addRecordingNoise(canvas: Canvas, noise: RecordingNoise): void {
  addColouredNoise(canvas, noise.seed, noise.colour, noise.rms)
  addColouredNoise(canvas, `${noise.seed} microphone`, 'white', noise.microphoneRms)
}

/**
 * Adds steady noise over the whole canvas. White: flat; pink: falling by about 3 dB an octave; brown: by 6 dB above
 * 80 Hz; hiss: rising; hum: 50 Hz and its harmonics over a little brown.
 * @param rms of the noise up to 24 kHz; a lower sample rate holds less of the bright colours
 */
export function addColouredNoise(canvas: Canvas, seed: string, colour: NoiseColour, rms: number): void {
  if (colour === 'hum') {
    const random = new Random(`${seed}/hum`)
    const phases = Array.from({ length: 12 }, () => random.uniform())
    addPartials(canvas, 0, canvas.samples.length / canvas.sampleRate, {
      count: phases.length,
      frequencyHz: (k) => 50 * (k + 1),
      // Sum of squares over two is about one for these amplitudes.
      amplitude: (k) => (rms * (k % 2 === 1 ? 1.1 : 0.5)) / (k + 1) ** 0.5 / 1.4,
      phaseTurns: (k) => phases[k],
    })
    addLowPassed(canvas, seed, [80], rms * 0.3)
  } else if (colour === 'pink') addLowPassed(canvas, seed, [40, 160, 640, 2560, 10240], rms)
  else if (colour === 'brown') addLowPassed(canvas, seed, [80], rms)
  else addWhite(canvas, seed, rms, colour === 'hiss')
}

/** White noise has the same power in each Hz at every sample rate: less in all at a lower one. */
function addWhite({ samples, sampleRate }: Canvas, seed: string, rms: number, rising: boolean): void {
  const random = new Random(seed)
  const scale = rms * Math.sqrt(sampleRate / 48000 / UNIFORM_VARIANCE)
  const corner = onePoleCoefficient(4000, sampleRate)
  let low = 0
  for (let i = 0; i < samples.length; i++) {
    const x = white(random)
    low += corner * (x - low)
    samples[i] += scale * (rising ? x - low : x)
  }
}

/** White noise through one-pole low-passes side by side, each of the same power. */
function addLowPassed(canvas: Canvas, seed: string, cornersHz: readonly number[], rms: number): void {
  const { samples, sampleRate } = canvas
  for (const cornerHz of cornersHz) {
    const random = new Random(`${seed}/${cornerHz}`)
    const corner = onePoleCoefficient(cornerHz, sampleRate)
    // A one-pole low-pass y += c (x - y) has the output variance c / (2 - c) of the input's.
    const scale = rms / Math.sqrt((UNIFORM_VARIANCE * corner * cornersHz.length) / (2 - corner))
    let y = 0
    for (let i = 0; i < samples.length; i++) {
      y += corner * (white(random) - y)
      samples[i] += scale * y
    }
  }
}

function onePoleCoefficient(cornerHz: number, sampleRate: number): number {
  return 1 - Math.exp((-2 * Math.PI * cornerHz) / sampleRate)
}

/** Uniform in [-1, 1). */
function white(random: Random): number {
  return random.nextUint32() * 2 ** -31 - 1
}
