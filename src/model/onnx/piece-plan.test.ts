import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planPieces } from './piece-plan.js'

test('a short clip is one run, padded to the shortest that the model takes', () => {
  const clip = { nSamples: 10, sampleRate: 16000, minSamples: 160, mostSamples: 16000 }
  expect(planPieces({ ...clip, chunking: { kind: 'none' } })).toEqual([
    { start: 0, end: 10, feedSamples: 160, keep: { by: 'count', skip: 0, count: undefined } },
  ])
})

test('runs of units lead and trail by what decides their frames', () => {
  const chunking = { kind: 'halo', haloSamples: 250, alignSamples: 100, alignFrames: 2 } as const
  const clip = { nSamples: 2150, sampleRate: 16000, minSamples: 1, mostSamples: 1150, chunking }
  expect(planPieces(clip)).toEqual([
    { start: 0, end: 850, feedSamples: 850, keep: { by: 'count', skip: 0, count: 12 } },
    { start: 300, end: 1450, feedSamples: 1150, keep: { by: 'count', skip: 6, count: 12 } },
    { start: 900, end: 2050, feedSamples: 1150, keep: { by: 'count', skip: 6, count: 12 } },
    { start: 1500, end: 2150, feedSamples: 650, keep: { by: 'count', skip: 6, count: undefined } },
  ])
})

test('every frame of a cut clip is kept once, and sees all samples that decide it', () => {
  const plans = fc.record({
    nSamples: fc.integer({ min: 1, max: 5000 }),
    mostSamples: fc.integer({ min: 1, max: 2000 }),
    minSamples: fc.integer({ min: 1, max: 700 }),
    haloSamples: fc.integer({ min: 0, max: 400 }),
    alignSamples: fc.integer({ min: 1, max: 300 }),
  })
  fc.assert(
    fc.property(plans, ({ nSamples, mostSamples, minSamples, haloSamples, alignSamples }) => {
      const chunking = { kind: 'halo', haloSamples, alignSamples, alignFrames: 1 } as const
      const clip = { nSamples, sampleRate: 16000, minSamples, mostSamples, chunking }
      // A model with a frame at every multiple of alignSamples up to the end of the clip.
      const seen: number[] = []
      for (const { start, end, feedSamples, keep } of planPieces(clip)) {
        if (keep.by !== 'count') throw new Error('halo keeps by count')
        expect(feedSamples).toBeGreaterThanOrEqual(minSamples)
        const frames = Array.from(
          { length: Math.floor((end - start) / alignSamples) + 1 },
          (_, i) => start + i * alignSamples,
        )
        const kept = frames.slice(keep.skip, keep.count === undefined ? undefined : keep.skip + keep.count)
        for (const centre of kept) {
          expect(start).toBeLessThanOrEqual(Math.max(0, centre - haloSamples))
          expect(end).toBeGreaterThanOrEqual(Math.min(nSamples, centre + haloSamples))
        }
        // Padding may only stand where the clip as a whole is too short.
        expect(feedSamples === end - start || (start === 0 && end === nSamples)).toBe(true)
        seen.push(...kept)
      }
      const whole = Array.from(
        { length: Math.floor(nSamples / alignSamples) + 1 },
        (_, i) => i * alignSamples,
      )
      expect(seen).toEqual(whole)
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('windows cover every sample, and keep every moment once', () => {
  const plans = fc.record({
    nSamples: fc.integer({ min: 0, max: 600 }),
    windowSamples: fc.integer({ min: 2, max: 100 }),
    hopShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(plans, ({ nSamples, windowSamples, hopShare }) => {
      const windowHopSamples = Math.max(1, Math.round(windowSamples * hopShare))
      const chunking = { kind: 'fixed', windowSamples, windowHopSamples } as const
      // At 1000 Hz a sample is a millisecond.
      const clip = { nSamples, sampleRate: 1000, minSamples: 1, mostSamples: 1000, chunking }
      const pieces = planPieces(clip)
      expect(pieces.at(-1)!.end).toBe(nSamples)
      const held = new Uint8Array(nSamples + 1)
      for (const { start, end, feedSamples, keep } of pieces) {
        if (keep.by !== 'time') throw new Error('fixed keeps by time')
        expect(feedSamples).toBe(windowSamples)
        expect(end).toBe(Math.min(nSamples, start + windowSamples))
        for (let at = start; at <= end; at++)
          if (at - start >= keep.fromMs && at - start < keep.beforeMs) held[at] += 1
      }
      expect(held.every((times) => times === 1)).toBe(true)
    }),
    { seed: 1, numRuns: 200 },
  )
})
