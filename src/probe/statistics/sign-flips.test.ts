import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Random } from '../../num/random.js'
import { signFlipTest } from './sign-flips.js'

const never = () => {
  throw new Error('an exact test draws nothing')
}

it('is McNemar’s exact test for differences of one size', () => {
  // 9 of 10 in one direction: 2 (C(10, 0) + C(10, 1)) / 2^10.
  const terms = [...Array(9).fill(0.01), -0.01, 0, 0]
  expect(signFlipTest(terms, 0, never)).toEqual({ pValue: 22 / 1024, exact: true })
  expect(signFlipTest([1, -1], 0, never).pValue).toBe(1)
  expect(signFlipTest([0, 0], 0, never)).toEqual({ pValue: 1, exact: true })
  expect(signFlipTest([0.3], 0, never).pValue).toBe(1)
})

it('equals a twin that lists all sign patterns, in integers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 9 }), (terms) => {
      const observed = Math.abs(terms.reduce((sum, term) => sum + term, 0))
      const sums = terms.reduce<number[]>((all, term) => all.flatMap((sum) => [sum + term, sum - term]), [0])
      const share = sums.filter((sum) => Math.abs(sum) >= observed).length / sums.length
      expect(
        signFlipTest(
          terms.map((term) => term / 7),
          0,
          never,
        ).pValue,
      ).toBe(share)
    }),
    { seed: 1, numRuns: 200 },
  )
})

it('comes near the exact value by random flips, and never gives 0', () => {
  // 13 against 27: twice the binomial tail P(X <= 13), X of 40 fair coins.
  let tail = 0
  let ways = 1
  for (let k = 0; k <= 13; k++) {
    tail += ways / 2 ** 40
    ways = (ways * (40 - k)) / (k + 1)
  }
  const terms = Array.from({ length: 40 }, (_, i) => (i < 13 ? -0.1 : 0.1))
  const { pValue, exact } = signFlipTest(terms, 20_000, () => new Random(5))
  expect(exact).toBe(false)
  // Four standard deviations of a share of 20,000 draws.
  expect(Math.abs(pValue - 2 * tail)).toBeLessThan(4 * Math.sqrt((2 * tail) / 20_000))
  expect(signFlipTest(Array(60).fill(1), 999, () => new Random(5)).pValue).toBe(1 / 1000)
})
