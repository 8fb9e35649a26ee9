import { describe, expect, it } from 'vitest'
import { breakpoints, emptyCanvas, scaleToPeak } from './canvas.js'
import { addPartials } from './partials.js'

describe('a bank of partials', () => {
  it('is the sine wave that the formula says, sample by sample', () => {
    for (const sampleRate of [16000, 44100]) {
      const canvas = emptyCanvas(0.5, sampleRate)
      addPartials(canvas, 0, 0.5, {
        count: 1,
        frequencyHz: () => 441,
        amplitude: () => 0.7,
        phaseTurns: () => 0.125,
      })
      const worst = canvas.samples.reduce((max, sample, i) => {
        const expected = 0.7 * Math.sin(2 * Math.PI * ((441 * i) / sampleRate + 0.125))
        return Math.max(max, Math.abs(sample - expected))
      }, 0)
      // Half a unit in the last place of a float32 near 0.7 is 3e-8.
      expect(worst).toBeLessThan(4e-8)
    }
  })

  it('follows its envelope and starts where it is told', () => {
    const canvas = emptyCanvas(0.3, 32000)
    addPartials(canvas, 0.1, 0.1, {
      count: 1,
      frequencyHz: () => 8000,
      amplitude: (_, t) => t * 10,
      phaseTurns: () => 0.25,
    })
    // A quarter of the rate with a quarter turn is 1, 0, -1, 0, ...: every fourth sample is the envelope.
    expect(canvas.samples.subarray(0, 3200).every((sample) => sample === 0)).toBe(true)
    expect(canvas.samples[3200 + 1600]).toBeCloseTo(0.5, 3)
    expect(canvas.samples[3200 + 2400]).toBeCloseTo(0.75, 3)
    expect(canvas.samples.subarray(6400).every((sample) => sample === 0)).toBe(true)
  })

  it('leaves out what the sample rate cannot hold', () => {
    const bank = { count: 2, frequencyHz: (k: number) => [1000, 7500][k], amplitude: () => 0.4 }
    const both = emptyCanvas(0.1, 44100)
    const low = emptyCanvas(0.1, 16000)
    const only = emptyCanvas(0.1, 16000)
    addPartials(both, 0, 0.1, bank)
    addPartials(low, 0, 0.1, bank)
    addPartials(only, 0, 0.1, { ...bank, count: 1 })
    expect(low.samples).toEqual(only.samples)
    expect(both.samples.some((sample) => Math.abs(sample) > 0.5)).toBe(true)
  })

  it('is cut at the end of the canvas', () => {
    const canvas = emptyCanvas(0.05, 16000)
    addPartials(canvas, 0.04, 1, { count: 1, frequencyHz: () => 100, amplitude: () => 1 })
    expect(canvas.samples.length).toBe(800)
    expect(canvas.samples.subarray(640).some((sample) => sample !== 0)).toBe(true)
  })
})

describe('a canvas', () => {
  it('is scaled to the peak asked for, and stays silent when it is', () => {
    const canvas = { samples: Float32Array.of(0.1, -0.4, 0.2), sampleRate: 16000 }
    scaleToPeak(canvas, 0.8)
    expect([...canvas.samples].map((sample) => sample.toFixed(4))).toEqual(['0.2000', '-0.8000', '0.4000'])
    const silent = emptyCanvas(0.001, 16000)
    scaleToPeak(silent, 0.8)
    expect(silent.samples.every((sample) => sample === 0)).toBe(true)
  })
})

describe('breakpoints', () => {
  it('run straight between points and stay constant outside', () => {
    const line = breakpoints([1, 10], [2, 20], [4, 0])
    expect([0, 1, 1.5, 2, 3, 4, 9].map(line)).toEqual([10, 10, 15, 20, 10, 0, 0])
  })
})
