import { Fft } from '../../num/fft.js'

/** How well two clips are the same audio, at the shift where they agree best. */
export interface Alignment {
  /** Normalised cross-correlation over the overlap, from -1 (polarity inverted) to 1. */
  readonly correlation: number
  /** The same after pre-emphasis, which weighs all frequencies alike. */
  readonly emphasised: number
  /** How much louder `b` is, in dB. */
  readonly gainDb: number
  /** How much later the audio comes in `b`, in ms. */
  readonly lagMs: number
  /** The audio repeats itself: another shift, 2 ms off or more, agrees nearly as well. */
  readonly repeats: boolean
}

/** Of x[n] - 0.95 x[n-1], as in speech coding: lifts high frequencies, where two takes of one sound differ. */
const EMPHASIS = 0.95
/** The overlap must hold this share of the energy of both, or nearly all of one's: else a few samples agree by chance. */
const SHARE_OF_BOTH = 0.4
const SHARE_OF_ONE = 0.9
/** Another shift agrees nearly as well when its correlation is this share of the best. */
const NEARLY = 0.95
const REPEAT_SEC = 0.002
/**
 * Between samples, shifts are tried at every eighth of one, up to two samples from the best: sound that swings near half the
 * rate agrees better, of whole samples, with a turn before or after.
 */
const FRACTIONS = 8
const FINE_SAMPLES = 2
/**
 * With less than this at whole samples, no shift between two of them makes clips the same: of white noise, half a sample
 * off, pre-emphasis leaves 4 / (3 pi) = 0.42, and other sounds more.
 */
const HOPELESS = 0.35
/** Samples each way that a value between two samples is read from. */
const SINC_REACH = 16

/**
 * Finds the shift at which two clips agree best, and how well; undefined where they agree at none.
 *
 * @param a mono samples, not silent; `b` too
 * @param sampleRate Hz, of both
 */
export function alignClips(a: Float32Array, b: Float32Array, sampleRate: number): Alignment | undefined {
  const [p, q] = [emphasised(a), emphasised(b)]
  const size = 2 ** Math.ceil(Math.log2(p.length + q.length))
  const { re, im } = crossSpectrum(p, q, size)
  const [spectrumRe, spectrumIm] = [re.slice(), im.slice()]
  fftOf(size).inverse(re, im)
  const energies = [cumulatedEnergy(p), cumulatedEnergy(q)] as const
  // re[lag] = sum over n of p[n] q[n + lag]
  const normalised = new Float64Array(p.length + q.length - 1)
  let best = 0
  for (let i = 0; i < normalised.length; i++) {
    const lag = i - (p.length - 1)
    const norm = overlapNorm(energies, lag)
    normalised[i] = norm === 0 ? 0 : re[(lag + size) % size] / norm
    if (Math.abs(normalised[i]) > Math.abs(normalised[best])) best = i
  }
  if (Math.abs(normalised[best]) < HOPELESS) return undefined
  const lag = best - (p.length - 1)
  const { value, fraction } = between(spectrumRe, spectrumIm, size, lag, overlapNorm(energies, lag))
  const refined = Math.abs(value) > Math.abs(normalised[best])
  const exactLag = refined ? lag + fraction : lag
  const { correlation, gain } = plainCorrelation(a, b, exactLag)
  const apart = Math.max(2, Math.ceil(REPEAT_SEC * sampleRate))
  const repeats = normalised.some(
    (other, i) => Math.abs(i - best) >= apart && Math.abs(other) >= NEARLY * Math.abs(normalised[best]),
  )
  return {
    correlation,
    emphasised: Math.max(-1, Math.min(1, refined ? value : normalised[best])),
    gainDb: 20 * Math.log10(gain),
    lagMs: (1000 * exactLag) / sampleRate,
    repeats,
  }
}

const ffts = new Map<number, Fft>()
function fftOf(size: number): Fft {
  const known = ffts.get(size)
  if (known !== undefined) return known
  const fft = new Fft(size)
  ffts.set(size, fft)
  return fft
}

function emphasised(samples: Float32Array): Float64Array {
  const out = new Float64Array(samples.length)
  for (let i = 0; i < samples.length; i++)
    out[i] = samples[i] - (i === 0 ? samples[0] : EMPHASIS * samples[i - 1])
  return out
}

/** conj(P) Q, from one transform of p + i q. */
function crossSpectrum(
  p: Float64Array,
  q: Float64Array,
  size: number,
): { re: Float64Array; im: Float64Array } {
  const [zr, zi] = [new Float64Array(size), new Float64Array(size)]
  zr.set(p)
  zi.set(q)
  fftOf(size).forward(zr, zi)
  const [re, im] = [new Float64Array(size), new Float64Array(size)]
  for (let k = 0; k < size; k++) {
    const l = (size - k) % size
    const pr = (zr[k] + zr[l]) / 2
    const pi = (zi[k] - zi[l]) / 2
    const qr = (zi[k] + zi[l]) / 2
    const qi = (zr[l] - zr[k]) / 2
    re[k] = pr * qr + pi * qi
    im[k] = pr * qi - pi * qr
  }
  return { re, im }
}

/** energy[n]: of the first n samples. */
function cumulatedEnergy(samples: Float64Array): Float64Array {
  const energy = new Float64Array(samples.length + 1)
  for (let i = 0; i < samples.length; i++) energy[i + 1] = energy[i] + samples[i] * samples[i]
  return energy
}

/** The norm that correlation over the overlap is divided by; zero where the overlap says nothing. */
function overlapNorm([ofP, ofQ]: readonly [Float64Array, Float64Array], lag: number): number {
  const [np, nq] = [ofP.length - 1, ofQ.length - 1]
  const start = Math.max(0, -lag)
  const end = Math.min(np, nq - lag)
  if (end <= start) return 0
  const p = ofP[end] - ofP[start]
  const q = ofQ[end + lag] - ofQ[start + lag]
  const [shareP, shareQ] = [p / ofP[np], q / ofQ[nq]]
  const enough = Math.min(shareP, shareQ) >= SHARE_OF_BOTH || Math.max(shareP, shareQ) >= SHARE_OF_ONE
  return enough ? Math.sqrt(p * q) : 0
}

/** The best correlation near `lag`, from the spectrum itself. */
function between(re: Float64Array, im: Float64Array, size: number, lag: number, norm: number) {
  let value = 0
  let fraction = 0
  if (norm === 0) return { value, fraction }
  for (let step = -FINE_SAMPLES * FRACTIONS; step <= FINE_SAMPLES * FRACTIONS; step++) {
    const at = lag + step / FRACTIONS
    const [turnRe, turnIm] = [Math.cos((2 * Math.PI * at) / size), Math.sin((2 * Math.PI * at) / size)]
    let [c, s] = [turnRe, turnIm]
    // Of a real signal, the upper half of the spectrum mirrors the lower.
    let sum = re[0] / 2
    for (let k = 1; k < size / 2; k++) {
      sum += re[k] * c - im[k] * s
      const next = c * turnRe - s * turnIm
      s = c * turnIm + s * turnRe
      c = next
    }
    const correlation = (2 * sum) / size / norm
    if (Math.abs(correlation) > Math.abs(value)) [value, fraction] = [correlation, step / FRACTIONS]
  }
  return { value, fraction }
}

/** Correlation and gain of the samples as they are, `b` read between its samples where the shift asks for it. */
function plainCorrelation(a: Float32Array, b: Float32Array, lag: number) {
  const whole = Math.round(lag)
  const taps = interpolationTaps(lag - whole)
  const reach = (taps.length - 1) / 2
  let [ab, aa, bb] = [0, 0, 0]
  const start = Math.max(0, -whole)
  const end = Math.min(a.length, b.length - whole)
  for (let n = start; n < end; n++) {
    let y = 0
    for (let t = 0; t < taps.length; t++) y += taps[t] * (b[n + whole + t - reach] ?? 0)
    ab += a[n] * y
    aa += a[n] * a[n]
    bb += y * y
  }
  return { correlation: aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0, gain: Math.sqrt(bb / aa) }
}

/** A windowed sinc that reads a signal `part` of a sample later; a single one where that is nothing. */
function interpolationTaps(part: number): Float64Array {
  if (part === 0) return Float64Array.of(1)
  return Float64Array.from({ length: 2 * SINC_REACH + 1 }, (_, t) => {
    const x = Math.PI * (t - SINC_REACH - part)
    return (Math.sin(x) / x) * (0.5 + 0.5 * Math.cos(x / (SINC_REACH + 1)))
  })
}
