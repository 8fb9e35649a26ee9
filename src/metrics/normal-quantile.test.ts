import { describe, expect, it } from 'vitest'
import { normalQuantile } from './normal-quantile.js'

describe('normalQuantile', () => {
  // CPython 3.11, statistics.NormalDist().inv_cdf, in all three regions of the approximation.
  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.001, -3.090232306167813],
    [0.02425, -1.9729610513118845],
    [0.075, -1.4395314709384557],
    [0.25, -0.6744897501960817],
    [0.5, 0.0],
    [0.925, 1.439531470938456],
    [0.975, 1.9599639845400536],
    [0.999, 3.090232306167813],
  ])('gives the published quantile of %s', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(z))
  })

  it('inverts the area under the normal density', () => {
    for (const z of [-5, -3.3, -1.5, -0.2, 0.4, 1.1, 2.7, 4.9])
      expect(normalQuantile(areaBelow(z))).toBeCloseTo(z, 8)
  })

  it('is infinite at the ends and not a number beyond them', () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY)
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY)
    for (const p of [-0.1, 1.1, Number.NaN]) expect(normalQuantile(p)).toBeNaN()
  })
})

/** Half plus the density integrated from 0 to z by Simpson's rule in 2000 steps. */
function areaBelow(z: number): number {
  const steps = 2000
  const width = z / steps
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-((i * width) ** 2) / 2)
  }
  return 0.5 + (sum * width) / 3 / Math.sqrt(2 * Math.PI)
}
