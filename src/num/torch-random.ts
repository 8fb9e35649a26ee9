const WORDS = 624
const SHIFT = 397

/**
 * The numbers that PyTorch draws on the CPU after `torch.manual_seed(seed)`: the Mersenne Twister MT19937
 * seeded with one 32-bit word, and float32 numbers of 24 bits.
 *
 * Source: Matsumoto and Nishimura, "Mersenne Twister" (1998); PyTorch 1.13, aten/src/ATen/core/MT19937RNGEngine.h
 * and TransformationHelper.h (`uniform_real` keeps the low 24 bits). *Differs*: nothing in `rand`; `randn` and
 * the rest are not here.
 */
export class TorchRandom {
  private readonly state = new Uint32Array(WORDS)
  private position = WORDS

  /** @throws RangeError unless the seed is an integer from 0 to 2^32 - 1 (PyTorch takes more and drops the rest). */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
      throw new RangeError(`expected an integer from 0 to ${2 ** 32 - 1} as seed, got ${seed}`)
    const state = this.state
    state[0] = seed
    for (let i = 1; i < WORDS; i++) {
      const previous = state[i - 1] ^ (state[i - 1] >>> 30)
      state[i] = Math.imul(previous, 1812433253) + i
    }
  }

  /** The next 32 bits, in [0, 2^32). */
  nextUint32(): number {
    if (this.position === WORDS) this.renew()
    let word = this.state[this.position++]
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    word ^= word >>> 18
    return word >>> 0
  }

  /** `torch.rand(length)`: multiples of 2^-24 in [0, 1), in the order in which PyTorch fills a tensor. */
  rand(length: number): Float32Array {
    const numbers = new Float32Array(length)
    for (let i = 0; i < length; i++) numbers[i] = (this.nextUint32() & 0xffffff) * 2 ** -24
    return numbers
  }

  private renew(): void {
    const state = this.state
    for (let i = 0; i < WORDS; i++) {
      const next = i + 1 < WORDS ? i + 1 : 0
      const distant = i + SHIFT < WORDS ? i + SHIFT : i + SHIFT - WORDS
      const mixed = (state[i] & 0x80000000) | (state[next] & 0x7fffffff)
      state[i] = state[distant] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
    }
    this.position = 0
  }
}
