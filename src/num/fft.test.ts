import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fft } from './fft.js'

/** The definition, term by term. */
function slowTransform(re: Float64Array, im: Float64Array): [Float64Array, Float64Array] {
  const n = re.length
  const out: [Float64Array, Float64Array] = [new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k < n; k++)
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * ((k * t) % n)) / n
      out[0][k] += re[t] * Math.cos(angle) - im[t] * Math.sin(angle)
      out[1][k] += re[t] * Math.sin(angle) + im[t] * Math.cos(angle)
    }
  return out
}

const signal = fc
  .integer({ min: 1, max: 8 })
  .chain((bits) =>
    fc.tuple(
      ...[0, 1].map(() =>
        fc.float64Array({ min: -1, max: 1, noNaN: true, minLength: 2 ** bits, maxLength: 2 ** bits }),
      ),
    ),
  )

describe('Fft', () => {
  it('is the transform as it is defined, and back', () => {
    fc.assert(
      fc.property(signal, ([re, im]) => {
        const [slowRe, slowIm] = slowTransform(re, im)
        const fft = new Fft(re.length)
        const [r, m] = [re.slice(), im.slice()]
        fft.forward(r, m)
        // Rounding of sums of at most 256 terms of at most 1.
        for (let k = 0; k < r.length; k++) {
          expect(Math.abs(r[k] - slowRe[k])).toBeLessThan(1e-11)
          expect(Math.abs(m[k] - slowIm[k])).toBeLessThan(1e-11)
        }
        fft.inverse(r, m)
        for (let n = 0; n < r.length; n++) {
          expect(Math.abs(r[n] - re[n])).toBeLessThan(1e-13)
          expect(Math.abs(m[n] - im[n])).toBeLessThan(1e-13)
        }
      }),
      { seed: 4 },
    )
  })

  it('keeps energy at a size as large as recordings need', () => {
    const size = 2 ** 18
    const re = Float64Array.from({ length: size }, (_, n) => Math.sin(n * n))
    const im = new Float64Array(size)
    const before = re.reduce((sum, x) => sum + x * x, 0)
    new Fft(size).forward(re, im)
    const after = re.reduce((sum, x, k) => sum + x * x + im[k] * im[k], 0) / size
    expect(after / before).toBeCloseTo(1, 12)
  })

  it('refuses other sizes', () => {
    for (const size of [0, 1, 3, 12, 2.5, Number.NaN]) expect(() => new Fft(size)).toThrow(RangeError)
    expect(() => new Fft(4).forward(new Float64Array(8), new Float64Array(8))).toThrow('expected 4 values')
  })
})
