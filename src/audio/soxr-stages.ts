/**
 * One stage of a rate change: each output is the sum of the inputs around it, weighed by a filter of its distance
 * to them. A stage takes and gives samples at 0, 1 / rate, 2 / rate, ...
 */
export interface Stage {
  readonly fromHz: number
  readonly toHz: number
  /** The filter's own rate: its times are in samples of it. */
  readonly unitHz: number
  readonly filter: WindowedSinc
}

/** A sinc under a Kaiser window. */
export interface WindowedSinc {
  /** Where half the amplitude is left, as a share of the Nyquist frequency of the filter's own rate. */
  readonly cutoff: number
  readonly beta: number
  readonly halfWidth: number
}

/** How libsoxr would go from one rate to another. */
export interface SoxrStages {
  /** The filter that makes the pass and the stop band. */
  readonly sharp: Stage
  /** To any ratio, after the sharp filter or before it; absent where that does the work alone, as in 1:2 or 3:2. */
  readonly interpolator?: Stage
  /** The last stage of upward ratios over 4. */
  readonly fourfold?: Stage
  /** All stages in order; those not named above halve the rate, and leave the band below the lower Nyquist alone. */
  readonly inOrder: readonly Stage[]
}

/** 21 bits: the recipe's 20, and one because pass and stop band share the error. */
const ATTENUATION_DB = decibels(2 ** 21)
/** Width between pass and stop band, in lower Nyquist frequencies: 0.05 from the -3 dB point to the stop band. */
const TRANSITION = 0.0862563467
/** The share of the interpolator's transition that is left where it has lost 0.01 dB. */
const ROLL_OFF_SHARE = 0.8742128381
/** The interpolator's attenuation: the error of 21 bits shared with one other stage. */
const INTERPOLATOR_DB = ATTENUATION_DB + decibels(2)

/**
 * The stages and filters of libsoxr's recipe HQ, which `ffmpeg -af aresample=resampler=soxr` uses.
 * Design figures: libsoxr 0.1.3, src/cr.c and src/filter.c; its tables of window parameters are replaced by
 * polynomials fitted to them where they are used here.
 * @param fromHz whole, as toHz; not equal to it
 */
export function soxrStages(fromHz: number, toHz: number): SoxrStages {
  // Halve while the input is still twice too fast; for upward ratios over 4, but not 5, leave a factor 4 to the end.
  const halvings = Math.max(0, Math.floor(Math.log2(fromHz / toHz)) - 1)
  const factor = toHz > 4 * fromHz && toHz !== 5 * fromHz ? 4 : 1
  const inHz = fromHz / 2 ** halvings
  const outHz = toHz / factor
  const [num, den] = lowestTerms(fromHz * factor, toHz * 2 ** halvings)
  const alone = Math.max(num, den) < 5 || num * den < 6

  // Each further stage gets an equal share of the error.
  const nStages = halvings + 1 + (factor > 1 ? 1 : 0)
  const attenuationDb = (alone ? ATTENUATION_DB : INTERPOLATOR_DB) + decibels(nStages)
  const main = alone
    ? aloneStage(inHz, outHz, num, den, attenuationDb)
    : twoStages(inHz, outHz, num, den, attenuationDb)
  const first = Array.from({ length: halvings }, (_, i) => halvingStage(fromHz / 2 ** i, attenuationDb))
  if (factor === 1) return { ...main, inOrder: [...first, ...main.inOrder] }
  const fourfold = fourfoldStage(fromHz, toHz, attenuationDb)
  return { ...main, fourfold, inOrder: [...main.inOrder, fourfold] }
}

function aloneStage(
  fromHz: number,
  toHz: number,
  num: number,
  den: number,
  attenuationDb: number,
): SoxrStages {
  const multiple = den === 4 ? 8 : 4
  const filter = sharpFilter(attenuationDb, Math.max(num, den), multiple)
  const sharp = { fromHz, toHz, unitHz: fromHz * den, filter }
  return { sharp, inOrder: [sharp] }
}

function twoStages(
  fromHz: number,
  toHz: number,
  num: number,
  den: number,
  attenuationDb: number,
): SoxrStages {
  const ratio = num / den
  if (ratio > 1.5 && ratio < 2) {
    // The interpolator goes first, to twice the output rate; the sharp filter halves that.
    const middleHz = 2 * toHz
    const phases = lowestTerms(num, 2 * den)[1]
    const filter = interpolationFilter((1 - TRANSITION) / ratio, 3 / ratio, phases, 1)
    const interpolator = { fromHz, toHz: middleHz, unitHz: fromHz, filter }
    const sharp = { fromHz: middleHz, toHz, unitHz: middleHz, filter: sharpFilter(attenuationDb, 2, 4) }
    return { sharp, interpolator, inOrder: [interpolator, sharp] }
  }
  const raise = ratio <= 1.5 ? 2 : 1
  const middleHz = fromHz * raise
  /** In units of the lower rate. */
  const rate = raise * Math.max(1, ratio)
  const sharp = { fromHz, toHz: middleHz, unitHz: middleHz, filter: sharpFilter(attenuationDb, rate, 4) }
  const phases = lowestTerms(num * raise, den)[1]
  // Its stop band may begin where the sharp filter's transition, mirrored, has been 0.7 of its width.
  const stop = 2 - (1 - 0.3 * TRANSITION) / rate
  const filter = interpolationFilter((1 - TRANSITION) / rate, stop, phases, ratio < 1 ? 1 : 2)
  const interpolator = { fromHz: middleHz, toHz, unitHz: middleHz, filter }
  return { sharp, interpolator, inOrder: [sharp, interpolator] }
}

/** A half-band filter; soxr's own, of 8 or 9 optimised taps aside, are within a percent of these. */
function halvingStage(fromHz: number, attenuationDb: number): Stage {
  const filter =
    attenuationDb < 136.5
      ? { cutoff: 0.5, beta: 11.4, halfWidth: 16 }
      : { cutoff: 0.5, beta: 12.7, halfWidth: 18 }
  return { fromHz, toHz: fromHz / 2, unitHz: fromHz, filter }
}

/** The last stage of an upward ratio over 4: its transition lies between the lower Nyquist and its first image. */
function fourfoldStage(fromHz: number, toHz: number, attenuationDb: number): Stage {
  const rate = toHz / 4 / fromHz
  const pass = (1 - TRANSITION) / rate / 4
  const stop = (2 - 1 / rate) / 4
  const transition = (stop - pass) / 2
  const nTaps = Math.floor((Math.ceil(wideWidth(attenuationDb) / transition + 1) + 6) / 8) * 8 + 1
  const filter = { cutoff: stop - transition, beta: wideBeta(attenuationDb), halfWidth: nTaps / 2 }
  return { fromHz: toHz / 4, toHz, unitHz: toHz, filter }
}

/**
 * The filter from (1 - TRANSITION) / rate to 1 / rate of its own Nyquist frequency.
 * @param rate its own, in units of the lower rate
 * @param multiple of which the taps are one more
 */
function sharpFilter(attenuationDb: number, rate: number, multiple: number): WindowedSinc {
  const transition = TRANSITION / 2 / rate
  const beta = (1.11393e-5 * attenuationDb + 0.10859473) * attenuationDb - 0.86794256
  const width = (8.17543e-6 * attenuationDb + 0.06883764) * attenuationDb - 0.53166773
  const nTaps = Math.floor((Math.ceil(width / transition + 1) + multiple - 2) / multiple) * multiple + 1
  return { cutoff: 1 / rate - transition, beta, halfWidth: nTaps / 2 }
}

/**
 * The filter that loses 0.01 dB at `pass` and all at `stop`, both shares of the Nyquist frequency.
 * @param phases between two inputs, of which at least 19 are designed
 * @param multiple of which the taps of a phase are one
 */
function interpolationFilter(pass: number, stop: number, phases: number, multiple: number): WindowedSinc {
  const designed = Math.max(phases, 19)
  const transition = (stop - pass) / ROLL_OFF_SHARE / 2
  const nTaps = Math.floor(Math.ceil((wideWidth(INTERPOLATOR_DB) * designed) / transition + 1) / designed) + 1
  const halfWidth = (Math.ceil(nTaps / multiple) * multiple) / 2 - 0.25 / designed
  return { cutoff: stop - transition, beta: wideBeta(INTERPOLATOR_DB), halfWidth }
}

/** Kaiser's beta for a transition that is wide beside the cut-off. */
function wideBeta(attenuationDb: number): number {
  return 14.058639 + 0.115377 * (attenuationDb - INTERPOLATOR_DB)
}

/** Taps times transition (in Nyquist frequencies, from half the amplitude to the stop band) of that window. */
function wideWidth(attenuationDb: number): number {
  return 8.9506933 + 0.07346 * (attenuationDb - INTERPOLATOR_DB)
}

/** The filter's value at a time in samples of its own rate; its integral over time is 1. */
export function valueAt({ cutoff, beta, halfWidth }: WindowedSinc, time: number): number {
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
