import { type Canvas, eachControlStretch, HIGHEST_SHARE_OF_RATE } from './canvas.js'

/** A bank of sine waves; times are seconds from the start of the sound. */
export interface PartialBank {
  readonly count: number
  /** Hz of partial k at time t. */
  frequencyHz(k: number, t: number): number
  /** Amplitude of partial k at time t. */
  amplitude(k: number, t: number): number
  /** Phase of partial k at the start, in turns; 0 when absent. */
  phaseTurns?(k: number): number
}

/** Amplitudes below this, a third of a step of 16-bit audio, are left out. */
const INAUDIBLE = 1e-5

/**
 * Adds a bank of sine waves. Frequency is held and amplitude runs straight between control points; a partial is
 * left out of every stretch in which it lies above 0.45 of the sample rate.
 */
export function addPartials(canvas: Canvas, startSec: number, durationSec: number, bank: PartialBank): void {
  const { samples, sampleRate } = canvas
  for (let k = 0; k < bank.count; k++) {
    let turns = bank.phaseTurns?.(k) ?? 0
    eachControlStretch(canvas, startSec, durationSec, (from, to, fromSec, toSec) => {
      const frequency = bank.frequencyHz(k, (fromSec + toSec) / 2)
      const start = bank.amplitude(k, fromSec)
      const end = bank.amplitude(k, toSec)
      if (frequency < HIGHEST_SHARE_OF_RATE * sampleRate && Math.max(start, end) > INAUDIBLE)
        addSine(samples, from, to, turns, frequency / sampleRate, start, end)
      turns += ((to - from) * frequency) / sampleRate
      turns -= Math.floor(turns)
    })
  }
}

/**
 * Even and odd samples each follow sin(x + 2w) = 2 cos(2w) sin(x) - sin(x - 2w): two chains that do not wait for
 * each other (twice as fast as one). They start anew at every control point, so errors do not build up.
 */
function addSine(
  samples: Float32Array,
  from: number,
  to: number,
  turns: number,
  turnsPerSample: number,
  start: number,
  end: number,
): void {
  const phase = 2 * Math.PI * turns
  const step = 2 * Math.PI * turnsPerSample
  const factor = 2 * Math.cos(2 * step)
  const slope = (end - start) / (to - from)
  let [even, evenBefore] = [Math.sin(phase), Math.sin(phase - 2 * step)]
  let [odd, oddBefore] = [Math.sin(phase + step), Math.sin(phase - step)]
  let amplitude = start
  let i = from
  for (; i + 1 < to; i += 2) {
    samples[i] += amplitude * even
    samples[i + 1] += (amplitude + slope) * odd
    const evenNext = factor * even - evenBefore
    evenBefore = even
    even = evenNext
    const oddNext = factor * odd - oddBefore
    oddBefore = odd
    odd = oddNext
    amplitude += 2 * slope
  }
  if (i < to) samples[i] += amplitude * even
}
