import { describe, expect, it } from 'vitest'
import { Random } from '../../num/random.js'
import { type Canvas, emptyCanvas } from './canvas.js'
import { targetsOf } from './phones.js'
import { drawVoice, speechSound, type Voice } from './speech.js'

const voice: Voice = {
  f0Hz: 110,
  tractScale: 1,
  pace: 1,
  tilt: 1,
  breath: 0.02,
  melody: 0,
  accent: [1, 1, 1],
}

function speak(phones: string[], by = voice, sampleRate = 16000): Canvas {
  const sound = speechSound(
    phones.flatMap((phone) => targetsOf(phone, true)),
    by,
    new Random('words'),
  )
  const canvas = emptyCanvas(sound.durationSec, sampleRate)
  sound.draw(canvas, 0, 1)
  return canvas
}

/** Energy between two frequencies, by a slow Fourier sum every 20 Hz. */
function energyBetween({ samples, sampleRate }: Canvas, lowHz: number, highHz: number): number {
  let energy = 0
  for (let hz = lowHz; hz < highHz; hz += 20) {
    let [re, im] = [0, 0]
    for (let i = 0; i < samples.length; i++) {
      re += samples[i] * Math.cos((2 * Math.PI * hz * i) / sampleRate)
      im += samples[i] * Math.sin((2 * Math.PI * hz * i) / sampleRate)
    }
    energy += re * re + im * im
  }
  return energy
}

describe('synthetic speech', () => {
  it('has the formants of its vowels', () => {
    const a = speak(['a'])
    const i = speak(['i'])
    // First and second formant: 730 and 1150 Hz in a, 280 and 2250 Hz in i.
    expect(energyBetween(a, 550, 1300)).toBeGreaterThan(2 * energyBetween(a, 100, 450))
    expect(energyBetween(i, 100, 450)).toBeGreaterThan(2 * energyBetween(i, 550, 1300))
    expect(energyBetween(i, 2000, 2500)).toBeGreaterThan(2 * energyBetween(i, 1000, 1500))
  })

  it('hisses high in s and lower in sh', () => {
    const [s, sh] = [speak(['s']), speak(['sh'])]
    expect(energyBetween(s, 4500, 6500)).toBeGreaterThan(5 * energyBetween(s, 2000, 4000))
    expect(energyBetween(sh, 2000, 4000)).toBeGreaterThan(2 * energyBetween(sh, 4500, 6500))
  })

  it('has higher formants from a shorter tract and is shorter at a quicker pace', () => {
    const short = speak(['a'], { ...voice, tractScale: 1.25 })
    const normal = speak(['a'])
    const share = (canvas: Canvas) => energyBetween(canvas, 850, 1700) / energyBetween(canvas, 100, 850)
    expect(share(short)).toBeGreaterThan(1.5 * share(normal))
    expect(speak(['a'], { ...voice, pace: 1.5 }).samples.length).toBeLessThan(0.75 * normal.samples.length)
  })

  it('is silent in the closure of a stop between vowels', () => {
    const { samples } = speak(['a', 'p', 'a'])
    const pieces = Array.from({ length: Math.floor(samples.length / 160) }, (_, i) =>
      samples.subarray(i * 160, (i + 1) * 160).reduce((sum, x) => sum + x * x, 0),
    )
    const middle = pieces.slice(Math.floor(pieces.length / 3), Math.ceil((2 * pieces.length) / 3))
    expect(Math.min(...middle)).toBeLessThan(1e-3 * Math.max(...pieces))
  })

  it('comes from voices that differ', () => {
    const random = new Random(3)
    const voices = Array.from({ length: 50 }, () => drawVoice(random))
    const pitches = voices.map(({ f0Hz }) => f0Hz)
    expect(Math.min(...pitches)).toBeLessThan(110)
    expect(Math.max(...pitches)).toBeGreaterThan(190)
    expect(new Set(voices.map((one) => JSON.stringify(one))).size).toBe(50)
  })
})
