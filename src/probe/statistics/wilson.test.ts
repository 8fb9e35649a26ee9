import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wilsonInterval } from './wilson.js'

it('gives the figures of Newcombe (1998), Statistics in Medicine 17, table I', () => {
  for (const [right, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    const interval = wilsonInterval(right / trials, trials, 0.95)
    expect(interval[0]).toBeCloseTo(low, 4)
    expect(interval[1]).toBeCloseTo(high, 4)
  }
})

it('solves |p - q| = z sqrt(q (1 - q) / n) at both ends, and is symmetric', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const p = Math.round(share * n) / n
      for (const [q, sign] of wilsonInterval(p, n, 0.95).map((end, i) => [end, i ? 1 : -1] as const)) {
        expect(q).toBeGreaterThanOrEqual(0)
        expect(q).toBeLessThanOrEqual(1)
        const reach = 1.959963984540054 * Math.sqrt((q * (1 - q)) / n)
        if (q > 0 && q < 1) expect(q - p).toBeCloseTo(sign * reach, 7)
      }
      const [low, high] = wilsonInterval(1 - p, n, 0.95)
      const mirrored = wilsonInterval(p, n, 0.95)
      expect(low).toBeCloseTo(1 - mirrored[1], 12)
      expect(high).toBeCloseTo(1 - mirrored[0], 12)
    }),
    { seed: 2, numRuns: 200 },
  )
})
