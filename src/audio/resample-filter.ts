/**
 * A linear-phase low-pass as a function of time. Times are in samples of the lower of the two rates, so that
 * 1 in frequency is the lower Nyquist frequency whatever the rates are.
 */
export interface LowPass {
  /** Points of `half` per unit of time. */
  readonly density: number
  /** The filter at times 0, 1 / density, 2 / density, ...; it is even, zero beyond, and its integral is 1. */
  readonly half: Float64Array
}

/** One stage: a Kaiser-windowed sinc; times in samples of the stage's own rate. */
interface WindowedSinc {
  /** Cut-off (half the amplitude) as a share of the Nyquist frequency of that rate. */
  readonly cutoff: number
  readonly beta: number
  readonly halfWidth: number
}

/** How soxr would change the rate: halvings of the input, a sharp filter, an interpolator, and a last doubling or two. */
interface Stages {
  /** Stages beside the sharp filter and the interpolator; they leave the band below the lower Nyquist alone. */
  readonly plain: number
  /** Rate at which the sharp filter runs, in units of the lower rate. */
  readonly sharpRate: number
  /** Factor by which the sharp filter's own stage raises the rate. */
  readonly raisedBy: number
  /** Absent where the sharp filter alone does the work, as in 1:2 or 3:2. */
  readonly interpolator?: { readonly rate: number; readonly filter: WindowedSinc }
}

/** libsoxr's quality HQ: 20 bits, and one more because pass and stop band share the error. */
const ATTENUATION_DB = decibels(2 ** 21)
/** Share of the band between pass and stop band: 0.05 over the relative width from stop to -3 dB at 120 dB. */
const TRANSITION = 0.0862563467
/** How far from the stop band's end the interpolator has lost 0.01 dB, of the way to its 6 dB point twice over. */
const INTERPOLATOR_PASS = 0.8742128381
/** The interpolator's window (132.5 dB at a wide transition): its beta, and width times transition. */
const INTERPOLATOR_BETA = 14.058639
const INTERPOLATOR_WIDTH = 8.9506933
/** Points of the filter per sample of the sharp filter; between them a cubic is right to 1e-9. */
const SUBDIVISION = 64

/**
 * The low-pass that libsoxr's HQ recipe amounts to, all stages in one: pass band to 0.9137 of the lower Nyquist
 * frequency (0.008 dB down at 0.9, which is the interpolator's roll-off), stop band from 1.0, 126 dB or more.
 * Design figures: libsoxr 0.1.3, src/cr.c and src/filter.c; its tables of window parameters are replaced by
 * polynomials fitted to them at the one transition used here.
 *
 * *Differs* from soxr by -126 dB or less on white noise wherever measured, but for the first few samples, where
 * soxr drops what its first stage gives before time zero, and for upward ratios between 4 and 4.5 (11025 to
 * 48000 Hz: -74 dB), where soxr's last stage takes some off the transition band.
 * @param fromHz whole, as toHz; not equal to it
 */
export function soxrLowPass(fromHz: number, toHz: number): LowPass {
  const { plain, sharpRate, raisedBy, interpolator } = soxrStages(fromHz, toHz)
  const others = interpolator === undefined ? plain + 1 : 2 * (plain + 1)
  const sharp = sharpFilter(ATTENUATION_DB + decibels(others), sharpRate, raisedBy)
  const density = sharpRate * SUBDIVISION
  const half =
    interpolator === undefined
      ? sampled(sharp, 1)
      : interpolated(sharp, interpolator.filter, interpolator.rate / sharpRate)
  const integral = half.reduce((sum, value) => sum + 2 * value, -half[0]) / density
  return { density, half: half.map((value) => value / integral) }
}

/** The filter at a time of either sign, by the third-degree polynomial through the four nearest points. */
export function lowPassAt({ density, half }: LowPass, time: number): number {
  const position = Math.abs(time) * density
  const i = Math.floor(position)
  if (i >= half.length) return 0
  const u = position - i
  const before = half[Math.abs(i - 1)]
  const next = half[i + 1] ?? 0
  const last = half[i + 2] ?? 0
  return (
    (-u * (1 - u) * (2 - u) * before) / 6 +
    ((1 - u) * (1 + u) * (2 - u) * half[i]) / 2 +
    (u * (1 + u) * (2 - u) * next) / 2 -
    (u * (1 + u) * (1 - u) * last) / 6
  )
}

/** Where the filter ends, in samples of the lower rate. */
export function lowPassHalfWidth({ density, half }: LowPass): number {
  return half.length / density
}

function soxrStages(fromHz: number, toHz: number): Stages {
  const ratio = fromHz / toHz
  // Halve while the input is still twice too fast; write upward ratios over 4, but 5, as a rest and a factor 4.
  const halvings = Math.max(0, Math.floor(Math.log2(ratio)) - 1)
  const quadrupled = ratio < 1 / 4 && toHz !== 5 * fromHz
  const [num, den] = lowestTerms(fromHz * (quadrupled ? 4 : 1), toHz * 2 ** halvings)
  const rest = num / den
  const plain = halvings + (quadrupled ? 1 : 0)
  if (Math.max(num, den) < 5 || num * den < 6) return { plain, sharpRate: Math.max(num, den), raisedBy: den }

  if (rest > 1.5 && rest < 2) {
    // The interpolator comes first, to twice the output rate; the sharp filter halves that.
    const filter = interpolationFilter(1 - TRANSITION, 3, rest, lowestTerms(num, 2 * den)[1], 1)
    return { plain, sharpRate: 2, raisedBy: 1, interpolator: { rate: rest, filter } }
  }
  const raisedBy = rest <= 1.5 ? 2 : 1
  const sharpRate = rest < 1 ? 2 : raisedBy * rest
  const stop = 2 - (1 - 0.3 * TRANSITION) / sharpRate
  const phases = lowestTerms(num * raisedBy, den)[1]
  const filter = interpolationFilter((1 - TRANSITION) / sharpRate, stop, 1, phases, rest < 1 ? 1 : 2)
  return { plain, sharpRate, raisedBy, interpolator: { rate: sharpRate, filter } }
}

function sharpFilter(attenuationDb: number, rate: number, raisedBy: number): WindowedSinc {
  const transition = TRANSITION / 2 / rate
  const beta = (1.11393e-5 * attenuationDb + 0.10859473) * attenuationDb - 0.86794256
  const width = (8.17543e-6 * attenuationDb + 0.06883764) * attenuationDb - 0.53166773
  // One more than a multiple of 4, or of twice a power of two that the rate is raised by.
  const multiple = raisedBy === rate && Number.isInteger(Math.log2(raisedBy)) ? 2 * raisedBy : 4
  const nTaps = Math.floor((Math.ceil(width / transition + 1) + multiple - 2) / multiple) * multiple + 1
  return { cutoff: 1 / rate - transition, beta, halfWidth: nTaps / 2 }
}

/**
 * @param pass band's end and stop band's begin, over `scale` as shares of the Nyquist frequency at the input
 * @param multipleOf of this many taps a phase
 */
function interpolationFilter(
  pass: number,
  stop: number,
  scale: number,
  lowestPhases: number,
  multipleOf: number,
): WindowedSinc {
  const phases = Math.max(lowestPhases, 19)
  const transition = (stop - pass) / INTERPOLATOR_PASS / 2 / scale
  const nTaps = Math.floor(Math.ceil((INTERPOLATOR_WIDTH * phases) / transition + 1) / phases) + 1
  const nEven = Math.ceil(nTaps / multipleOf) * multipleOf
  return {
    cutoff: stop / scale - transition,
    beta: INTERPOLATOR_BETA,
    halfWidth: nEven / 2 - 0.25 / phases,
  }
}

/**
 * The sharp filter's taps, each spread by the interpolator, on the grid of SUBDIVISION points per tap.
 * @param pace samples of the interpolator's input per tap
 */
function interpolated(sharp: WindowedSinc, interpolator: WindowedSinc, pace: number): Float64Array {
  const nTapsAside = Math.ceil(sharp.halfWidth) - 1
  const taps = Float64Array.from({ length: nTapsAside + 1 }, (_, k) => valueAt(sharp, k))
  const spread = sampled(interpolator, pace)
  const reach = spread.length - 1
  const half = new Float64Array(nTapsAside * SUBDIVISION + reach + 1)
  for (let k = -nTapsAside; k <= nTapsAside; k++) {
    const centre = k * SUBDIVISION
    const last = Math.min(half.length - 1, centre + reach)
    for (let i = Math.max(0, centre - reach); i <= last; i++)
      half[i] += taps[Math.abs(k)] * spread[Math.abs(i - centre)]
  }
  return half
}

/** The filter at 0, pace / SUBDIVISION, 2 pace / SUBDIVISION, ..., to its end. */
function sampled(filter: WindowedSinc, pace: number): Float64Array {
  const length = Math.floor((filter.halfWidth / pace) * SUBDIVISION) + 1
  return Float64Array.from({ length }, (_, i) => valueAt(filter, (i * pace) / SUBDIVISION))
}

function valueAt({ cutoff, beta, halfWidth }: WindowedSinc, time: number): number {
  const y = time / halfWidth
  if (Math.abs(y) >= 1) return 0
  const x = Math.PI * time
  const sinc = time === 0 ? cutoff : Math.sin(cutoff * x) / x
  return (sinc * besselI0(beta * Math.sqrt(1 - y * y))) / besselI0(beta)
}

/** The modified Bessel function of the first kind and order 0, by its power series: all terms are positive. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4
  let sum = 1
  let term = 1
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k)
    sum += term
  }
  return sum
}

function decibels(amplitude: number): number {
  return 20 * Math.log10(amplitude)
}

/** The fraction a / b in lowest terms; a and b whole. */
export function lowestTerms(a: number, b: number): [number, number] {
  let [x, y] = [a, b]
  while (y > 0) [x, y] = [y, x % y]
  return [a / x, b / x]
}
