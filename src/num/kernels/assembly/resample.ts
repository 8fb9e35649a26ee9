// Polyphase resampling of 16-bit samples in whole numbers, which is exact: no rounding until the last one.
//
// A row of the table holds the taps of one phase, 32 bytes for each 8 taps: 8 high halves, then 8 low halves,
// int16 each; a tap is worth (high * base + low) / (unit * base). The table's maker keeps the sum of |high| and
// of |low| over the taps of one lane (those with the same index modulo 8, in pairs) at or below 65535, so that
// no 32-bit lane can overflow whatever the samples are. `taps` is a multiple of 8.
//   input   int16, the first sample that any window needs first; output int16, in order
//   starts  int32 per row: index of the first sample of the row's window

/** The worth of two accumulators, whose lanes may not be added in 32 bits. */
// @ts-ignore: decorator
@inline
function worth(high: v128, low: v128, base: f64): f64 {
  const highs = f64x2.add(f64x2.convert_low_i32x4_s(high), f64x2.convert_low_i32x4_s(upper(high)))
  const lows = f64x2.add(f64x2.convert_low_i32x4_s(low), f64x2.convert_low_i32x4_s(upper(low)))
  const both = f64x2.add(f64x2.mul(highs, f64x2.splat(base)), lows)
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
}

// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return v128.shuffle<i64>(x, x, 1, 1)
}

/** Stores a sample rounded half to even and clamped to 16 bits. */
// @ts-ignore: decorator
@inline
function put(at: usize, value: f64): void {
  store<i16>(at, <i16>max<f64>(-32768, min<f64>(32767, nearest<f64>(value))))
}

/**
 * Four outputs of one phase at a time, one period (stepIn samples in, `rows` samples out) apart, so that each
 * tap is loaded once for four products. nPeriods is a multiple of 4; divisor is unit * base, and divided by because a
 * half is then still a half.
 */
export function resamplePeriods(
  input: usize, table: usize, starts: usize, rows: i32, taps: i32, stepIn: i32, nPeriods: i32, base: f64, divisor: f64,
  output: usize,
): void {
  const rowBytes = <usize>taps << 2
  const step = <usize>stepIn << 1
  const stepOut = <usize>rows << 1
  for (let row = 0; row < rows; row++) {
    const begin = table + <usize>row * rowBytes
    const end = begin + rowBytes
    let window = input + (<usize>load<i32>(starts + (<usize>row << 2)) << 1)
    let out = output + (<usize>row << 1)
    for (let period = 0; period < nPeriods; period += 4) {
      let a = i32x4.splat(0)
      let aLow = a
      let b = a
      let bLow = a
      let c = a
      let cLow = a
      let d = a
      let dLow = a
      let xa = window
      let xb = xa + step
      let xc = xb + step
      let xd = xc + step
      for (let at = begin; at < end; at += 32) {
        const high = v128.load(at)
        const low = v128.load(at, 16)
        let x = v128.load(xa)
        a = i32x4.add(a, i32x4.dot_i16x8_s(x, high))
        aLow = i32x4.add(aLow, i32x4.dot_i16x8_s(x, low))
        x = v128.load(xb)
        b = i32x4.add(b, i32x4.dot_i16x8_s(x, high))
        bLow = i32x4.add(bLow, i32x4.dot_i16x8_s(x, low))
        x = v128.load(xc)
        c = i32x4.add(c, i32x4.dot_i16x8_s(x, high))
        cLow = i32x4.add(cLow, i32x4.dot_i16x8_s(x, low))
        x = v128.load(xd)
        d = i32x4.add(d, i32x4.dot_i16x8_s(x, high))
        dLow = i32x4.add(dLow, i32x4.dot_i16x8_s(x, low))
        xa += 16
        xb += 16
        xc += 16
        xd += 16
      }
      put(out, worth(a, aLow, base) / divisor)
      put(out + stepOut, worth(b, bLow, base) / divisor)
      put(out + 2 * stepOut, worth(c, cLow, base) / divisor)
      put(out + 3 * stepOut, worth(d, dLow, base) / divisor)
      window += 4 * step
      out += 4 * stepOut
    }
  }
}

/**
 * Outputs at any positions: the third-degree polynomial through the outputs of the four nearest phases. Row r
 * holds the phase (r - 1) / nPhases of a sample, r = 0 .. nPhases + 2. The first output lies rest / den samples
 * after the first window's middle, each next one num / den samples further; 0 <= rest < den.
 */
export function resampleBetween(
  input: usize, table: usize, nPhases: i32, taps: i32, count: i32, rest: i32, num: i32, den: i32, base: f64, divisor: f64,
  output: usize,
): void {
  const rowBytes = <usize>taps << 2
  const whole = num / den
  const part = num % den
  for (let i = 0; i < count; i++) {
    const position = <f64>rest * <f64>nPhases / <f64>den
    const phase = <i32>position
    const u = position - <f64>phase
    let at = table + <usize>phase * rowBytes
    const end = at + rowBytes
    let window = input
    let a = i32x4.splat(0)
    let aLow = a
    let b = a
    let bLow = a
    let c = a
    let cLow = a
    let d = a
    let dLow = a
    for (; at < end; at += 32) {
      const x = v128.load(window)
      let row = at
      a = i32x4.add(a, i32x4.dot_i16x8_s(x, v128.load(row)))
      aLow = i32x4.add(aLow, i32x4.dot_i16x8_s(x, v128.load(row, 16)))
      row += rowBytes
      b = i32x4.add(b, i32x4.dot_i16x8_s(x, v128.load(row)))
      bLow = i32x4.add(bLow, i32x4.dot_i16x8_s(x, v128.load(row, 16)))
      row += rowBytes
      c = i32x4.add(c, i32x4.dot_i16x8_s(x, v128.load(row)))
      cLow = i32x4.add(cLow, i32x4.dot_i16x8_s(x, v128.load(row, 16)))
      row += rowBytes
      d = i32x4.add(d, i32x4.dot_i16x8_s(x, v128.load(row)))
      dLow = i32x4.add(dLow, i32x4.dot_i16x8_s(x, v128.load(row, 16)))
      window += 16
    }
    const value =
      (((1 - u) * (2 - u) * u) / -6) * worth(a, aLow, base) +
      (((1 + u) * (1 - u) * (2 - u)) / 2) * worth(b, bLow, base) +
      (((1 + u) * u * (2 - u)) / 2) * worth(c, cLow, base) +
      (((1 + u) * u * (1 - u)) / -6) * worth(d, dLow, base)
    put(output + (<usize>i << 1), value / divisor)
    rest += part
    const carry = rest >= den ? 1 : 0
    rest -= carry * den
    input += <usize>(whole + carry) << 1
  }
}
