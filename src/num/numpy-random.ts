import { MersenneTwister } from './mersenne-twister.js'

/**
 * `numpy.random.RandomState(seed).permutation(n)`: the integers 0 to n - 1, shuffled from the end, each place taken by
 * masked rejection. It is also the order of `DataFrame.sample(frac=1, random_state=seed)` of pandas: row i of the
 * sample is row `permutation[i]` of the frame.
 *
 * @param seed an integer from 0 to 2^32 - 1; n up to 2^32 - 1, and 0 gives an empty order
 * @throws RangeError for any other seed
 * Source: NumPy 1.24, numpy/random/mtrand.pyx `shuffle` and `_legacy_seeding`, src/distributions/distributions.c
 * `random_interval`. *Differs*: nothing.
 */
export function numpyPermutation(seed: number, n: number): Uint32Array {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError(`expected an integer from 0 to ${2 ** 32 - 1} as seed, got ${seed}`)
  const twister = new MersenneTwister(seed)
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i >= 1; i--) {
    const mask = 0xffffffff >>> Math.clz32(i)
    let j = (twister.nextUint32() & mask) >>> 0
    while (j > i) j = (twister.nextUint32() & mask) >>> 0
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}
