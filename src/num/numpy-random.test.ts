import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { MersenneTwister } from './mersenne-twister.js'
import { numpyPermutation } from './numpy-random.js'

test('a twister seeded with one word gives the 32-bit words of NumPy’s RandomState', () => {
  for (const { input, expected, id } of fixtureCases<{ seed: number }, { uint32: number[] }>(
    'prepare/vectors/numpy_stream',
  )) {
    const twister = new MersenneTwister(input.seed)
    expect(
      expected.uint32.map(() => twister.nextUint32()),
      id,
    ).toEqual(expected.uint32)
  }
})

test('permutations are the row orders of DataFrame.sample', () => {
  for (const { input, expected, id } of fixtureCases<{ seed: number; n: number }, number[]>(
    'prepare/vectors/dataframe_sample',
  ))
    expect([...numpyPermutation(input.seed, input.n)], id).toEqual(expected)
})

test('no rows have an empty order, and a seed that is no 32-bit integer is refused', () => {
  expect([...numpyPermutation(1, 0)]).toEqual([])
  expect(() => numpyPermutation(2 ** 32, 3)).toThrow(RangeError)
})
