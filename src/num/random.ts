/** The four 32-bit words of a generator. */
export type RandomState = readonly [number, number, number, number]

const MASK_64 = (1n << 64n) - 1n
/** FNV-1a, 64 bits: offset basis and prime (Fowler, Noll, Vo; draft-eastlake-fnv). */
const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

/**
 * Seeded generator of random numbers, the same on every machine: xoshiro128** (version 1.1), its state filled
 * by SplitMix64 from a number or a text. Integer arithmetic only, except `normal`.
 *
 * Not Python's or NumPy's generator: where HEAR's own draws must be repeated, those are implemented beside it.
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021), prng.di.unimi.it.
 */
export class Random {
  private s0 = 0
  private s1 = 0
  private s2 = 0
  private s3 = 0
  private spareNormal: number | undefined

  /**
   * @param seed a safe integer, negative ones included, or any text; 7 and '7' are different seeds.
   * @throws RangeError for a number that is not a safe integer.
   */
  constructor(seed: number | string) {
    const next = splitMix64(typeof seed === 'string' ? fnv1a64(seed) : integerSeed(seed))
    const [low, high] = [next(), next()]
    this.setState([
      Number(low & 0xffffffffn),
      Number(low >> 32n),
      Number(high & 0xffffffffn),
      Number(high >> 32n),
    ])
  }

  /**
   * A generator that starts from a given state, as the reference implementation does.
   * @throws RangeError for four zeros, from which every number would be 0.
   */
  static fromState(state: RandomState): Random {
    const random = new Random(0)
    random.setState(state)
    return random
  }

  /** The next 32 bits, in [0, 2^32). */
  nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5), 7), 9) >>> 0
    const shifted = this.s1 << 9
    this.s2 ^= this.s0
    this.s3 ^= this.s1
    this.s1 ^= this.s2
    this.s0 ^= this.s3
    this.s2 ^= shifted
    this.s3 = rotateLeft(this.s3, 11)
    return result
  }

  /** A multiple of 2^-53 in [0, 1), from two draws. */
  uniform(): number {
    const high = this.nextUint32() >>> 5
    const low = this.nextUint32() >>> 6
    return (high * 2 ** 26 + low) * 2 ** -53
  }

  /** A multiple of 2^-24 in [0, 1), from one draw: exact in float32, so that rounding cannot make it 1. */
  uniformFloat32(): number {
    return (this.nextUint32() >>> 8) * 2 ** -24
  }

  /**
   * A standard normal number (Box and Muller 1958, both of each pair used). Uses log, cos and sin, whose last
   * bit may differ between JavaScript engines.
   */
  normal(): number {
    const spare = this.spareNormal
    if (spare !== undefined) {
      this.spareNormal = undefined
      return spare
    }
    // 1 - u lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /**
   * An integer in [0, n), every one equally likely (draws past the last full multiple of n are thrown away).
   * @throws RangeError unless n is an integer from 1 to 2^32.
   */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`expected an integer from 1 to 2^32, got ${n}`)
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const draw = this.nextUint32()
      if (draw < limit) return draw % n
    }
  }

  /** Puts the elements in a random order, in place (Fisher and Yates, from the end), and returns the array. */
  shuffle<T extends { [index: number]: unknown; readonly length: number }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const moved = array[i]
      array[i] = array[j]
      array[j] = moved
    }
    return array
  }

  private setState(state: RandomState): void {
    if (state.every((word) => word === 0))
      throw new RangeError('the state of xoshiro128** must not be all zero')
    ;[this.s0, this.s1, this.s2, this.s3] = state.map((word) => word | 0)
  }
}

/**
 * SplitMix64 as a function that returns the next 64 bits; used only to spread a seed over a larger state.
 * Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014); Vigna, splitmix64.c.
 */
export function splitMix64(seed: bigint): () => bigint {
  let state = seed & MASK_64
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK_64
    let mixed = state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK_64
    return mixed ^ (mixed >> 31n)
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function integerSeed(seed: number): bigint {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`expected a safe integer as seed, got ${seed}`)
  return BigInt(seed)
}

function fnv1a64(text: string): bigint {
  let hash = FNV_OFFSET
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK_64
  return hash
}
