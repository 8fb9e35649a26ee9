import { describe, expect, it } from 'vitest'
import { Random } from '../../num/random.js'
import { emptyCanvas } from './canvas.js'
import { drawInstrument, FAMILY_NAMES, noteSound } from './instruments.js'

const SAMPLE_RATE = 16000

function play(family: (typeof FAMILY_NAMES)[number], pitch: number, velocity: number): Float32Array {
  const instrument = {
    ...drawInstrument(new Random('instrument'), family, 0),
    tuningCents: 0,
    inharmonicity: 0,
  }
  const canvas = emptyCanvas(1, SAMPLE_RATE)
  noteSound(instrument, { pitch, velocity }, new Random('note'), 1).draw(canvas, 0, 0.5)
  return canvas.samples
}

/** Magnitude at a frequency over the middle half second. */
function magnitudeAt(samples: Float32Array, hz: number): number {
  let [re, im] = [0, 0]
  for (let i = 0; i < SAMPLE_RATE / 2; i++) {
    const windowed = samples[i + 1600] * Math.sin((2 * Math.PI * i) / SAMPLE_RATE) ** 2
    re += windowed * Math.cos((2 * Math.PI * hz * i) / SAMPLE_RATE)
    im += windowed * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)
  }
  return Math.hypot(re, im)
}

describe.each(FAMILY_NAMES)('a %s instrument', (family) => {
  it.each([45, 69, 93])('sounds at the pitch of note %i and not a semitone beside it', (pitch) => {
    const f0 = 440 * 2 ** ((pitch - 69) / 12)
    const samples = play(family, pitch, 100)
    const harmonics = (hz: number) => [1, 2, 3].reduce((sum, k) => sum + magnitudeAt(samples, k * hz), 0)
    expect(harmonics(f0)).toBeGreaterThan(4 * harmonics(f0 * 2 ** (1 / 12)))
    expect(harmonics(f0)).toBeGreaterThan(4 * harmonics(f0 * 2 ** (-1 / 12)))
  })

  it('is brighter when played louder', () => {
    const brightness = (velocity: number) => {
      const samples = play(family, 57, velocity)
      const upper = [4, 5, 6, 7, 8, 9].reduce((sum, k) => sum + magnitudeAt(samples, k * 220), 0)
      return upper / (magnitudeAt(samples, 220) + magnitudeAt(samples, 440))
    }
    expect(brightness(127)).toBeGreaterThan(1.2 * brightness(25))
  })
})
