// Single-precision matrix product, the fallback where onnxruntime has no binary.
// Layout: A [m, k], C [m, n] row-major; B [k, n], or [n, k] when transB. B is packed in panels of 8 columns
// (KC x NC at a time), A in strips of 4 rows (KC x 4), both in the caller's scratch: KC*NC + KC*4 floats.
// The micro kernel keeps 4 x 8 results in eight 128-bit registers, which V8 maps to registers without spills.

const KC: i32 = 256
const NC: i32 = 256

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

export function fusedMultiplyAdd(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0
}

export function sgemm(
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  scratch: usize,
): void {
  const panelB = scratch
  const panelA = scratch + ((KC * NC) << 2)
  for (let n0 = 0; n0 < n; n0 += NC) {
    const nb = min(NC, n - n0)
    for (let k0 = 0; k0 < k; k0 += KC) {
      const kb = min(KC, k - k0)
      packB(transB, b, n, k, n0, nb, k0, kb, panelB)
      for (let i = 0; i < m; i += 4) {
        const rows = min(4, m - i)
        packA(a, k, i, rows, k0, kb, panelA)
        for (let j = 0; j < nb; j += 8) {
          tile(panelA, panelB + ((j * kb) << 2), kb, c + ((i * n + n0 + j) << 2), n, rows, min(8, nb - j), k0 > 0)
        }
      }
    }
  }
}

function packB(transB: i32, b: usize, n: i32, k: i32, n0: i32, nb: i32, k0: i32, kb: i32, out: usize): void {
  for (let j = 0; j < nb; j += 8) {
    const cols = min(8, nb - j)
    const panel = out + ((j * kb) << 2)
    if (transB) {
      for (let t = 0; t < 8; t++) {
        if (t < cols) {
          const row = b + (((n0 + j + t) * k + k0) << 2)
          for (let p = 0; p < kb; p++) store<f32>(panel + ((p * 8 + t) << 2), load<f32>(row + (p << 2)))
        } else {
          for (let p = 0; p < kb; p++) store<f32>(panel + ((p * 8 + t) << 2), 0)
        }
      }
    } else {
      for (let p = 0; p < kb; p++) {
        const row = b + (((k0 + p) * n + n0 + j) << 2)
        const at = panel + (p << 5)
        if (cols == 8) {
          v128.store(at, v128.load(row))
          v128.store(at + 16, v128.load(row + 16))
        } else {
          for (let t = 0; t < 8; t++) store<f32>(at + (t << 2), t < cols ? load<f32>(row + (t << 2)) : 0)
        }
      }
    }
  }
}

function packA(a: usize, k: i32, i: i32, rows: i32, k0: i32, kb: i32, out: usize): void {
  for (let r = 0; r < 4; r++) {
    if (r < rows) {
      const row = a + (((i + r) * k + k0) << 2)
      for (let p = 0; p < kb; p++) store<f32>(out + ((p * 4 + r) << 2), load<f32>(row + (p << 2)))
    } else {
      for (let p = 0; p < kb; p++) store<f32>(out + ((p * 4 + r) << 2), 0)
    }
  }
}

function tile(a: usize, b: usize, kb: i32, c: usize, n: i32, rows: i32, cols: i32, accumulate: bool): void {
  let c00 = f32x4.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  for (let p = 0; p < kb; p++) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    c00 = madd(x, b0, c00)
    c01 = madd(x, b1, c01)
    x = v128.load32_splat(a, 4)
    c10 = madd(x, b0, c10)
    c11 = madd(x, b1, c11)
    x = v128.load32_splat(a, 8)
    c20 = madd(x, b0, c20)
    c21 = madd(x, b1, c21)
    x = v128.load32_splat(a, 12)
    c30 = madd(x, b0, c30)
    c31 = madd(x, b1, c31)
    a += 16
    b += 32
  }
  const stride = <usize>(n << 2)
  put(c, c00, c01, cols, accumulate)
  if (rows > 1) put(c + stride, c10, c11, cols, accumulate)
  if (rows > 2) put(c + 2 * stride, c20, c21, cols, accumulate)
  if (rows > 3) put(c + 3 * stride, c30, c31, cols, accumulate)
}

function put(c: usize, low: v128, high: v128, cols: i32, accumulate: bool): void {
  if (cols == 8) {
    v128.store(c, accumulate ? f32x4.add(v128.load(c), low) : low)
    v128.store(c + 16, accumulate ? f32x4.add(v128.load(c + 16), high) : high)
    return
  }
  for (let t = 0; t < cols; t++) {
    const value = lane(low, high, t)
    const at = c + (<usize>t << 2)
    store<f32>(at, accumulate ? load<f32>(at) + value : value)
  }
}

function lane(low: v128, high: v128, t: i32): f32 {
  switch (t) {
    case 0: return f32x4.extract_lane(low, 0)
    case 1: return f32x4.extract_lane(low, 1)
    case 2: return f32x4.extract_lane(low, 2)
    case 3: return f32x4.extract_lane(low, 3)
    case 4: return f32x4.extract_lane(high, 0)
    case 5: return f32x4.extract_lane(high, 1)
    case 6: return f32x4.extract_lane(high, 2)
    default: return f32x4.extract_lane(high, 3)
  }
}
