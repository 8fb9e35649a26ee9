import { MersenneTwister } from './mersenne-twister.js'

/**
 * The numbers that PyTorch draws on the CPU after `torch.manual_seed(seed)`: the Mersenne Twister MT19937
 * seeded with one 32-bit word, and float32 numbers of 24 bits.
 *
 * Source: Matsumoto and Nishimura, "Mersenne Twister" (1998); PyTorch 1.13, aten/src/ATen/core/MT19937RNGEngine.h
 * and TransformationHelper.h (`uniform_real` keeps the low 24 bits). *Differs*: nothing in `rand`; `randn` and
 * the rest are not here.
 */
export class TorchRandom {
  private readonly twister: MersenneTwister

  /** @throws RangeError unless the seed is an integer from 0 to 2^32 - 1 (PyTorch takes more and drops the rest). */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
      throw new RangeError(`expected an integer from 0 to ${2 ** 32 - 1} as seed, got ${seed}`)
    this.twister = new MersenneTwister(seed)
  }

  /** The next 32 bits, in [0, 2^32). */
  nextUint32(): number {
    return this.twister.nextUint32()
  }

  /** `torch.rand(length)`: multiples of 2^-24 in [0, 1), in the order in which PyTorch fills a tensor. */
  rand(length: number): Float32Array {
    const numbers = new Float32Array(length)
    for (let i = 0; i < length; i++) numbers[i] = (this.nextUint32() & 0xffffff) * 2 ** -24
    return numbers
  }
}
