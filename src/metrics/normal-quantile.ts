// Coefficients of PPND16 in Wichura (1988), lowest power first: numerator and denominator of each
// region, rounded to the nearest double.
const CENTRAL = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const
const MIDDLE = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const
const TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const

/** |p - 0.5| up to here is the central region; the square of it is the centre of its expansion. */
const CENTRAL_HALF_WIDTH = 0.425
const TAIL_FROM = 5

/**
 * The z for which a standard normal variable is at most z with probability p: relative error about 1e-16.
 * p = 0 and 1 give -Infinity and Infinity; p outside [0, 1] or NaN gives NaN.
 *
 * Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988), 477-484.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  const q = p - 0.5
  if (Math.abs(q) <= CENTRAL_HALF_WIDTH) return q * ratio(CENTRAL, CENTRAL_HALF_WIDTH ** 2 - q * q)
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  // The expansions of the two outer regions are centred on r = 1.6 and r = 5.
  const z = r <= TAIL_FROM ? ratio(MIDDLE, r - 1.6) : ratio(TAIL, r - TAIL_FROM)
  return q < 0 ? -z : z
}

function ratio(coefficients: readonly [readonly number[], readonly number[]], x: number): number {
  return polynomial(coefficients[0], x) / polynomial(coefficients[1], x)
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]
  return sum
}
