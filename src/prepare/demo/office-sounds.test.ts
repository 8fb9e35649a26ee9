import { describe, expect, it } from 'vitest'
import { Random } from '../../num/random.js'
import { emptyCanvas, peakOf } from './canvas.js'
import { OFFICE_SOUNDS } from './office-sounds.js'

const SAMPLE_RATE = 44100
const kinds = Object.entries(OFFICE_SOUNDS)

/** Largest magnitude in each 10 ms, of a sound scaled to a peak of 1. */
function outline(make: (typeof kinds)[number][1], seed: number, sampleRate = SAMPLE_RATE): number[] {
  const sound = make(new Random(seed))
  const canvas = emptyCanvas(sound.durationSec, sampleRate)
  sound.draw(canvas, 0, 1 / peakOf(sound))
  const step = sampleRate / 100
  return Array.from({ length: Math.floor(canvas.samples.length / step) }, (_, i) =>
    canvas.samples
      .subarray(Math.round(i * step), Math.round((i + 1) * step))
      .reduce((max, x) => Math.max(max, Math.abs(x)), 0),
  )
}

describe('the office', () => {
  it('has eleven kinds of sound', () => {
    expect(kinds.length).toBe(11)
  })
})

describe.each(kinds)('the sound of %s', (_, make) => {
  const outlines = Array.from({ length: 20 }, (_, seed) => outline(make, seed))

  it('can be heard from its first 30 ms on', () => {
    for (const pieces of outlines) expect(Math.max(...pieces.slice(0, 3))).toBeGreaterThan(0.1)
  })

  it('can be heard until 60 ms before its end', () => {
    for (const pieces of outlines) expect(Math.max(...pieces.slice(-6))).toBeGreaterThan(0.003)
  })

  it('lasts between a fifth of a second and two seconds', () => {
    for (const pieces of outlines) {
      expect(pieces.length).toBeGreaterThanOrEqual(20)
      expect(pieces.length).toBeLessThanOrEqual(200)
    }
  })

  it('is another each time', () => {
    expect(new Set(outlines.map((pieces) => pieces.join(' '))).size).toBe(20)
  })

  it('is as loud and as long at another sample rate', () => {
    const lower = outline(make, 5, 22050)
    expect(Math.abs(lower.length - outlines[5].length)).toBeLessThanOrEqual(1)
    expect(Math.max(...lower)).toBeCloseTo(1, 2)
    expect(Math.max(...outlines[5])).toBeGreaterThan(0.6)
    expect(Math.max(...outlines[5])).toBeLessThan(1.5)
  })
})
