// Fused kernels of the probe: batch norm, dropout, ReLU, losses, Adam.
// Layout: all matrices row-major float32. The hidden size h is a multiple of 16 and the number of outputs c a
// multiple of 4; the caller pads with zero weights (and a bias of -1e30 for outputs), which leaves every
// result unchanged. Row counts are free. Nothing is allocated; scratch is the caller's.

// @ts-ignore: decorator
@inline
const BLOCK: i32 = 32 // rows summed in single precision before they join the running sum

// Dropout generator: four lanes of xorshift32 (Marsaglia, "Xorshift RNGs", 2003), seeded per training.
let lanes: v128 = i32x4.splat(1)

export function seedDropout(a: u32, b: u32, c: u32, d: u32): void {
  lanes = i32x4.replace_lane(lanes, 0, a | 1)
  lanes = i32x4.replace_lane(lanes, 1, b | 1)
  lanes = i32x4.replace_lane(lanes, 2, c | 1)
  lanes = i32x4.replace_lane(lanes, 3, d | 1)
}

// @ts-ignore: decorator
@inline
function nextLanes(x: v128): v128 {
  x = v128.xor(x, i32x4.shl(x, 13))
  x = v128.xor(x, i32x4.shr_u(x, 17))
  return v128.xor(x, i32x4.shl(x, 5))
}

/** Column means and biased variances of z [rows, h], by blocks merged as Chan, Golub and LeVeque (1979). */
export function columnMoments(z: usize, rows: i32, h: i32, mean: usize, variance: usize, scratch: usize): void {
  const width = <usize>h << 2
  const sums = scratch
  const squares = scratch + width
  memory.fill(mean, 0, width)
  memory.fill(variance, 0, width)
  for (let start = 0; start < rows; start += BLOCK) {
    const n = min(BLOCK, rows - start)
    const block = z + <usize>start * width
    memory.fill(sums, 0, width)
    memory.fill(squares, 0, width)
    for (let i = 0; i < n; i++) {
      const row = block + <usize>i * width
      for (let j: usize = 0; j < width; j += 32) {
        v128.store(sums + j, f32x4.add(v128.load(sums + j), v128.load(row + j)))
        v128.store(sums + j + 16, f32x4.add(v128.load(sums + j + 16), v128.load(row + j + 16)))
      }
    }
    const inverse = f32x4.splat(<f32>1 / <f32>n)
    for (let j: usize = 0; j < width; j += 16) v128.store(sums + j, f32x4.mul(v128.load(sums + j), inverse))
    for (let i = 0; i < n; i++) {
      const row = block + <usize>i * width
      for (let j: usize = 0; j < width; j += 32) {
        const a = f32x4.sub(v128.load(row + j), v128.load(sums + j))
        const b = f32x4.sub(v128.load(row + j + 16), v128.load(sums + j + 16))
        v128.store(squares + j, f32x4.add(v128.load(squares + j), f32x4.mul(a, a)))
        v128.store(squares + j + 16, f32x4.add(v128.load(squares + j + 16), f32x4.mul(b, b)))
      }
    }
    const share = f32x4.splat(<f32>n / <f32>(start + n))
    const spread = f32x4.splat(<f32>start * <f32>n / <f32>(start + n))
    for (let j: usize = 0; j < width; j += 16) {
      const delta = f32x4.sub(v128.load(sums + j), v128.load(mean + j))
      v128.store(mean + j, f32x4.add(v128.load(mean + j), f32x4.mul(delta, share)))
      const merged = f32x4.add(v128.load(squares + j), f32x4.mul(f32x4.mul(delta, delta), spread))
      v128.store(variance + j, f32x4.add(v128.load(variance + j), merged))
    }
  }
  const inverse = f32x4.splat(<f32>1 / <f32>rows)
  for (let j: usize = 0; j < width; j += 16) v128.store(variance + j, f32x4.mul(v128.load(variance + j), inverse))
}

/**
 * Batch norm in training: from the moments of this batch to scale and shift per column, updating the running
 * statistics (momentum 0.1; the variance unbiased; the mean with the Linear's bias, which cancels elsewhere).
 */
export function batchNormScales(
  rows: i32, h: i32, gamma: usize, beta: usize, bias: usize, mean: usize, variance: usize,
  runningMean: usize, runningVariance: usize, reciprocal: usize, scale: usize, shift: usize,
): void {
  const unbiased: f32 = rows > 1 ? <f32>rows / <f32>(rows - 1) : 1
  for (let j: usize = 0; j < <usize>h << 2; j += 4) {
    const m = load<f32>(mean + j)
    const v = load<f32>(variance + j)
    store<f32>(runningMean + j, load<f32>(runningMean + j) * <f32>0.9 + (m + load<f32>(bias + j)) * <f32>0.1)
    store<f32>(runningVariance + j, load<f32>(runningVariance + j) * <f32>0.9 + v * unbiased * <f32>0.1)
    const r = <f32>1 / sqrt<f32>(v + <f32>1e-5)
    const s = load<f32>(gamma + j) * r
    store<f32>(reciprocal + j, r)
    store<f32>(scale + j, s)
    store<f32>(shift + j, load<f32>(beta + j) - m * s)
  }
}

/** Batch norm in evaluation: scale and shift per column from the running statistics. */
export function batchNormEvalScales(
  h: i32, gamma: usize, beta: usize, bias: usize, runningMean: usize, runningVariance: usize, scale: usize, shift: usize,
): void {
  for (let j: usize = 0; j < <usize>h << 2; j += 4) {
    const s = load<f32>(gamma + j) / sqrt<f32>(load<f32>(runningVariance + j) + <f32>1e-5)
    store<f32>(scale + j, s)
    store<f32>(shift + j, load<f32>(beta + j) + (load<f32>(bias + j) - load<f32>(runningMean + j)) * s)
  }
}

/**
 * out = relu(dropout(z * scale + shift)). keep is the share kept as a 32-bit threshold (0: no dropout);
 * factor is 1 / (1 - dropout). relu: 0 leaves negatives and drops nothing (batch norm after activation).
 * z and out may be the same matrix.
 */
export function scaleShiftActivate(
  z: usize, rows: i32, h: i32, scale: usize, shift: usize, keep: u32, factor: f32, relu: i32, out: usize,
): void {
  const width = <usize>h << 2
  const zero = f32x4.splat(0)
  const f = f32x4.splat(factor)
  const sign = i32x4.splat(0x80000000)
  const threshold = i32x4.splat(keep ^ 0x80000000)
  let x = lanes
  for (let i = 0; i < rows; i++) {
    const row = z + <usize>i * width
    const to = out + <usize>i * width
    if (!relu) {
      for (let j: usize = 0; j < width; j += 16)
        v128.store(to + j, f32x4.add(f32x4.mul(v128.load(row + j), v128.load(scale + j)), v128.load(shift + j)))
    } else if (keep == 0) {
      for (let j: usize = 0; j < width; j += 16) {
        const y = f32x4.add(f32x4.mul(v128.load(row + j), v128.load(scale + j)), v128.load(shift + j))
        v128.store(to + j, f32x4.pmax(zero, y))
      }
    } else {
      for (let j: usize = 0; j < width; j += 16) {
        let y = f32x4.add(f32x4.mul(v128.load(row + j), v128.load(scale + j)), v128.load(shift + j))
        y = f32x4.mul(f32x4.pmax(zero, y), f)
        x = nextLanes(x)
        v128.store(to + j, v128.and(y, i32x4.lt_s(v128.xor(x, sign), threshold)))
      }
    }
  }
  lanes = x
}

/**
 * The batch-norm backward sums: d [rows, h] becomes the gradient before ReLU and dropout where active is not
 * 0 (d * factor where active > 0); dBeta = sum of d, dGamma = sum of d * (z - mean) * reciprocal.
 */
export function batchNormBackwardSums(
  d: usize, z: usize, active: usize, rows: i32, h: i32, mean: usize, reciprocal: usize, factor: f32,
  dBeta: usize, dGamma: usize, scratch: usize,
): void {
  const width = <usize>h << 2
  const part1 = scratch
  const part2 = scratch + width
  const zero = f32x4.splat(0)
  const f = f32x4.splat(factor)
  memory.fill(dBeta, 0, width)
  memory.fill(dGamma, 0, width)
  for (let start = 0; start < rows; start += BLOCK) {
    const end = min(rows, start + BLOCK)
    memory.fill(part1, 0, width)
    memory.fill(part2, 0, width)
    for (let i = start; i < end; i++) {
      const at = <usize>i * width
      if (active) {
        for (let j: usize = 0; j < width; j += 16) {
          const on = f32x4.gt(v128.load(active + at + j), zero)
          const y = v128.and(f32x4.mul(v128.load(d + at + j), f), on)
          v128.store(d + at + j, y)
          v128.store(part1 + j, f32x4.add(v128.load(part1 + j), y))
          const centred = f32x4.sub(v128.load(z + at + j), v128.load(mean + j))
          v128.store(part2 + j, f32x4.add(v128.load(part2 + j), f32x4.mul(y, centred)))
        }
      } else {
        for (let j: usize = 0; j < width; j += 16) {
          const y = v128.load(d + at + j)
          v128.store(part1 + j, f32x4.add(v128.load(part1 + j), y))
          const centred = f32x4.sub(v128.load(z + at + j), v128.load(mean + j))
          v128.store(part2 + j, f32x4.add(v128.load(part2 + j), f32x4.mul(y, centred)))
        }
      }
    }
    for (let j: usize = 0; j < width; j += 16) {
      v128.store(dBeta + j, f32x4.add(v128.load(dBeta + j), v128.load(part1 + j)))
      v128.store(dGamma + j, f32x4.add(v128.load(dGamma + j), v128.load(part2 + j)))
    }
  }
  for (let j: usize = 0; j < width; j += 16)
    v128.store(dGamma + j, f32x4.mul(v128.load(dGamma + j), v128.load(reciprocal + j)))
}

/**
 * The batch-norm gradient to its input: dz = gamma * reciprocal * (d - dBeta/rows - (z - mean) * reciprocal *
 * dGamma/rows). Written transposed to dzT [h, ldT] for the weight gradient, its columns from rows on 0, and in place of
 * d when keepRows. dBias becomes the column sums of dz: 0 but for rounding, which PyTorch's Adam feeds on all the same.
 * coefficients: scratch of 3 * h floats.
 */
export function batchNormBackwardInput(
  d: usize, z: usize, rows: i32, h: i32, gamma: usize, mean: usize, reciprocal: usize,
  dBeta: usize, dGamma: usize, dBias: usize, keepRows: i32, dzT: usize, ldT: i32, coefficients: usize,
): void {
  const width = <usize>h << 2
  memory.fill(dBias, 0, width)
  const inverse = f32x4.splat(<f32>1 / <f32>rows)
  // dz = a * d - b * z + e, with a, b, e constant per column
  const ca = coefficients
  const cb = coefficients + width
  const ce = coefficients + 2 * width
  for (let j: usize = 0; j < width; j += 16) {
    const r = v128.load(reciprocal + j)
    const a = f32x4.mul(v128.load(gamma + j), r)
    const c1 = f32x4.mul(v128.load(dBeta + j), inverse)
    const c2 = f32x4.mul(f32x4.mul(v128.load(dGamma + j), inverse), r)
    v128.store(ca + j, a)
    v128.store(cb + j, c2)
    v128.store(ce + j, c1)
  }
  let i = 0
  for (; i + 4 <= rows; i += 4) {
    const at = <usize>i * width
    const out = dzT + (<usize>i << 2)
    for (let j: usize = 0; j < width; j += 16) {
      const a = v128.load(ca + j)
      const b = v128.load(cb + j)
      const e = v128.load(ce + j)
      const m = v128.load(mean + j)
      const p = at + j
      const r0 = inputGradient(d + p, z + p, a, b, e, m)
      const r1 = inputGradient(d + p + width, z + p + width, a, b, e, m)
      const r2 = inputGradient(d + p + 2 * width, z + p + 2 * width, a, b, e, m)
      const r3 = inputGradient(d + p + 3 * width, z + p + 3 * width, a, b, e, m)
      v128.store(dBias + j, f32x4.add(v128.load(dBias + j), f32x4.add(f32x4.add(r0, r1), f32x4.add(r2, r3))))
      if (keepRows) {
        v128.store(d + p, r0)
        v128.store(d + p + width, r1)
        v128.store(d + p + 2 * width, r2)
        v128.store(d + p + 3 * width, r3)
      }
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
      const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
      const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
      const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
      const column = out + (j >> 2) * (<usize>ldT << 2)
      const step = <usize>ldT << 2
      v128.store(column, v128.shuffle<i64>(t0, t2, 0, 2))
      v128.store(column + step, v128.shuffle<i64>(t0, t2, 1, 3))
      v128.store(column + 2 * step, v128.shuffle<i64>(t1, t3, 0, 2))
      v128.store(column + 3 * step, v128.shuffle<i64>(t1, t3, 1, 3))
    }
  }
  for (; i < rows; i++) {
    const at = <usize>i * width
    for (let j: usize = 0; j < width; j += 16) {
      const p = at + j
      const r = inputGradient(d + p, z + p, v128.load(ca + j), v128.load(cb + j), v128.load(ce + j), v128.load(mean + j))
      v128.store(dBias + j, f32x4.add(v128.load(dBias + j), r))
      if (keepRows) v128.store(d + p, r)
      const column = dzT + (<usize>i << 2) + (j >> 2) * (<usize>ldT << 2)
      const step = <usize>ldT << 2
      store<f32>(column, f32x4.extract_lane(r, 0))
      store<f32>(column + step, f32x4.extract_lane(r, 1))
      store<f32>(column + 2 * step, f32x4.extract_lane(r, 2))
      store<f32>(column + 3 * step, f32x4.extract_lane(r, 3))
    }
  }
  clearTail(dzT, h, rows, ldT)
}

/** Columns from `used` on of m [rows, ld] become 0: they take part in a product and must add nothing. */
function clearTail(m: usize, rows: i32, used: i32, ld: i32): void {
  if (used == ld) return
  const bytes = <usize>(ld - used) << 2
  for (let i = 0; i < rows; i++) memory.fill(m + (<usize>(i * ld + used) << 2), 0, bytes)
}

// @ts-ignore: decorator
@inline
function inputGradient(d: usize, z: usize, a: v128, b: v128, e: v128, mean: v128): v128 {
  const centred = f32x4.mul(f32x4.sub(v128.load(z), mean), b)
  return f32x4.mul(a, f32x4.sub(f32x4.sub(v128.load(d), e), centred))
}

/** dT [h, ldT] = d [rows, h] times factor where active > 0, 0 from rows on; also in place of d. For norm after activation. */
export function activationBackward(
  d: usize, active: usize, rows: i32, h: i32, factor: f32, dBias: usize, dT: usize, ldT: i32,
): void {
  for (let j = 0; j < h; j++) {
    let sum: f64 = 0
    for (let i = 0; i < rows; i++) {
      const at = (<usize>(i * h + j)) << 2
      const value: f32 = load<f32>(active + at) > 0 ? load<f32>(d + at) * factor : 0
      store<f32>(d + at, value)
      store<f32>(dT + ((<usize>(j * ldT + i)) << 2), value)
      sum += value
    }
    store<f32>(dBias + (<usize>j << 2), <f32>sum)
  }
  clearTail(dT, h, rows, ldT)
}

/** Adam (Kingma and Ba, 2015) as torch.optim.Adam writes it; n is a multiple of 4. */
export function adam(
  p: usize, g: usize, m: usize, v: usize, n: i32, beta1: f32, beta2: f32, c1: f32, c2: f32,
  step: f32, inverseRootCorrection: f32, eps: f32,
): void {
  const b1 = f32x4.splat(beta1)
  const b2 = f32x4.splat(beta2)
  const k1 = f32x4.splat(c1)
  const k2 = f32x4.splat(c2)
  const s = f32x4.splat(step)
  const r = f32x4.splat(inverseRootCorrection)
  const e = f32x4.splat(eps)
  const bytes = <usize>n << 2
  for (let i: usize = 0; i < bytes; i += 16) {
    const grad = v128.load(g + i)
    const first = f32x4.add(f32x4.mul(v128.load(m + i), b1), f32x4.mul(grad, k1))
    const second = f32x4.add(f32x4.mul(v128.load(v + i), b2), f32x4.mul(f32x4.mul(grad, grad), k2))
    v128.store(m + i, first)
    v128.store(v + i, second)
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(second), r), e)
    v128.store(p + i, f32x4.sub(v128.load(p + i), f32x4.div(f32x4.mul(s, first), denominator)))
  }
}

// e^x, Cephes expf: relative error below 2e-7; 0 below -87, finite above 88.
// @ts-ignore: decorator
@inline
function exp4(value: v128): v128 {
  const tiny = f32x4.lt(value, f32x4.splat(-87))
  let x = f32x4.pmin(f32x4.splat(88), value)
  x = f32x4.pmax(f32x4.splat(-87), x)
  const n = f32x4.floor(f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(0.5)))
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let y = f32x4.splat(1.9875691500e-4)
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.3981999507e-3))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(8.3334519073e-3))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(4.1665795894e-2))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.6666665459e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(5.0000001201e-1))
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(x, x)), x), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return v128.andnot(f32x4.mul(y, power), tiny)
}

// ln x for x in [1, 2], Cephes logf: relative error below 2e-7 of ln x's scale.
// @ts-ignore: decorator
@inline
function logNearOne4(u: v128): v128 {
  // halve above sqrt 2, so that the polynomial's argument stays within [-0.29, 0.41]
  const high = f32x4.gt(u, f32x4.splat(1.4142135))
  const m = v128.bitselect(f32x4.mul(u, f32x4.splat(0.5)), u, high)
  const x = f32x4.sub(m, f32x4.splat(1))
  const z = f32x4.mul(x, x)
  let y = f32x4.splat(7.0376836292e-2)
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.1514610310e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.1676998740e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.2420140846e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.4249322787e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.6668057665e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(2.0000714765e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-2.4999993993e-1))
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(3.3333331174e-1))
  y = f32x4.mul(f32x4.mul(y, x), z)
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)))
  const ln = f32x4.add(x, y)
  return f32x4.add(ln, v128.and(high, f32x4.splat(0.6931471805599453)))
}

// ln(1 + e) for e in [0, 1], accurate also for tiny e: ln(u) * e / (u - 1), u = 1 + e (Kahan).
// @ts-ignore: decorator
@inline
function log1p4(e: v128): v128 {
  const one = f32x4.splat(1)
  const u = f32x4.add(one, e)
  const exact = f32x4.eq(u, one)
  const correction = f32x4.div(e, v128.bitselect(one, f32x4.sub(u, one), exact))
  return v128.bitselect(e, f32x4.mul(logNearOne4(u), correction), exact)
}

// ln x for positive finite x in double precision, by atanh series: enough digits for a loss, no table.
function logScalar(value: f64): f64 {
  const bits = reinterpret<u64>(value)
  let exponent = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    exponent++
  }
  const s = (m - 1) / (m + 1)
  const z = s * s
  let t: f64 = 0
  for (let k = 25; k >= 1; k -= 2) t = t * z + 1 / <f64>k
  return 2 * s * t + <f64>exponent * 0.6931471805599453
}

// @ts-ignore: decorator
@inline
function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  )
}

// @ts-ignore: decorator
@inline
function maxLanes(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  )
}

/**
 * Logits o [rows, c] without bias become softmax probabilities in place. Returns the summed cross-entropy
 * against classIndex (int32 per row), or 0 when classIndex is 0 (none given).
 */
export function softmax(o: usize, bias: usize, classIndex: usize, rows: i32, c: i32): f64 {
  const width = <usize>c << 2
  let loss: f64 = 0
  for (let i = 0; i < rows; i++) {
    const row = o + <usize>i * width
    let top = f32x4.splat(-3.0e38)
    for (let j: usize = 0; j < width; j += 16) {
      const x = f32x4.add(v128.load(row + j), v128.load(bias + j))
      v128.store(row + j, x)
      top = f32x4.max(top, x)
    }
    const highest = maxLanes(top)
    const label = classIndex ? load<f32>(row + (<usize>load<i32>(classIndex + (<usize>i << 2)) << 2)) : 0
    const offset = f32x4.splat(highest)
    let total = f32x4.splat(0)
    for (let j: usize = 0; j < width; j += 16) {
      const e = exp4(f32x4.sub(v128.load(row + j), offset))
      v128.store(row + j, e)
      total = f32x4.add(total, e)
    }
    const sum = sumLanes(total)
    const inverse = f32x4.splat(<f32>1 / sum)
    for (let j: usize = 0; j < width; j += 16) v128.store(row + j, f32x4.mul(v128.load(row + j), inverse))
    if (classIndex) loss += logScalar(sum) + <f64>highest - <f64>label
  }
  return loss
}

/**
 * Logits o [rows, c] without bias become sigmoid probabilities in place. Returns the summed binary
 * cross-entropy against hot (bytes 0 or 1, [rows, c]), or 0 when hot is 0 (none given).
 */
export function sigmoid(o: usize, bias: usize, hot: usize, rows: i32, c: i32): f64 {
  const width = <usize>c << 2
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  let loss: f64 = 0
  for (let i = 0; i < rows; i++) {
    const row = o + <usize>i * width
    const target = hot + <usize>i * <usize>c
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < width; j += 16) {
      const x = f32x4.add(v128.load(row + j), v128.load(bias + j))
      const e = exp4(f32x4.neg(f32x4.abs(x)))
      const inverse = f32x4.div(one, f32x4.add(one, e))
      v128.store(row + j, v128.bitselect(inverse, f32x4.mul(e, inverse), f32x4.ge(x, zero)))
      if (hot) {
        const t = f32x4.convert_i32x4_u(bytesToLanes(target + (j >> 2)))
        const linear = f32x4.sub(f32x4.pmax(zero, x), f32x4.mul(x, t))
        sum = f32x4.add(sum, f32x4.add(linear, log1p4(e)))
      }
    }
    loss += sumLanes(sum)
  }
  return loss
}

// @ts-ignore: decorator
@inline
function bytesToLanes(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)))
}

/**
 * The gradient of the mean loss at the logits: probabilities o [rows, c] become (o - target) * scale, also
 * transposed into oT [c, ldT], its columns from rows on 0, and summed over rows into dBias. The target is classIndex when hot is 0.
 */
export function outputGradient(
  o: usize, classIndex: usize, hot: usize, rows: i32, c: i32, scale: f32, dBias: usize, oT: usize,
  ldT: i32,
): void {
  const width = <usize>c << 2
  const s = f32x4.splat(scale)
  memory.fill(dBias, 0, width)
  for (let i = 0; i < rows; i++) {
    const row = o + <usize>i * width
    if (!hot) {
      const at = row + (<usize>load<i32>(classIndex + (<usize>i << 2)) << 2)
      store<f32>(at, load<f32>(at) - 1)
    }
    const target = hot + <usize>i * <usize>c
    for (let j: usize = 0; j < width; j += 16) {
      let x = v128.load(row + j)
      if (hot) x = f32x4.sub(x, f32x4.convert_i32x4_u(bytesToLanes(target + (j >> 2))))
      x = f32x4.mul(x, s)
      v128.store(row + j, x)
      v128.store(dBias + j, f32x4.add(v128.load(dBias + j), x))
      const step = <usize>ldT << 2
      const to = oT + (j >> 2) * step + (<usize>i << 2)
      store<f32>(to, f32x4.extract_lane(x, 0))
      store<f32>(to + step, f32x4.extract_lane(x, 1))
      store<f32>(to + 2 * step, f32x4.extract_lane(x, 2))
      store<f32>(to + 3 * step, f32x4.extract_lane(x, 3))
    }
  }
  clearTail(oT, c, rows, ldT)
}
