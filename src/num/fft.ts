/**
 * Discrete Fourier transforms of a size that is a power of two. Memory: real and imaginary parts in two arrays,
 * `re[k] + i im[k]`.
 */
export class Fft {
  private readonly cos: Float64Array
  private readonly sin: Float64Array
  private readonly reversed: Uint32Array

  /** @throws RangeError for a size that is no power of two from 2 up */
  constructor(readonly size: number) {
    if (!Number.isInteger(Math.log2(size)) || size < 2)
      throw new RangeError(`expected a power of two from 2 up, found ${size}`)
    this.cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
    this.sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size))
    this.reversed = new Uint32Array(size)
    const bits = Math.log2(size)
    for (let i = 1; i < size; i++) this.reversed[i] = (this.reversed[i >> 1] >> 1) | ((i & 1) << (bits - 1))
  }

  /**
   * X[k] = sum over n of x[n] exp(-2 pi i k n / size), in place.
   *
   * Source: Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series" (1965); decimation in
   * time.
   */
  forward(re: Float64Array, im: Float64Array): void {
    const { size, cos, sin, reversed } = this
    if (re.length !== size || im.length !== size)
      throw new RangeError(`expected ${size} values, found ${re.length} and ${im.length}`)
    for (let i = 0; i < size; i++) {
      const j = reversed[i]
      if (j <= i) continue
      const r = re[i]
      re[i] = re[j]
      re[j] = r
      const m = im[i]
      im[i] = im[j]
      im[j] = m
    }
    let half = 1
    if (Math.log2(size) % 2 === 1) {
      // An odd number of halvings: the first pass, which turns by nothing, alone.
      for (let i = 0; i < size; i += 2) {
        const r = re[i + 1]
        const m = im[i + 1]
        re[i + 1] = re[i] - r
        im[i + 1] = im[i] - m
        re[i] += r
        im[i] += m
      }
      half = 2
    }
    // Two passes at a time, so that the arrays are read and written half as often.
    for (; half < size; half *= 4) {
      const step = size / (4 * half)
      for (let start = 0; start < size; start += 4 * half)
        for (let k = 0, turn = 0; k < half; k++, turn += step) {
          const a = start + k
          const b = a + half
          const c = b + half
          const d = c + half
          const cos1 = cos[turn]
          const sin1 = sin[turn]
          const cos2 = cos1 * cos1 - sin1 * sin1
          const sin2 = 2 * cos1 * sin1
          const bRe = re[b] * cos2 + im[b] * sin2
          const bIm = im[b] * cos2 - re[b] * sin2
          const dRe = re[d] * cos2 + im[d] * sin2
          const dIm = im[d] * cos2 - re[d] * sin2
          const evenRe = re[c] + dRe
          const evenIm = im[c] + dIm
          const oddRe = re[c] - dRe
          const oddIm = im[c] - dIm
          const eRe = evenRe * cos1 + evenIm * sin1
          const eIm = evenIm * cos1 - evenRe * sin1
          // A quarter turn further: times -i.
          const oRe = oddIm * cos1 - oddRe * sin1
          const oIm = -oddRe * cos1 - oddIm * sin1
          const sumRe = re[a] + bRe
          const sumIm = im[a] + bIm
          const differenceRe = re[a] - bRe
          const differenceIm = im[a] - bIm
          re[a] = sumRe + eRe
          im[a] = sumIm + eIm
          re[b] = differenceRe + oRe
          im[b] = differenceIm + oIm
          re[c] = sumRe - eRe
          im[c] = sumIm - eIm
          re[d] = differenceRe - oRe
          im[d] = differenceIm - oIm
        }
    }
  }

  /** x[n] = 1/size sum over k of X[k] exp(2 pi i k n / size), in place. */
  inverse(re: Float64Array, im: Float64Array): void {
    // Parts swapped in and out, the forward transform turns the other way.
    this.forward(im, re)
    for (let i = 0; i < this.size; i++) {
      re[i] /= this.size
      im[i] /= this.size
    }
  }
}
