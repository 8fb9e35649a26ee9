import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { PythonRandom } from './python-random.js'

test('the first draws of a seeded generator equal Python’s, for text and integer seeds', () => {
  type Expected = { getrandbits32: number[]; random: number[] }
  for (const { input, expected, id } of fixtureCases<{ seed: string | number }, Expected>(
    'prepare/vectors/random_stream',
  )) {
    const random = new PythonRandom(input.seed)
    expect(
      expected.getrandbits32.map(() => random.next()),
      id,
    ).toEqual(expected.getrandbits32)
    expect(
      expected.random.map(() => random.random()),
      id,
    ).toEqual(expected.random)
  }
})

test('shuffles equal Python’s', () => {
  for (const { input, expected, id } of fixtureCases<{ seed: string | number; n: number }, number[]>(
    'prepare/vectors/random_shuffle',
  )) {
    const order = Array.from({ length: input.n }, (_, i) => i)
    expect(new PythonRandom(input.seed).shuffle(order), id).toEqual(expected)
  }
})

test('a seed that is no integer is refused', () => {
  expect(() => new PythonRandom(0.5)).toThrow(RangeError)
})
