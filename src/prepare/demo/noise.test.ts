import { describe, expect, it } from 'vitest'
import { HEAR_SAMPLE_RATES } from '../../model/contract.js'
import { type Canvas, emptyCanvas } from './canvas.js'
import { addColouredNoise, addNoiseBand, addRecordingNoise, NOISE_COLOURS } from './noise.js'

function rmsOf({ samples }: Canvas): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)
}

/** Mean power at a frequency over pieces of 20 ms: a slow Fourier sum. */
function powerAt({ samples, sampleRate }: Canvas, hz: number): number {
  const length = Math.round(sampleRate / 50)
  const pieces = Math.floor(samples.length / length)
  let power = 0
  for (let piece = 0; piece < pieces; piece++) {
    let [re, im] = [0, 0]
    for (let i = 0; i < length; i++) {
      const angle = (2 * Math.PI * hz * i) / sampleRate
      const sample = samples[piece * length + i] * Math.sin((Math.PI * i) / length)
      re += sample * Math.cos(angle)
      im += sample * Math.sin(angle)
    }
    power += (re * re + im * im) / length
  }
  return power / pieces
}

describe('noise in a band', () => {
  it.each(HEAR_SAMPLE_RATES)('has the strength asked for, around its centre, at %i Hz', (sampleRate) => {
    const canvas = emptyCanvas(4, sampleRate)
    addNoiseBand(canvas, 0, 4, { seed: 'a', centerHz: () => 2000, bandwidthHz: 500, rms: () => 0.2 })
    // Some 4 s x 500 Hz independent values: within a few percent.
    expect(rmsOf(canvas)).toBeGreaterThan(0.18)
    expect(rmsOf(canvas)).toBeLessThan(0.22)
    expect(powerAt(canvas, 2000)).toBeGreaterThan(20 * powerAt(canvas, 500))
    expect(powerAt(canvas, 2000)).toBeGreaterThan(20 * powerAt(canvas, 5000))
  })

  it('is the same for the same seed and another for another', () => {
    const draw = (seed: string) => {
      const canvas = emptyCanvas(0.1, 16000)
      addNoiseBand(canvas, 0, 0.1, { seed, centerHz: () => 1000, bandwidthHz: 500, rms: () => 0.1 })
      return canvas.samples
    }
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
  })

  it('is left out where the sample rate cannot hold its centre', () => {
    const canvas = emptyCanvas(0.1, 16000)
    addNoiseBand(canvas, 0, 0.1, { seed: 'a', centerHz: () => 7300, bandwidthHz: 500, rms: () => 0.1 })
    expect(canvas.samples.every((sample) => sample === 0)).toBe(true)
  })
})

describe('coloured noise', () => {
  it.each(NOISE_COLOURS)(
    'of colour %s is about as strong as asked and stays below five times its rms',
    (colour) => {
      const canvas = emptyCanvas(4, 48000)
      addColouredNoise(canvas, 'seed', colour, 0.1)
      expect(rmsOf(canvas)).toBeGreaterThan(0.06)
      expect(rmsOf(canvas)).toBeLessThan(0.14)
      expect(canvas.samples.every((sample) => Math.abs(sample) < 0.5)).toBe(true)
    },
  )

  it('has the tilt of its colour', () => {
    const tilt = Object.fromEntries(
      NOISE_COLOURS.map((colour) => {
        const canvas = emptyCanvas(4, 48000)
        addColouredNoise(canvas, 'seed', colour, 0.1)
        return [colour, 10 * Math.log10(powerAt(canvas, 8000) / powerAt(canvas, 500))]
      }),
    )
    // Four octaves: 0 dB for white, about -12 for pink, -24 for brown.
    expect(Math.abs(tilt.white)).toBeLessThan(2)
    expect(tilt.pink).toBeGreaterThan(-16)
    expect(tilt.pink).toBeLessThan(-8)
    expect(tilt.brown).toBeLessThan(-20)
    expect(tilt.hiss).toBeGreaterThan(8)
  })

  it('has the same power in each Hz at every sample rate', () => {
    const powers = HEAR_SAMPLE_RATES.map((sampleRate) => {
      const canvas = emptyCanvas(4, sampleRate)
      addRecordingNoise(canvas, { seed: 'seed', colour: 'pink', rms: 0.02, microphoneRms: 0.05 })
      // The Fourier sum grows with the number of samples in 20 ms.
      return powerAt(canvas, 1000) / sampleRate
    })
    for (const power of powers) expect(Math.abs(10 * Math.log10(power / powers[0]))).toBeLessThan(1.5)
  })
})
