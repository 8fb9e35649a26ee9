/**
 * Audio in the making: sounds are added to it. Every sound is described in seconds and Hz, so that the same
 * description drawn at two sample rates is the same sound, up to what the lower rate can hold.
 */
export interface Canvas {
  readonly samples: Float32Array
  readonly sampleRate: number
}

/** A sound that can be drawn at any sample rate, as often as wanted, with the same result each time. */
export interface Sound {
  readonly durationSec: number
  /** Adds the sound to the canvas; what lies beyond the end of the canvas is cut. */
  draw(canvas: Canvas, startSec: number, gain: number): void
}

/** How often envelopes and frequencies are evaluated; they run in straight lines between. */
const CONTROL_SEC = 0.004

/** Content above this share of the sample rate is left out, so that no rate folds it back. */
export const HIGHEST_SHARE_OF_RATE = 0.45

/** Silence of the given length, to the nearest sample. */
export function emptyCanvas(durationSec: number, sampleRate: number): Canvas {
  return { samples: new Float32Array(Math.round(durationSec * sampleRate)), sampleRate }
}

/**
 * Calls `stretch` for each piece between two control points of a sound, with its samples [from, to) clipped to
 * the canvas, and the times of both control points in seconds from the start of the sound.
 */
export function eachControlStretch(
  canvas: Canvas,
  startSec: number,
  durationSec: number,
  stretch: (from: number, to: number, fromSec: number, toSec: number) => void,
): void {
  const { samples, sampleRate } = canvas
  const stretches = Math.max(1, Math.ceil(durationSec / CONTROL_SEC))
  for (let i = 0; i < stretches; i++) {
    const fromSec = i * CONTROL_SEC
    const toSec = Math.min(durationSec, (i + 1) * CONTROL_SEC)
    const from = Math.round((startSec + fromSec) * sampleRate)
    const to = Math.min(samples.length, Math.round((startSec + toSec) * sampleRate))
    if (from >= to) continue
    stretch(from, to, fromSec, toSec)
  }
}

/** No sound of ours reaches above this half rate, so that its peak here is its peak at any higher rate. */
const PEAK_RATE = 22050

/** The largest magnitude of a sound drawn alone with gain 1. */
export function peakOf(sound: Sound): number {
  const canvas = emptyCanvas(sound.durationSec, PEAK_RATE)
  sound.draw(canvas, 0, 1)
  return largestOf(canvas)
}

/** Scales the canvas so that its largest magnitude is `peak`; silence stays silence. */
export function scaleToPeak(canvas: Canvas, peak: number): void {
  const largest = largestOf(canvas)
  if (largest === 0) return
  const gain = peak / largest
  const { samples } = canvas
  for (let i = 0; i < samples.length; i++) samples[i] *= gain
}

function largestOf({ samples }: Canvas): number {
  let largest = 0
  for (const sample of samples) largest = Math.max(largest, Math.abs(sample))
  return largest
}

/** A function of time in straight lines through [seconds, value] points, constant before and after them. */
export function breakpoints(
  ...points: readonly (readonly [sec: number, value: number])[]
): (t: number) => number {
  return (t) => {
    if (t <= points[0][0]) return points[0][1]
    for (let i = 1; i < points.length; i++) {
      const [endSec, end] = points[i]
      if (t < endSec) {
        const [startSec, start] = points[i - 1]
        return start + ((end - start) * (t - startSec)) / (endSec - startSec)
      }
    }
    return points[points.length - 1][1]
  }
}
