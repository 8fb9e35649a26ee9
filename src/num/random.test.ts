import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random, splitMix64 } from './random.js'

const take = <T>(n: number, next: () => T): T[] => Array.from({ length: n }, next)

describe('Random', () => {
  it('repeats the published outputs of xoshiro128** from state 1, 2, 3, 4', () => {
    const random = Random.fromState([1, 2, 3, 4])
    expect(take(10, () => random.nextUint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ])
  })

  it('repeats the published outputs of SplitMix64 from seed 1234567', () => {
    expect(take(5, splitMix64(1234567n))).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ])
  })

  it('gives the same numbers for the same seed and others for every other seed', () => {
    const firsts = [0, 1, -1, 7, '7', '', 'grid', 'Grid', 2 ** 40].map((seed) => {
      const [a, b] = [new Random(seed), new Random(seed)]
      const numbers = take(4, () => a.nextUint32())
      expect(take(4, () => b.nextUint32())).toEqual(numbers)
      return numbers.join()
    })
    expect(new Set(firsts).size).toBe(firsts.length)
  })

  it('never lets a seed move: the first draws of three seeds are pinned', () => {
    expect([0, 42, 'hear'].map((seed) => new Random(seed).nextUint32())).toMatchInlineSnapshot(`
      [
        3737715805,
        1776835114,
        3370492729,
      ]
    `)
  })

  it('draws uniform numbers in [0, 1) with the mean and variance of the uniform distribution', () => {
    const random = new Random('uniform')
    for (const draw of [() => random.uniform(), () => random.uniformFloat32()]) {
      const values = take(20000, draw)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...values)).toBeLessThan(1)
      const { mean, variance } = moments(values)
      // Five standard errors: sqrt(1/12/20000) = 0.0020 for the mean, sqrt(1/180/20000) = 0.0005 for the variance.
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0027)
    }
    expect(Math.fround(random.uniformFloat32())).toBeLessThan(1)
  })

  it('draws normal numbers with mean 0 and variance 1', () => {
    const random = new Random('normal')
    const { mean, variance } = moments(take(20000, () => random.normal()))
    expect(Math.abs(mean)).toBeLessThan(0.036)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  it('draws every integer below n about equally often', () => {
    const random = new Random(3)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 14000; i++) counts[random.int(7)]++
    // Chi-squared with 6 degrees of freedom is below 22.5 in 999 of 1000 cases.
    expect(counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(22.5)
  })

  it('shuffles to a permutation, and every order of three turns up', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, array) => {
        const shuffled = new Random(seed).shuffle([...array])
        expect(shuffled.sort()).toEqual([...array].sort())
      }),
    )
    const orders = new Set(take(60, () => '').map((_, seed) => new Random(seed).shuffle([1, 2, 3]).join()))
    expect(orders.size).toBe(6)
    expect(new Random(1).shuffle(new Float32Array([5]))).toEqual(new Float32Array([5]))
  })

  it('refuses seeds, states and ranges it cannot honour', () => {
    expect(() => new Random(0.5)).toThrow('expected a safe integer as seed, got 0.5')
    expect(() => new Random(Number.NaN)).toThrow(RangeError)
    expect(() => Random.fromState([0, 0, 0, 0])).toThrow('must not be all zero')
    for (const n of [0, -1, 1.5, 2 ** 32 + 1]) expect(() => new Random(1).int(n)).toThrow(RangeError)
  })
})

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, variance }
}
