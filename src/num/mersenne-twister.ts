const N = 624
const M = 397

/**
 * The Mersenne Twister MT19937, the generator under both Python's and PyTorch's random numbers; they differ in how they
 * seed it and what they make of its words.
 * Source: Matsumoto and Nishimura, "Mersenne Twister" (1998), mt19937ar.c.
 */
export class MersenneTwister {
  private readonly state = new Uint32Array(N)
  private index = N

  /** Seeds with one 32-bit word (init_genrand). */
  constructor(seed: number) {
    const s = this.state
    s[0] = seed
    for (let i = 1; i < N; i++) s[i] = Math.imul(1812433253, s[i - 1] ^ (s[i - 1] >>> 30)) + i
  }

  /** Seeds with any number of 32-bit words (init_by_array). */
  static fromKey(key: Uint32Array): MersenneTwister {
    const twister = new MersenneTwister(19650218)
    const s = twister.state
    let [i, j] = [1, 0]
    const advance = () => {
      i++
      if (i < N) return
      s[0] = s[N - 1]
      i = 1
    }
    for (let k = Math.max(N, key.length); k > 0; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1664525)) + key[j] + j
      advance()
      j = (j + 1) % key.length
    }
    for (let k = N - 1; k > 0; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1566083941)) - i
      advance()
    }
    s[0] = 0x80000000
    return twister
  }

  /** The next 32 bits, in [0, 2^32). */
  nextUint32(): number {
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
}
