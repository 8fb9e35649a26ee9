import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locateClicks } from './locate-clicks.js'

const REACH_MS = 1400

/** Frames every `hopMs` over 30 s, and clicks at eight phases between two of them. */
function layout(hopMs: number) {
  const timesMs = Float64Array.from({ length: Math.floor(30_000 / hopMs) }, (_, i) => i * hopMs)
  const clicksMs = Array.from(
    { length: 8 },
    (_, k) => (Math.round((3000 + 3370 * k) / hopMs) + k / 8) * hopMs,
  )
  return { timesMs, clicksMs }
}

test('a response of any symmetric window is found where it was put, within a sixteenth of a hop', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 5, max: 80, noNaN: true }),
      fc.double({ min: 1, max: 8, noNaN: true }),
      fc.double({ min: -200, max: 200, noNaN: true }),
      (hopMs, windowHops, lateMs) => {
        const { timesMs, clicksMs } = layout(hopMs)
        const half = (windowHops * hopMs) / 2 + hopMs / 2
        const window = (away: number) =>
          Math.abs(away) < half ? Math.cos((Math.PI * away) / (2 * half)) ** 2 : 0
        const distances = timesMs.map((time) =>
          clicksMs.reduce((sum, click) => sum + window(time - click - lateMs), 0),
        )
        const found = locateClicks(timesMs, distances, clicksMs, REACH_MS)
        expect(found?.centroidMs).toBeGreaterThan(lateMs - hopMs / 16)
        expect(found?.centroidMs).toBeLessThan(lateMs + hopMs / 16)
        expect(found?.spreadMs).toBeLessThanOrEqual(half)
      },
    ),
    { seed: 1, numRuns: 200 },
  )
})

test('change that all frames share is not where the click is', () => {
  const { timesMs, clicksMs } = layout(25)
  const near = (time: number) => clicksMs.some((click) => Math.abs(time - click - 40) < 30)
  const distances = timesMs.map((time) => (near(time) ? 5 : 1))
  const found = locateClicks(timesMs, distances, clicksMs, REACH_MS)?.centroidMs
  expect(Math.abs(found! - 40)).toBeLessThan(25 / 16)
})

test.each([
  ['nothing changes', () => 0],
  ['everything changes alike', () => 3],
  ['change stands out by a little only', (time: number) => (time % 200 === 0 ? 1.2 : 1)],
])('a click is not seen where %s', (_, change) => {
  const { timesMs, clicksMs } = layout(50)
  expect(locateClicks(timesMs, timesMs.map(change), clicksMs, REACH_MS)).toBeUndefined()
})

test('clicks between windows shorter than the hop may be missed, but not most of them', () => {
  const { timesMs, clicksMs } = layout(50)
  const within = (reach: number) => (time: number) =>
    clicksMs.some((click) => Math.abs(time - click) < reach) ? 1 : 0
  expect(locateClicks(timesMs, timesMs.map(within(16)), clicksMs, REACH_MS)?.centroidMs).toBeCloseTo(0, 6)
  expect(locateClicks(timesMs, timesMs.map(within(5)), clicksMs, REACH_MS)).toBeUndefined()
})

test('the last traces of a click are not taken for the next one, which falls between two windows', () => {
  const { timesMs, clicksMs } = layout(50)
  let trace = 0
  const distances = timesMs.map((time) => {
    const seen = clicksMs.some((click) => Math.abs(time - click) < 16)
    trace = seen ? 1 : 0.6 * trace
    return trace
  })
  expect(locateClicks(timesMs, distances, clicksMs, REACH_MS)?.peakMs).toBeCloseTo(0, 6)
})
