import { createHash } from 'node:crypto'

const N = 624
const M = 397

/**
 * Python's `random.Random`: the Mersenne Twister MT19937 with Python's own seeding, so that every shuffle
 * that HEAR's tools made can be made again.
 *
 * Source: CPython 3.11 `Modules/_randommodule.c` and `Lib/random.py` (seed version 2); Matsumoto and
 * Nishimura, "Mersenne Twister", 1998. *Differs*: nothing; integers of up to 53 bits and strings as seeds.
 */
export class PythonRandom {
  private readonly state = new Uint32Array(N)
  private index = N

  /**
   * @param seed an integer, as `random.Random(42)`, or a string, as `random.Random("split_k_folds")`.
   * @throws RangeError for a number that is not a safe integer.
   */
  constructor(seed: number | string) {
    this.initByArray(typeof seed === 'string' ? stringKey(seed) : integerKey(seed))
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
    if (this.index >= N) this.twist()
    let y = this.state[this.index++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private twist(): void {
    const s = this.state
    for (let k = 0; k < N; k++) {
      const y = (s[k] & 0x80000000) | (s[(k + 1) % N] & 0x7fffffff)
      s[k] = s[(k + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.index = 0
  }

  private initGenrand(seed: number): void {
    const s = this.state
    s[0] = seed
    for (let i = 1; i < N; i++) s[i] = Math.imul(1812433253, s[i - 1] ^ (s[i - 1] >>> 30)) + i
  }

  private initByArray(key: Uint32Array): void {
    this.initGenrand(19650218)
    const s = this.state
    let i = 1
    let j = 0
    for (let k = Math.max(N, key.length); k > 0; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1664525)) + key[j] + j
      i++
      j++
      if (i >= N) {
        s[0] = s[N - 1]
        i = 1
      }
      if (j >= key.length) j = 0
    }
    for (let k = N - 1; k > 0; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1566083941)) - i
      i++
      if (i >= N) {
        s[0] = s[N - 1]
        i = 1
      }
    }
    s[0] = 0x80000000
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
