import { describe, expect, it } from 'vitest'
import { sweep } from '../../bench/resampler/sweep.mjs'
import { createResampler } from './resample.js'
import { lowPassOf } from './resample-filter.js'
import { type TapTable, tapTable } from './resample-table.js'
import { lowestTerms, soxrStages } from './soxr-stages.js'

const pairs = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192_000].flatMap((fromHz) =>
  [16000, 22050, 32000, 44100, 48000]
    .filter((toHz) => toHz !== fromHz)
    .map((toHz): [number, number] => [fromHz, toHz]),
)

function tableOf(fromHz: number, toHz: number): { table: TapTable; phases: number[] } {
  const [stepIn, stepOut] = lowestTerms(fromHz, toHz)
  const phases = Array.from({ length: stepOut }, (_, row) => ((row * stepIn) % stepOut) / stepOut)
  const lowPass = lowPassOf(soxrStages(fromHz, toHz), Math.min(fromHz, toHz))
  return { phases, table: tapTable(lowPass, phases, Math.min(1, toHz / fromHz)) }
}

/** The taps of a row in order, as [high, low]. */
function tapsOf({ rows, nTaps }: TapTable, row: number): [number, number][] {
  return Array.from({ length: nTaps }, (_, tap) => {
    const at = (row * nTaps + tap - (tap % 8)) * 2 + (tap % 8)
    return [rows[at], rows[at + 8]]
  })
}

/**
 * What a tone becomes: outputs of phase r are it, delayed by nothing, times H[r]. The mean of H is the gain; the
 * rest is images, and all of H where the tone lies above the output's Nyquist frequency.
 */
function responseTo(hz: number, fromHz: number, { table, phases }: ReturnType<typeof tableOf>) {
  const step = (2 * Math.PI * hz) / fromHz
  const sum = { re: 0, im: 0, power: 0 }
  phases.forEach((phase, r) => {
    let re = 0
    let im = 0
    tapsOf(table, r).forEach(([high, low], tap) => {
      const weight = (high * table.base + low) / (table.unit * table.base)
      re += weight * Math.cos(step * (tap - table.middle - phase))
      im += weight * Math.sin(step * (tap - table.middle - phase))
    })
    sum.re += re / phases.length
    sum.im += im / phases.length
    sum.power += (re * re + im * im) / phases.length
  })
  const gain = Math.hypot(sum.re, sum.im)
  return { gain, rest: Math.sqrt(Math.max(0, sum.power - gain * gain)), all: Math.sqrt(sum.power) }
}

const decibels = (ratio: number) => 20 * Math.log10(ratio)

describe('tapTable', () => {
  it.each(pairs)(
    'passes 0.9 of the band within 0.01 dB and leaves -122 dB beside it, %d to %d Hz',
    (fromHz, toHz) => {
      const made = tableOf(fromHz, toHz)
      const lowHz = Math.min(fromHz, toHz) / 2
      // Images of all phases together; any single one is weaker.
      for (const share of [0.05, 0.33, 0.61, 0.85, 0.9]) {
        const { gain, rest } = responseTo(share * lowHz, fromHz, made)
        expect(Math.abs(decibels(gain))).toBeLessThan(0.01)
        expect(decibels(rest)).toBeLessThan(-122)
      }
      for (let hz = lowHz; toHz < fromHz && hz <= fromHz / 2; hz += (fromHz / 2 - lowHz) / 7)
        expect(decibels(responseTo(hz, fromHz, made).all)).toBeLessThan(-122)
    },
  )

  it.each(pairs)('makes rows that sum to 1 and can overflow no 32-bit lane, %d to %d Hz', (fromHz, toHz) => {
    const { table, phases } = tableOf(fromHz, toHz)
    expect(table.nTaps % 8).toBe(0)
    expect(table.unit * table.base).toBeGreaterThanOrEqual(2 ** 25)
    phases.forEach((_, r) => {
      const taps = tapsOf(table, r)
      expect(taps[0]).toEqual([0, 0])
      expect(taps.reduce((sum, [high, low]) => sum + high * table.base + low, 0)).toBe(
        table.unit * table.base,
      )
      for (const part of [0, 1])
        for (let lane = 0; lane < 4; lane++) {
          const inLane = taps.filter((_, tap) => (tap % 8) >> 1 === lane)
          const most = inLane.reduce((sum, tap) => sum + Math.abs(tap[part]), 0)
          expect(most * 32768).toBeLessThan(2 ** 31)
        }
    })
  })

  it.each([
    [44100, 16000],
    [16000, 44100],
    [44101, 16000],
    [96000, 22050],
  ])(
    'measures as well from outside: at most 0.01 dB of ripple, -120 dB beside tones, %d to %d Hz',
    (fromHz, toHz) => {
      const { rippleDb, spuriousDb } = sweep(createResampler(fromHz, toHz).resample, fromHz, toHz)
      expect(rippleDb).toBeLessThan(0.01)
      expect(spuriousDb).toBeLessThan(-120)
    },
  )
})
