// Log-mel spectra of four frames of 4096 samples at once: lane l of every vector belongs to frame l.
//
// A frame of 4096 real samples x is transformed as 2048 complex points z[n] = x[2n] + i x[2n+1]. In memory:
//   work    2048 points of 32 bytes: four real parts, four imaginary parts (64 KiB)
//   power   2049 bins of 16 bytes
//   tables  made by ../spectrum-tables.ts: twiddles, places, turns, bands and weights
// The transform is a radix-4 decimation in frequency, in place, so bin k ends at a digit-reversed place; the
// power kernel looks places up instead of moving data. After the first pass each quarter (16 KiB) is finished
// before the next, so that it stays in the first-level cache.

const POINTS: usize = 2048
const POINT_BYTES: usize = 32

// Two steps of shuffles transpose 4 x 4 lanes: low and high interleave pairs of rows, then the halves join.
// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
}

// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5)
}

// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7)
}

/** work[n] = frame[n] * window[n] for four frames that lie one behind the other, each 4096 floats. */
export function windowFour(frames: usize, window: usize, work: usize): void {
  const frameBytes: usize = 2 * POINTS * 4
  for (let at: usize = 0; at < frameBytes; at += 16) {
    const w = v128.load(window + at)
    const a = f32x4.mul(v128.load(frames + at), w)
    const b = f32x4.mul(v128.load(frames + frameBytes + at), w)
    const c = f32x4.mul(v128.load(frames + 2 * frameBytes + at), w)
    const d = f32x4.mul(v128.load(frames + 3 * frameBytes + at), w)
    const ab = low(a, b)
    const cd = low(c, d)
    const abHigh = high(a, b)
    const cdHigh = high(c, d)
    const out = work + 4 * at
    v128.store(out, lowHalves(ab, cd))
    v128.store(out, highHalves(ab, cd), 16)
    v128.store(out, lowHalves(abHigh, cdHigh), 32)
    v128.store(out, highHalves(abHigh, cdHigh), 48)
  }
}

/** The complex transform of 2048 points, in place; bin k ends at the place that the tables name. */
export function transformFour(work: usize, twiddles: usize): void {
  radixFourPass(work, POINTS, twiddles)
  const quarter = POINTS / 4
  for (let q: usize = 0; q < 4; q++) {
    const part = work + q * quarter * POINT_BYTES
    let table = twiddles + (POINTS / 4) * 24
    for (let size = quarter; size > 8; size /= 4) {
      for (let block: usize = 0; block < quarter; block += size)
        radixFourPass(part + block * POINT_BYTES, size, table)
      table += (size / 4) * 24
    }
    for (let block: usize = 0; block < quarter; block += 8) eightPoints(part + block * POINT_BYTES)
  }
}

/** One pass over `size` points; the table holds w, w^2, w^3 (real, imaginary) for w = exp(-2 pi i j / size). */
function radixFourPass(base: usize, size: usize, table: usize): void {
  const leg = (size / 4) * POINT_BYTES
  const end = base + leg
  let w = table
  for (let p = base; p < end; p += POINT_BYTES) {
    const p1 = p + leg
    const p2 = p1 + leg
    const p3 = p2 + leg
    const ar = v128.load(p)
    const ai = v128.load(p, 16)
    const cr = v128.load(p2)
    const ci = v128.load(p2, 16)
    const br = v128.load(p1)
    const bi = v128.load(p1, 16)
    const dr = v128.load(p3)
    const di = v128.load(p3, 16)
    const sumAcR = f32x4.add(ar, cr)
    const sumAcI = f32x4.add(ai, ci)
    const difAcR = f32x4.sub(ar, cr)
    const difAcI = f32x4.sub(ai, ci)
    const sumBdR = f32x4.add(br, dr)
    const sumBdI = f32x4.add(bi, di)
    const difBdR = f32x4.sub(br, dr)
    const difBdI = f32x4.sub(bi, di)
    v128.store(p, f32x4.add(sumAcR, sumBdR))
    v128.store(p, f32x4.add(sumAcI, sumBdI), 16)
    // -i (b - d) = difBdI - i difBdR
    storeTurned(p1, f32x4.add(difAcR, difBdI), f32x4.sub(difAcI, difBdR), w)
    storeTurned(p2, f32x4.sub(sumAcR, sumBdR), f32x4.sub(sumAcI, sumBdI), w + 8)
    storeTurned(p3, f32x4.sub(difAcR, difBdI), f32x4.add(difAcI, difBdR), w + 16)
    w += 24
  }
}

/** Stores (re + i im) times the table's complex number at w. */
// @ts-ignore: decorator
@inline
function storeTurned(at: usize, re: v128, im: v128, w: usize): void {
  const wr = v128.load32_splat(w)
  const wi = v128.load32_splat(w, 4)
  v128.store(at, f32x4.sub(f32x4.mul(re, wr), f32x4.mul(im, wi)))
  v128.store(at, f32x4.add(f32x4.mul(re, wi), f32x4.mul(im, wr)), 16)
}

/** The transform of 8 points in place, bins in natural order: even bins from sums, odd bins from differences. */
function eightPoints(p: usize): void {
  const half = f32x4.splat(0.7071067811865476)
  // Sums and differences of points four apart.
  const x0r = v128.load(p)
  const x0i = v128.load(p, 16)
  const x4r = v128.load(p, 128)
  const x4i = v128.load(p, 144)
  const x2r = v128.load(p, 64)
  const x2i = v128.load(p, 80)
  const x6r = v128.load(p, 192)
  const x6i = v128.load(p, 208)
  const s0r = f32x4.add(x0r, x4r)
  const s0i = f32x4.add(x0i, x4i)
  const d0r = f32x4.sub(x0r, x4r)
  const d0i = f32x4.sub(x0i, x4i)
  const s2r = f32x4.add(x2r, x6r)
  const s2i = f32x4.add(x2i, x6i)
  const d2r = f32x4.sub(x2r, x6r)
  const d2i = f32x4.sub(x2i, x6i)
  const x1r = v128.load(p, 32)
  const x1i = v128.load(p, 48)
  const x5r = v128.load(p, 160)
  const x5i = v128.load(p, 176)
  const x3r = v128.load(p, 96)
  const x3i = v128.load(p, 112)
  const x7r = v128.load(p, 224)
  const x7i = v128.load(p, 240)
  const s1r = f32x4.add(x1r, x5r)
  const s1i = f32x4.add(x1i, x5i)
  const d1r = f32x4.sub(x1r, x5r)
  const d1i = f32x4.sub(x1i, x5i)
  const s3r = f32x4.add(x3r, x7r)
  const s3i = f32x4.add(x3i, x7i)
  const d3r = f32x4.sub(x3r, x7r)
  const d3i = f32x4.sub(x3i, x7i)
  // Even bins: four points s0 .. s3.
  const e0r = f32x4.add(s0r, s2r)
  const e0i = f32x4.add(s0i, s2i)
  const e1r = f32x4.add(s1r, s3r)
  const e1i = f32x4.add(s1i, s3i)
  v128.store(p, f32x4.add(e0r, e1r))
  v128.store(p, f32x4.add(e0i, e1i), 16)
  v128.store(p, f32x4.sub(e0r, e1r), 128)
  v128.store(p, f32x4.sub(e0i, e1i), 144)
  const f0r = f32x4.sub(s0r, s2r)
  const f0i = f32x4.sub(s0i, s2i)
  const f1r = f32x4.sub(s1r, s3r)
  const f1i = f32x4.sub(s1i, s3i)
  v128.store(p, f32x4.add(f0r, f1i), 64)
  v128.store(p, f32x4.sub(f0i, f1r), 80)
  v128.store(p, f32x4.sub(f0r, f1i), 192)
  v128.store(p, f32x4.add(f0i, f1r), 208)
  // Odd bins: d0, d1 w, d2 w^2, d3 w^3 with w = exp(-i pi / 4) = (1 - i) / sqrt 2, w^2 = -i.
  const g1r = f32x4.mul(f32x4.add(d1r, d1i), half)
  const g1i = f32x4.mul(f32x4.sub(d1i, d1r), half)
  const g3r = f32x4.mul(f32x4.sub(d3i, d3r), half)
  const g3i = f32x4.neg(f32x4.mul(f32x4.add(d3r, d3i), half))
  const h0r = f32x4.add(d0r, d2i)
  const h0i = f32x4.sub(d0i, d2r)
  const h1r = f32x4.add(g1r, g3r)
  const h1i = f32x4.add(g1i, g3i)
  v128.store(p, f32x4.add(h0r, h1r), 32)
  v128.store(p, f32x4.add(h0i, h1i), 48)
  v128.store(p, f32x4.sub(h0r, h1r), 160)
  v128.store(p, f32x4.sub(h0i, h1i), 176)
  const k0r = f32x4.sub(d0r, d2i)
  const k0i = f32x4.add(d0i, d2r)
  const k1r = f32x4.sub(g1r, g3r)
  const k1i = f32x4.sub(g1i, g3i)
  v128.store(p, f32x4.add(k0r, k1i), 96)
  v128.store(p, f32x4.sub(k0i, k1r), 112)
  v128.store(p, f32x4.sub(k0r, k1i), 224)
  v128.store(p, f32x4.add(k0i, k1r), 240)
}

/**
 * power[k] = |X[k]|^2 for k = 0 .. 2048, X the real transform of the 4096 samples. With Z the complex one,
 * m = 2048 - k, 2E = Z[k] + conj Z[m], 2O = -i (Z[k] - conj Z[m]) and w = exp(-2 pi i k / 4096):
 * 2X[k] = 2E + w 2O and conj 2X[m] = 2E - w 2O.
 * @param places int32 [2049] byte offset in work of Z[k], Z[2048] being Z[0]
 * @param turns float32 [1025, 2] w
 */
export function powerFour(work: usize, places: usize, turns: usize, power: usize): void {
  const quarter = f32x4.splat(0.25)
  for (let k: usize = 0; k <= POINTS / 2; k++) {
    const zk = work + <usize>load<i32>(places + 4 * k)
    const zm = work + <usize>load<i32>(places + 4 * (POINTS - k))
    const a = v128.load(zk)
    const b = v128.load(zk, 16)
    const c = v128.load(zm)
    const d = v128.load(zm, 16)
    const evenR = f32x4.add(a, c)
    const evenI = f32x4.sub(b, d)
    const oddR = f32x4.add(b, d)
    const oddI = f32x4.sub(c, a)
    const wr = v128.load32_splat(turns + 8 * k)
    const wi = v128.load32_splat(turns + 8 * k, 4)
    const turnedR = f32x4.sub(f32x4.mul(oddR, wr), f32x4.mul(oddI, wi))
    const turnedI = f32x4.add(f32x4.mul(oddR, wi), f32x4.mul(oddI, wr))
    v128.store(power + 16 * k, quarterNorm(f32x4.add(evenR, turnedR), f32x4.add(evenI, turnedI), quarter))
    const mirror = power + 16 * (POINTS - k)
    v128.store(mirror, quarterNorm(f32x4.sub(evenR, turnedR), f32x4.sub(evenI, turnedI), quarter))
  }
}

// @ts-ignore: decorator
@inline
function quarterNorm(re: v128, im: v128, quarter: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im)), quarter)
}

/**
 * rows[l][band] = log(floor + sum over the band's bins of weight * power), for four rows one behind the other.
 * @param bands int32 [nBands, 2] first bin and number of bins of each band; nBands a multiple of 4
 * @param weights float32, the bands' weights one band behind the other
 * @param rows float32 [4, nBands]
 */
export function logBandsFour(
  power: usize,
  bands: usize,
  weights: usize,
  nBands: usize,
  floor: f32,
  rows: usize,
): void {
  const rowBytes: usize = nBands * 4
  let weight = weights
  for (let band: usize = 0; band < nBands; band += 4) {
    const at = bands + 8 * band
    const a = bandSum(power, at, weight)
    weight += 4 * <usize>load<i32>(at, 4)
    const b = bandSum(power, at + 8, weight)
    weight += 4 * <usize>load<i32>(at, 12)
    const c = bandSum(power, at + 16, weight)
    weight += 4 * <usize>load<i32>(at, 20)
    const d = bandSum(power, at + 24, weight)
    weight += 4 * <usize>load<i32>(at, 28)
    const base = f32x4.splat(floor)
    const la = naturalLog(f32x4.add(a, base))
    const lb = naturalLog(f32x4.add(b, base))
    const lc = naturalLog(f32x4.add(c, base))
    const ld = naturalLog(f32x4.add(d, base))
    const ab = low(la, lb)
    const cd = low(lc, ld)
    const abHigh = high(la, lb)
    const cdHigh = high(lc, ld)
    const out = rows + 4 * band
    v128.store(out, lowHalves(ab, cd))
    v128.store(out + rowBytes, highHalves(ab, cd))
    v128.store(out + 2 * rowBytes, lowHalves(abHigh, cdHigh))
    v128.store(out + 3 * rowBytes, highHalves(abHigh, cdHigh))
  }
}

/** Two running sums, so that additions overlap. */
function bandSum(power: usize, band: usize, weights: usize): v128 {
  let p = power + 16 * <usize>load<i32>(band)
  const count = <usize>load<i32>(band, 4)
  let w = weights
  const pairsEnd = p + 32 * (count / 2)
  let even = f32x4.splat(0)
  let odd = f32x4.splat(0)
  for (; p < pairsEnd; p += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(p), v128.load32_splat(w)))
    odd = f32x4.add(odd, f32x4.mul(v128.load(p, 16), v128.load32_splat(w, 4)))
    w += 8
  }
  if (count & 1) even = f32x4.add(even, f32x4.mul(v128.load(p), v128.load32_splat(w)))
  return f32x4.add(even, odd)
}

/**
 * log x for normal positive x; NaN for infinity and NaN. x = 2^e m with m in [sqrt 1/2, sqrt 2); with s = (m - 1) / (m + 1), |s| < 0.1716,
 * log m = 2 (s + s^3/3 + s^5/5 + s^7/7 + s^9/9) + r, |r| < 2 s^11 / 11 / (1 - s^2) < 8e-10. ln 2 is split in
 * two so that e times its first part is exact.
 */
// @ts-ignore: decorator
@inline
function naturalLog(x: v128): v128 {
  // The bits of sqrt 1/2 are 0x3f3504f3: subtracting them leaves the exponent of x / sqrt 1/2, floored.
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3))
  const exponent = i32x4.shr_s(shifted, 23)
  const m = i32x4.sub(x, i32x4.shl(exponent, 23))
  const e = f32x4.convert_i32x4_s(exponent)
  const one = f32x4.splat(1)
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one))
  const square = f32x4.mul(s, s)
  let series = f32x4.add(f32x4.mul(square, f32x4.splat(1.0 / 9.0)), f32x4.splat(1.0 / 7.0))
  series = f32x4.add(f32x4.mul(square, series), f32x4.splat(1.0 / 5.0))
  series = f32x4.add(f32x4.mul(square, series), f32x4.splat(1.0 / 3.0))
  const double = f32x4.add(s, s)
  const logM = f32x4.add(double, f32x4.mul(double, f32x4.mul(square, series)))
  // 0.693359375 has 9 significant bits, so its product with an exponent of 8 bits is exact.
  const highPart = f32x4.mul(e, f32x4.splat(0.693359375))
  const lowPart = f32x4.mul(e, f32x4.splat(-2.12194440e-4))
  // x - x is 0, or NaN where x is not finite: bad samples must not come out as a plausible number.
  const check = f32x4.sub(x, x)
  return f32x4.add(highPart, f32x4.add(lowPart, f32x4.add(logM, check)))
}

/** out[i] = log x[i] for `count` floats, a multiple of 4. */
export function logarithms(x: usize, out: usize, count: usize): void {
  for (let at: usize = 0; at < 4 * count; at += 16) v128.store(out + at, naturalLog(v128.load(x + at)))
}
