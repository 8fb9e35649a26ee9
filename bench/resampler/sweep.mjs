// Measures a resampler of 16-bit samples from outside, with tones: what the pass band does to them, and what
// comes out beside them. The resampler is a function (samples: Int16Array) => Int16Array.

/** Samples at the lower rate, at least, that are looked at; the more, the further the rounding noise lies below a tone. */
const LOW_SAMPLES = 2 ** 17
/** A Kaiser window with side lobes below -180 dB; its main lobe is 2 * LOBE + 1 bins wide. */
const BETA = 20
const LOBE = 9
/** Shares of the lower Nyquist frequency at which the pass band is measured: all at once, 0.9 the last. */
const PASS_TONES = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9]
/**
 * Those of single tones beside which images are looked for. In no simple ratio to any rate: the rounding of such a
 * tone, which is not dithered, would repeat itself and make tones of its own at -112 dB.
 */
const IMAGE_TONES = [0.2137159, 0.5231871, 0.8991327]
const STEP = 2 ** -15

/**
 * @returns rippleDb: the largest deviation from 0 dB up to 0.9 of the lower Nyquist frequency; spuriousDb: the
 *   strongest image or alias, against the tone that it comes from. The measurement's own floor is -122 to -130 dB.
 */
export function sweep(resample, fromHz, toHz) {
  const lowHz = Math.min(fromHz, toHz) / 2
  const nOutputs = LOW_SAMPLES * 2 ** Math.ceil(Math.log2(Math.max(1, toHz / fromHz)))
  const nInputs = Math.ceil(((nOutputs + 4096) * fromHz) / toHz)
  const gains = passGains(resample, fromHz, toHz, lowHz, nInputs, nOutputs)
  const rippleDb = Math.max(...gains.map((gain) => Math.abs(decibels(gain))))
  const tones = IMAGE_TONES.map((share) => share * lowHz)
  // Above the output's Nyquist frequency nothing may be left of a tone: just above, and up to the input's own.
  if (toHz < fromHz)
    for (const share of [0, 0.1036917, 0.4519273, 0.9713131])
      tones.push(lowHz * 1.0005 + share * (fromHz / 2 - lowHz))
  const spurious = tones.map((toneHz) => strongestBeside(resample, fromHz, toHz, toneHz, nInputs, nOutputs))
  return { rippleDb, spuriousDb: decibels(Math.max(...spurious)) }
}

function passGains(resample, fromHz, toHz, lowHz, nInputs, nOutputs) {
  const amplitude = 0.9 / PASS_TONES.length
  const parts = PASS_TONES.map((share, i) => tone(share * lowHz, fromHz, amplitude, i, nInputs))
  const sum = Float64Array.from(parts[0], (_, k) => parts.reduce((total, part) => total + part[k], 0))
  const output = middleOf(resample(toShorts(sum)), nOutputs)
  const { re, im } = transform(output)
  // All of a tone's power lies in its main lobe: half of it, of the two signs of frequency (Parseval).
  const powerOfOne = (nOutputs / 4) * window(nOutputs).reduce((sum, weight) => sum + weight ** 2, 0)
  return PASS_TONES.map((share) => {
    const bin = Math.round((share * lowHz * nOutputs) / toHz)
    return Math.sqrt(lobePower(re, im, bin) / powerOfOne) / amplitude
  })
}

/** The largest bin outside of the tone's own place (where it has one), as a share of the tone put in. */
function strongestBeside(resample, fromHz, toHz, toneHz, nInputs, nOutputs) {
  const amplitude = 0.9
  const output = middleOf(resample(toShorts(tone(toneHz, fromHz, amplitude, 1, nInputs))), nOutputs)
  const { re, im } = transform(output)
  const own = toneHz < toHz / 2 ? Math.round((toneHz * nOutputs) / toHz) : Number.NaN
  let power = 0
  // The lowest bins hold what rounding gives as an offset.
  for (let bin = LOBE; bin <= nOutputs / 2; bin++)
    if (!(Math.abs(bin - own) <= LOBE)) power = Math.max(power, re[bin] ** 2 + im[bin] ** 2)
  const peak = window(nOutputs).reduce((sum, value) => sum + value, 0) / 2
  return Math.sqrt(power) / peak / amplitude
}

function tone(hz, rateHz, amplitude, phase, length) {
  return Float64Array.from(
    { length },
    (_, k) => amplitude * Math.sin(2 * Math.PI * ((hz / rateHz) * k) + phase),
  )
}

/** 16 bits with triangular dither, so that rounding makes noise and no tones; seeded, the same every time. */
function toShorts(signal) {
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return Int16Array.from(signal, (value) => Math.round(value / STEP + uniform() - uniform()))
}

/** `count` samples as shares of full scale, windowed, away from both ends. */
function middleOf(samples, count) {
  const first = (samples.length - count) >> 1
  return window(count).map((weight, i) => weight * samples[first + i] * STEP)
}

function lobePower(re, im, bin) {
  let power = 0
  for (let k = bin - LOBE; k <= bin + LOBE; k++) power += re[k] ** 2 + im[k] ** 2
  return power
}

const windows = new Map()
function window(length) {
  if (!windows.has(length)) {
    const one = besselI0(BETA)
    const value = (y) => besselI0(BETA * Math.sqrt(1 - y * y)) / one
    windows.set(
      length,
      Float64Array.from({ length }, (_, i) => value((2 * i + 1) / length - 1)),
    )
  }
  return windows.get(length)
}

function besselI0(x) {
  let sum = 1
  let term = 1
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x * x) / 4 / (k * k)
    sum += term
  }
  return sum
}

/** Radix-2 transform of real samples, a power of two of them. */
function transform(samples) {
  const n = samples.length
  const re = new Float64Array(n)
  const im = new Float64Array(n)
  for (let i = 0, j = 0; i < n; i++) {
    re[j] = samples[i]
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j |= bit
  }
  const cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n))
  const sin = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n))
  for (let half = 1; half < n; half *= 2) {
    const stride = n / 2 / half
    for (let start = 0; start < n; start += 2 * half)
      for (let k = 0; k < half; k++) {
        const [a, b] = [start + k, start + k + half]
        const c = cos[k * stride]
        const s = sin[k * stride]
        const turnedRe = re[b] * c - im[b] * s
        const turnedIm = re[b] * s + im[b] * c
        re[b] = re[a] - turnedRe
        im[b] = im[a] - turnedIm
        re[a] += turnedRe
        im[a] += turnedIm
      }
  }
  return { re, im }
}

export function decibels(ratio) {
  return 20 * Math.log10(ratio)
}
