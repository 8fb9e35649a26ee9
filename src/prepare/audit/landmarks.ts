import { Fft } from '../../num/fft.js'
import { hannWindow } from '../../num/hann-window.js'

/**
 * Landmarks of a clip: pairs of spectral peaks that lie close together. Each has a hash of the two frequencies and
 * the time between them, and the frame of its first peak. Gain and polarity do not change them, a shift changes the
 * frames of all by the same number, and noise below the peaks leaves most of them.
 *
 * Source: Wang, "An industrial-strength audio search algorithm", ISMIR 2003, section 2.
 */
export interface Landmarks {
  readonly hashes: Uint32Array
  readonly frames: Uint32Array
}

/** Hashes are below this. */
export const N_HASHES = 2 ** 22

/** Frequencies up to here are looked at: all rates of HEAR have them, and most sounds most of their energy. */
const TOP_HZ = 4000
const BOTTOM_HZ = 100
/** About so long; the window is the nearest power of two of samples. */
const WINDOW_SEC = 0.064
const HOPS_PER_WINDOW = 8
/** A peak is the largest value within so many bins and frames each way. */
const PEAK_BINS = 4
const PEAK_FRAMES = 4
/** Peaks that are this much (in power) below the clip's largest are noise. */
const PEAK_FLOOR = 1e-6
const PEAKS_PER_SEC = 30
/** Each peak is paired with so many of those that follow it. */
const PAIRS_PER_PEAK = 5
const MAX_FRAMES_APART = 63
const MAX_BINS_APART = 127

interface Peak {
  readonly frame: number
  readonly bin: number
  readonly power: number
}

/** Finds the landmarks of clips of one rate. */
export class LandmarkFinder {
  private readonly fft: Fft
  private readonly window: Float64Array
  private readonly hop: number
  private readonly bottomBin: number
  private readonly nBins: number
  private readonly re: Float64Array
  private readonly im: Float64Array

  /** @param sampleRate Hz */
  constructor(private readonly sampleRate: number) {
    const size = 2 ** Math.round(Math.log2(WINDOW_SEC * sampleRate))
    this.fft = new Fft(size)
    this.window = Float64Array.from(hannWindow(size))
    this.hop = size / HOPS_PER_WINDOW
    this.bottomBin = Math.ceil((BOTTOM_HZ * size) / sampleRate)
    // A hash has 8 bits for a bin.
    this.nBins = Math.min(256, Math.floor((TOP_HZ * size) / sampleRate), size / 2)
    this.re = new Float64Array(size)
    this.im = new Float64Array(size)
  }

  get framesPerSec(): number {
    return this.sampleRate / this.hop
  }

  /**
   * The landmarks of a clip, at most `most` of them, in the order of time; none of silence, and of clips shorter than
   * two windows the more of padding.
   * @param samples mono
   */
  find(samples: Float32Array, most: number): Landmarks {
    const peaks = this.strongest(this.peaks(this.spectrogram(samples)), Math.ceil(most / PAIRS_PER_PEAK))
    const hashes: number[] = []
    const frames: number[] = []
    for (const [i, first] of peaks.entries()) {
      let nPairs = 0
      for (let j = i + 1; j < peaks.length && nPairs < PAIRS_PER_PEAK; j++) {
        const apart = peaks[j].frame - first.frame
        if (apart > MAX_FRAMES_APART) break
        const up = peaks[j].bin - first.bin
        if (apart === 0 || Math.abs(up) > MAX_BINS_APART) continue
        hashes.push((first.bin << 14) | ((up + 128) << 6) | apart)
        frames.push(first.frame)
        nPairs++
      }
    }
    return {
      hashes: Uint32Array.from(hashes.slice(0, most)),
      frames: Uint32Array.from(frames.slice(0, most)),
    }
  }

  /** Power by frame and bin, weighted by frequency, since most sounds fall off with it. */
  private spectrogram(samples: Float32Array): Float32Array[] {
    const { fft, hop, re, im, nBins } = this
    const { size } = fft
    const nFrames = Math.max(1, Math.ceil(samples.length / hop))
    const rows: Float32Array[] = []
    for (let frame = 0; frame < nFrames; frame += 2) {
      // Two frames at once, one as the real part and one as the imaginary.
      this.cut(samples, frame, re)
      this.cut(samples, frame + 1, im)
      fft.forward(re, im)
      const even = new Float32Array(nBins)
      const odd = new Float32Array(nBins)
      for (let k = Math.max(1, this.bottomBin); k < nBins; k++) {
        const l = size - k
        even[k] = k * ((re[k] + re[l]) ** 2 + (im[k] - im[l]) ** 2)
        odd[k] = k * ((im[k] + im[l]) ** 2 + (re[l] - re[k]) ** 2)
      }
      rows.push(even)
      if (frame + 1 < nFrames) rows.push(odd)
    }
    return rows
  }

  /** Copies the frame centred at `frame` hops, windowed, zeros beyond the clip. */
  private cut(samples: Float32Array, frame: number, into: Float64Array): void {
    const { size } = this.fft
    const start = frame * this.hop - size / 2
    for (let i = 0; i < size; i++) {
      const at = start + i
      into[i] = at >= 0 && at < samples.length ? samples[at] * this.window[i] : 0
    }
  }

  private peaks(rows: readonly Float32Array[]): Peak[] {
    let largest = 0
    for (const row of rows) for (const power of row) if (power > largest) largest = power
    const floor = largest * PEAK_FLOOR
    const peaks: Peak[] = []
    if (largest === 0) return peaks
    for (let frame = 0; frame < rows.length; frame++) {
      const row = rows[frame]
      for (let bin = Math.max(1, this.bottomBin); bin < this.nBins - 1; bin++) {
        const power = row[bin]
        if (power <= floor || power <= row[bin - 1] || power < row[bin + 1]) continue
        if (this.isLargest(rows, frame, bin)) peaks.push({ frame, bin, power })
      }
    }
    return peaks
  }

  private isLargest(rows: readonly Float32Array[], frame: number, bin: number): boolean {
    const power = rows[frame][bin]
    const low = Math.max(0, bin - PEAK_BINS)
    const high = Math.min(this.nBins - 1, bin + PEAK_BINS)
    const last = Math.min(rows.length - 1, frame + PEAK_FRAMES)
    for (let t = Math.max(0, frame - PEAK_FRAMES); t <= last; t++)
      for (let k = low; k <= high; k++) if (rows[t][k] > power) return false
    return true
  }

  /** The strongest peaks of every second, so that all of a long clip is represented; in the order of time. */
  private strongest(peaks: readonly Peak[], most: number): Peak[] {
    const nSeconds = peaks.length === 0 ? 1 : Math.ceil((peaks.at(-1)!.frame + 1) / this.framesPerSec)
    const perSecond = Math.max(1, Math.min(PEAKS_PER_SEC, Math.floor(most / nSeconds)))
    const bySecond = Array.from({ length: nSeconds }, (): Peak[] => [])
    for (const peak of peaks) bySecond[Math.floor(peak.frame / this.framesPerSec)].push(peak)
    return bySecond.flatMap((ofSecond) =>
      ofSecond
        .sort((a, b) => b.power - a.power)
        .slice(0, perSecond)
        .sort((a, b) => a.frame - b.frame || a.bin - b.bin),
    )
  }
}
