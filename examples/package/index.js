// @ts-check
// A model of HEAR in one file: the log energies of 24 bands in windows around every timestamp.
// Replace the middle part by a model of your own; the three exported functions are the contract.

/** @typedef {import('hearkit/model').Tensor} Tensor */
/** @typedef {import('hearkit/model').HearModel} HearModel */
/** @typedef {HearModel & { hann: Float64Array, bandOfBin: Int8Array }} BandModel */

const SAMPLE_RATE = 16000
/** 50 ms, the tolerance of HEAR's onset metrics; a longer hop loses them. */
const HOP = 800
/** 32 ms; a power of two. */
const WINDOW = 512
const BANDS = 24
const LOWEST_HZ = 60
/** Keeps the logarithm of silence finite. */
const FLOOR = 1e-6

/**
 * @param {string} [modelFilePath] what --weights names; this model has no weights, so it refuses them.
 * @returns {BandModel}
 */
export function loadModel(modelFilePath) {
  if (modelFilePath !== undefined) throw new Error(`this model has no weights, but got "${modelFilePath}"`)
  return {
    sampleRate: SAMPLE_RATE,
    timestampEmbeddingSize: BANDS,
    // Mean and standard deviation of every band.
    sceneEmbeddingSize: 2 * BANDS,
    hann: Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW)),
    bandOfBin: bandsOfBins(),
  }
}

/**
 * @param {Tensor} audio float32 [nSounds, nSamples]
 * @param {BandModel} model
 * @returns {{ embeddings: Tensor, timestamps: Tensor }} [nSounds, nFrames, 24], and [nSounds, nFrames] in milliseconds
 */
export function getTimestampEmbeddings(audio, model) {
  const [nSounds, nSamples] = audio.dims
  // Frame i is centred on sample i * HOP, so the first lies at 0 ms and the last within the audio.
  const nFrames = Math.floor(nSamples / HOP) + 1
  const embeddings = new Float32Array(nSounds * nFrames * BANDS)
  const timestamps = new Float32Array(nSounds * nFrames)
  for (let sound = 0; sound < nSounds; sound++) {
    // Each sound by itself: nothing may depend on the others of the batch.
    const samples = audio.data.subarray(sound * nSamples, (sound + 1) * nSamples)
    for (let frame = 0; frame < nFrames; frame++) {
      const row = sound * nFrames + frame
      timestamps[row] = (1000 * frame * HOP) / SAMPLE_RATE
      embeddings.set(bandEnergies(samples, frame * HOP, model), row * BANDS)
    }
  }
  return {
    embeddings: { data: embeddings, dims: [nSounds, nFrames, BANDS] },
    timestamps: { data: timestamps, dims: [nSounds, nFrames] },
  }
}

/**
 * @param {Tensor} audio float32 [nSounds, nSamples]
 * @param {BandModel} model
 * @returns {Tensor} [nSounds, 48]
 */
export function getSceneEmbeddings(audio, model) {
  const { embeddings } = getTimestampEmbeddings(audio, model)
  const [nSounds, nFrames] = embeddings.dims
  const data = new Float32Array(nSounds * 2 * BANDS)
  for (let sound = 0; sound < nSounds; sound++)
    for (let band = 0; band < BANDS; band++) {
      let [sum, squares] = [0, 0]
      for (let frame = 0; frame < nFrames; frame++) {
        const value = embeddings.data[(sound * nFrames + frame) * BANDS + band]
        sum += value
        squares += value * value
      }
      const mean = sum / nFrames
      data[sound * 2 * BANDS + band] = mean
      // Rounding can make the difference of a constant slightly negative.
      data[sound * 2 * BANDS + BANDS + band] = Math.sqrt(Math.max(0, squares / nFrames - mean * mean))
    }
  return { data, dims: [nSounds, 2 * BANDS] }
}

/**
 * Log energies of the bands in the window around a sample; zeros stand where the window leaves the sound.
 * @param {Float32Array} samples
 * @param {number} centre
 * @param {BandModel} model
 */
function bandEnergies(samples, centre, { hann, bandOfBin }) {
  const real = new Float64Array(WINDOW)
  const imaginary = new Float64Array(WINDOW)
  const from = centre - WINDOW / 2
  for (let i = 0; i < WINDOW; i++) real[i] = hann[i] * (samples[from + i] ?? 0)
  fourierTransform(real, imaginary)
  const energies = new Float64Array(BANDS)
  for (let bin = 0; bin < bandOfBin.length; bin++)
    if (bandOfBin[bin] >= 0) energies[bandOfBin[bin]] += (real[bin] ** 2 + imaginary[bin] ** 2) / WINDOW
  return energies.map((energy) => Math.log(energy + FLOOR))
}

/** The band of each frequency of the transform, -1 below the lowest: wider towards high ones, as hearing is. */
function bandsOfBins() {
  const mel = (/** @type {number} */ hz) => Math.log(1 + hz / 700)
  const [lowest, highest] = [mel(LOWEST_HZ), mel(SAMPLE_RATE / 2)]
  return Int8Array.from({ length: WINDOW / 2 }, (_, bin) => {
    const share = (mel((bin * SAMPLE_RATE) / WINDOW) - lowest) / (highest - lowest)
    return share < 0 ? -1 : Math.min(BANDS - 1, Math.floor(share * BANDS))
  })
}

/**
 * The discrete Fourier transform in place, of a length that is a power of two.
 * @param {Float64Array} real
 * @param {Float64Array} imaginary
 */
function fourierTransform(real, imaginary) {
  const n = real.length
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) [real[i], real[j]] = [real[j], real[i]]
  }
  for (let half = 1; half < n; half *= 2)
    for (let k = 0; k < half; k++) {
      const [cos, sin] = [Math.cos((-Math.PI * k) / half), Math.sin((-Math.PI * k) / half)]
      for (let i = k; i < n; i += 2 * half) {
        const j = i + half
        const re = real[j] * cos - imaginary[j] * sin
        const im = real[j] * sin + imaginary[j] * cos
        real[j] = real[i] - re
        imaginary[j] = imaginary[i] - im
        real[i] += re
        imaginary[i] += im
      }
    }
}
