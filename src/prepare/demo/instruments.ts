import type { Random } from '../../num/random.js'
import type { Sound } from './canvas.js'
import { addNoiseBand } from './noise.js'
import { addPartials } from './partials.js'

/** How the tone starts and lasts. */
const FAMILIES = {
  struck: { attackSec: 0.003, decaySec: 0.5, inharmonicity: 4e-4, breath: 0.01 },
  plucked: { attackSec: 0.002, decaySec: 0.28, inharmonicity: 5e-5, breath: 0.02 },
  bowed: { attackSec: 0.09, decaySec: 8, inharmonicity: 0, breath: 0.04 },
  blown: { attackSec: 0.05, decaySec: 8, inharmonicity: 0, breath: 0.08 },
  organ: { attackSec: 0.015, decaySec: 60, inharmonicity: 0, breath: 0.005 },
} as const
export type Family = keyof typeof FAMILIES
export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[]

/** A synthetic instrument: all that its notes have in common. */
export interface Instrument {
  readonly name: string
  readonly family: Family
  readonly attackSec: number
  /** Time in which a partial of 261.6 Hz falls by 1/e. */
  readonly decaySec: number
  /** Partial k lies at k f0 sqrt(1 + inharmonicity k^2), as on a stiff string. */
  readonly inharmonicity: number
  /** Level of the breath or bow noise against the tone. */
  readonly breath: number
  /** Amplitude of partial k falls as k to this power. */
  readonly slope: number
  /** Strength of the even partials: low for a closed pipe. */
  readonly even: number
  /** Resonances of the body. */
  readonly body: readonly { readonly hz: number; readonly gain: number; readonly octaves: number }[]
  readonly vibratoCents: number
  readonly tuningCents: number
}

export interface Note {
  /** MIDI number, 69 for 440 Hz. */
  readonly pitch: number
  /** MIDI velocity, 1 to 127: louder and brighter. */
  readonly velocity: number
}

/** More partials than this are inaudible in the lowest notes, and slow to draw. */
const MOST_PARTIALS = 40
const HIGHEST_PARTIAL_HZ = 16000
const RELEASE_SEC = 0.08

/** Draws an instrument of a family at random. */
export function drawInstrument(random: Random, family: Family, index: number): Instrument {
  const between = (low: number, high: number) => low + (high - low) * random.uniform()
  const base = FAMILIES[family]
  return {
    name: `${family}_${String(index).padStart(3, '0')}`,
    family,
    attackSec: base.attackSec * between(0.6, 1.6),
    decaySec: base.decaySec * between(0.6, 1.6),
    inharmonicity: base.inharmonicity * between(0.3, 1.7),
    breath: base.breath * between(0.4, 1.6),
    slope: between(0.5, 2),
    even: random.uniform() < 0.3 ? between(0.05, 0.3) : between(0.6, 1.1),
    body: Array.from({ length: 3 }, () => ({
      hz: 150 * 2 ** between(0, 5),
      gain: between(0.5, 6),
      octaves: between(0.2, 0.7),
    })),
    vibratoCents: base.decaySec > 1 ? between(0, 25) : 0,
    tuningCents: between(-15, 15),
  }
}

/**
 * One note of an instrument: held for 70 to 85 % of its time, then released.
 * @param random draws what differs from note to note of one player: phases, timing, breath
 */
export function noteSound(instrument: Instrument, note: Note, random: Random, durationSec: number): Sound {
  const f0 = 440 * 2 ** ((note.pitch - 69) / 12 + instrument.tuningCents / 1200)
  const loud = note.velocity / 127
  const phases = Array.from({ length: MOST_PARTIALS }, () => random.uniform())
  const vibratoHz = 4.5 + 2 * random.uniform()
  const heldSec = durationSec * (0.7 + 0.15 * random.uniform())
  const noiseSeed = `breath ${random.nextUint32()}`
  const envelope = (t: number) =>
    Math.min(1, t / instrument.attackSec) * Math.max(0, Math.min(1, 1 - (t - heldSec) / RELEASE_SEC))
  const partials = Array.from({ length: MOST_PARTIALS }, (_, k) => partialOf(instrument, f0, loud, k + 1))
  const count = partials.filter(({ hz }) => hz < HIGHEST_PARTIAL_HZ).length
  // The mean of a bank's squares is half the sum of its squared amplitudes.
  const level = Math.sqrt(partials.reduce((sum, { amplitude }) => sum + amplitude ** 2 / 2, 0))
  return {
    durationSec,
    draw(canvas, startSec, gain) {
      addPartials(canvas, startSec, durationSec, {
        count,
        frequencyHz: (k, t) =>
          partials[k].hz * (1 + (instrument.vibratoCents / 1731) * Math.sin(2 * Math.PI * vibratoHz * t)),
        amplitude: (k, t) =>
          (gain / level) * partials[k].amplitude * envelope(t) * Math.exp(-t / partials[k].decaySec),
        phaseTurns: (k) => phases[k],
      })
      addNoiseBand(canvas, startSec, durationSec, {
        seed: noiseSeed,
        centerHz: () => Math.min(6000, f0 * 3),
        bandwidthHz: Math.min(4000, f0 * 3),
        rms: (t) => gain * instrument.breath * envelope(t) * Math.exp(-t / instrument.decaySec),
      })
    },
  }
}

/** Frequency, amplitude and decay of partial k, from 1. */
function partialOf(instrument: Instrument, f0: number, loud: number, k: number) {
  const hz = f0 * k * Math.sqrt(1 + instrument.inharmonicity * k * k)
  // A soft note is darker: its slope is steeper by up to one power of k.
  const tilt = k ** -(instrument.slope + 1 - loud)
  const parity = k % 2 === 0 ? instrument.even : 1
  const body = instrument.body.reduce(
    (sum, { hz: center, gain, octaves }) => sum + gain * Math.exp(-((Math.log2(hz / center) / octaves) ** 2)),
    1,
  )
  // High partials die first, and high notes faster than low ones.
  return { hz, amplitude: tilt * parity * body, decaySec: instrument.decaySec * Math.sqrt(261.6 / hz) }
}
