import { createHash } from 'node:crypto'
import { MersenneTwister } from './mersenne-twister.js'

/**
 * Python's `random.Random`: the Mersenne Twister MT19937 with Python's own seeding, so that every shuffle
 * that HEAR's tools made can be made again.
 *
 * Source: CPython 3.11 `Modules/_randommodule.c` and `Lib/random.py` (seed version 2). *Differs*: nothing; integers of up to 53 bits and strings as seeds.
 */
export class PythonRandom {
  private readonly twister: MersenneTwister

  /**
   * @param seed an integer, as `random.Random(42)`, or a string, as `random.Random("split_k_folds")`.
   * @throws RangeError for a number that is not a safe integer.
   */
  constructor(seed: number | string) {
    this.twister = MersenneTwister.fromKey(typeof seed === 'string' ? stringKey(seed) : integerKey(seed))
  }

  /** Uniform in [0, 1) with 53 bits, as `random.random()`. */
  random(): number {
    const a = this.next() >>> 5
    const b = this.next() >>> 6
    return (a * 67108864 + b) / 9007199254740992
  }

  /** Integer in [0, n) as `random._randbelow(n)`: rejection over the bit length of n. */
  below(n: number): number {
    if (!Number.isInteger(n) || n <= 0 || n > 0xffffffff)
      throw new RangeError(`n must be in 1..2^32-1, is ${n}`)
    const bits = 32 - Math.clz32(n)
    let r = this.next() >>> (32 - bits)
    while (r >= n) r = this.next() >>> (32 - bits)
    return r
  }

  /** Shuffles in place as `random.shuffle(x)`. Empty and one-element arrays draw nothing. */
  shuffle<T>(x: T[]): T[] {
    for (let i = x.length - 1; i >= 1; i--) {
      const j = this.below(i + 1)
      const kept = x[i]
      x[i] = x[j]
      x[j] = kept
    }
    return x
  }

  /** The next 32 bits, as `random.getrandbits(32)`. */
  next(): number {
    return this.twister.nextUint32()
  }
}

function integerKey(seed: number): Uint32Array {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`the seed must be an integer, is ${seed}`)
  return bigKey(BigInt(Math.abs(seed)))
}

function stringKey(seed: string): Uint32Array {
  const bytes = Buffer.from(seed, 'utf8')
  const digest = createHash('sha512').update(bytes).digest()
  return bigKey(BigInt(`0x${Buffer.concat([bytes, digest]).toString('hex')}`))
}

/** Little-endian 32-bit words of a non-negative integer; zero is one word. */
function bigKey(value: bigint): Uint32Array {
  const words: number[] = []
  for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn))
  return Uint32Array.from(words.length === 0 ? [0] : words)
}
