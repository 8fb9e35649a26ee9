import { HearError } from '../base/errors.js'

/** Slaney's scale: linear up to 1000 Hz (200/3 Hz per mel), then 27 mels for each factor of 6.4. */
const LINEAR_HZ_PER_MEL = 200 / 3
const BREAK_HZ = 1000
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL
const LOG_STEP = Math.log(6.4) / 27

/**
 * Triangular mel filters, row-major float32 [nMels, fftSize / 2 + 1], from 0 Hz to half the sample rate; each
 * triangle has area 1 over frequency in Hz (weight 2 / width at its peak).
 *
 * Source: Slaney, "Auditory Toolbox" (1998); the same float32 numbers as librosa.filters.mel(norm='slaney', htk=False).
 * @throws HearError when a band is so narrow that no bin lies in it.
 */
export function slaneyMelFilters(nMels: number, fftSize: number, sampleRate: number): Float32Array {
  const nBins = fftSize / 2 + 1
  const top = melOfHz(sampleRate / 2)
  const step = top / (nMels + 1)
  const edges = Array.from({ length: nMels + 2 }, (_, i) => hzOfMel(i * step))
  // Exactly, not through exp(log): else the last bin gets a weight of 1e-17 in place of 0.
  edges[nMels + 1] = sampleRate / 2
  const filters = new Float32Array(nMels * nBins)
  for (let band = 0; band < nMels; band++) {
    const [low, centre, high] = edges.slice(band, band + 3)
    const peak = 2 / (high - low)
    const row = filters.subarray(band * nBins, (band + 1) * nBins)
    // One bin more on either side than lies between the edges, so that rounding loses none.
    const firstBin = Math.max(0, Math.floor((low * fftSize) / sampleRate))
    const lastBin = Math.min(nBins - 1, Math.ceil((high * fftSize) / sampleRate))
    for (let bin = firstBin; bin <= lastBin; bin++) {
      const hz = (bin * sampleRate) / fftSize
      const height = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre))
      // Rounded twice to float32, as librosa does.
      if (height > 0) row[bin] = Math.fround(height) * peak
    }
    if (row.subarray(firstBin, lastBin + 1).every((weight) => weight === 0))
      throw new HearError(
        'model/empty-mel-band',
        `Mel band ${band} of ${nMels} holds no bin of an FFT of ${fftSize} at ${sampleRate} Hz.`,
        { hint: 'Use fewer bands or a longer FFT.' },
      )
  }
  return filters
}

function melOfHz(hz: number): number {
  return hz < BREAK_HZ ? hz / LINEAR_HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP
}

function hzOfMel(mel: number): number {
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL))
}
