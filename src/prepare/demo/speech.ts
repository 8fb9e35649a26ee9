import type { Random } from '../../num/random.js'
import type { Sound } from './canvas.js'
import { addNoiseBand } from './noise.js'
import { addPartials } from './partials.js'
import type { SpeechTarget } from './phones.js'

/** A speaker: what all of its words have in common. */
export interface Voice {
  readonly f0Hz: number
  /** Formants are multiplied by this: above 1 for a short vocal tract. */
  readonly tractScale: number
  /** Durations are divided by this. */
  readonly pace: number
  /** Harmonic k of the voice falls as k to minus this power, before the formants. */
  readonly tilt: number
  readonly breath: number
  /** Depth of the fall in pitch over a word, as a share of f0. */
  readonly melody: number
  /** The speaker's own way with each formant. */
  readonly accent: readonly [number, number, number]
}

/** Control step of the vocal tract. */
const STEP_SEC = 0.005
/** The tongue takes about this long from one target to the next, the glottis and lips less. */
const TRACT_STEPS = 9
const LEVEL_STEPS = 3
const FORMANT_BANDWIDTHS_HZ = [90, 120, 180]
const FORMANT_LEVELS = [1, 0.55, 0.3]
const HIGHEST_HARMONIC_HZ = 7000

/** Draws a speaker at random: low voices have long tracts, more or less. */
export function drawVoice(random: Random): Voice {
  const between = (low: number, high: number) => low + (high - low) * random.uniform()
  const high = random.uniform()
  return {
    f0Hz: 90 * 2.5 ** high,
    tractScale: 0.92 + 0.16 * high + between(-0.03, 0.03),
    pace: between(0.85, 1.2),
    tilt: between(0.7, 1.4),
    breath: between(0.01, 0.12),
    melody: between(-0.1, 0.35),
    accent: [between(0.96, 1.04), between(0.96, 1.04), between(0.97, 1.03)],
  }
}

/** Speech in steps of STEP_SEC: the levels and formants that a voice would move through. */
interface Tracks {
  readonly steps: number
  readonly formantsHz: readonly Float64Array[]
  readonly voice: Float64Array
  readonly breath: Float64Array
}

/**
 * Speech of a voice through a series of targets: harmonics of the voice shaped by moving formants, breath through
 * the first two of them, and turbulence where the targets have friction.
 * @param random draws what differs each time the voice speaks: pitch, pace, noise
 */
export function speechSound(targets: readonly SpeechTarget[], voice: Voice, random: Random): Sound {
  const pace = voice.pace * (0.9 + 0.2 * random.uniform())
  const f0 = voice.f0Hz * (0.92 + 0.16 * random.uniform())
  const noiseSeed = `speech ${random.nextUint32()}`
  const spoken = targets.map((target) => ({ ...target, durationSec: target.durationSec / pace }))
  const tracks = tracksOf(spoken, voice)
  const durationSec = tracks.steps * STEP_SEC
  const harmonics = Math.floor(HIGHEST_HARMONIC_HZ / (f0 * (1 - Math.abs(voice.melody))))
  // A sharp pulse has all cosines in line; spreading their phases keeps the peak of the wave down.
  const phases = Array.from({ length: harmonics }, (_, k) => ((k + 1) * k * 0.5) / harmonics)
  const pitchAt = (t: number) => f0 * (1 + voice.melody * (0.5 - t / durationSec) * 0.7)
  return {
    durationSec,
    draw(canvas, startSec, gain) {
      addPartials(canvas, startSec, durationSec, {
        count: harmonics,
        frequencyHz: (k, t) => (k + 1) * pitchAt(t),
        amplitude: (k, t) => {
          const level = valueAt(tracks.voice, t)
          return level < 1e-4
            ? 0
            : gain * level * harmonicLevel(tracks, voice.tilt, (k + 1) * pitchAt(t), k + 1, t)
        },
        phaseTurns: (k) => phases[k],
      })
      for (const formant of [0, 1])
        addNoiseBand(canvas, startSec, durationSec, {
          seed: `${noiseSeed} breath ${formant}`,
          centerHz: (t) => valueAt(tracks.formantsHz[formant], t),
          bandwidthHz: 400,
          rms: (t) => gain * (valueAt(tracks.breath, t) + voice.breath * valueAt(tracks.voice, t)) * 0.5,
        })
      let t = 0
      for (const [i, { friction, durationSec: lastsSec }] of spoken.entries()) {
        if (friction !== undefined)
          addNoiseBand(canvas, startSec + t, lastsSec, {
            seed: `${noiseSeed} friction ${i}`,
            centerHz: () => friction.centerHz * (0.5 + 0.5 * voice.tractScale),
            bandwidthHz: friction.bandwidthHz,
            rms: (at) => gain * friction.level * Math.min(1, at / 0.01, (lastsSec - at) / 0.01),
          })
        t += lastsSec
      }
    },
  }
}

/** Amplitude of a harmonic: its place in the source, through resonances of the tract side by side. */
function harmonicLevel(tracks: Tracks, tilt: number, hz: number, k: number, t: number): number {
  let through = 0.01
  for (let formant = 0; formant < 3; formant++) {
    const off = (hz - valueAt(tracks.formantsHz[formant], t)) / (FORMANT_BANDWIDTHS_HZ[formant] / 2)
    through += FORMANT_LEVELS[formant] / Math.sqrt(1 + off * off)
  }
  return through * k ** (0.6 - tilt)
}

function tracksOf(spoken: readonly SpeechTarget[], voice: Voice): Tracks {
  const stepsOf = spoken.map(({ durationSec }) => Math.max(1, Math.round(durationSec / STEP_SEC)))
  const steps = stepsOf.reduce((sum, n) => sum + n, 0)
  const track = (value: (target: SpeechTarget) => number, smoothing: number) => {
    const values = new Float64Array(steps)
    let at = 0
    for (const [i, target] of spoken.entries()) {
      values.fill(value(target), at, at + stepsOf[i])
      at += stepsOf[i]
    }
    return movingMean(values, smoothing)
  }
  return {
    steps,
    formantsHz: voice.accent.map((accent, f) =>
      track(({ formantsHz }) => formantsHz[f] * voice.tractScale * accent, TRACT_STEPS),
    ),
    voice: track((target) => target.voice, LEVEL_STEPS),
    breath: track((target) => target.breath ?? 0, LEVEL_STEPS),
  }
}

/** Mean over the `width` (odd) values around each; fewer at the ends. */
function movingMean(values: Float64Array, width: number): Float64Array {
  const reach = (width - 1) / 2
  return values.map((_, i) => {
    const around = values.subarray(Math.max(0, i - reach), i + reach + 1)
    return around.reduce((sum, value) => sum + value, 0) / around.length
  })
}

/** The track in straight lines between the centres of its steps. */
function valueAt(track: Float64Array, t: number): number {
  const position = Math.max(0, Math.min(track.length - 1, t / STEP_SEC - 0.5))
  const index = Math.min(track.length - 2, Math.floor(position))
  if (index < 0) return track[0]
  return track[index] + (track[index + 1] - track[index]) * (position - index)
}
