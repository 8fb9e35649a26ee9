// @ts-check
// HuBERT base, as transformers.js runs it. wav2vec 2.0 and WavLM have the same front and work the same way.
import { AutoFeatureExtractor, AutoModel, Tensor } from '@huggingface/transformers'

/** @typedef {import('hearkit/model').Tensor} HearTensor */

const MODEL = 'Xenova/hubert-base-ls960'
/** Put the hash of a commit here, or the scores may change when the hub's files do. */
const REVISION = 'main'

/**
 * Frames that are kept of one run of the network, 30 s, and those that it sees beside them, 1 s: attention takes memory
 * with the square of the length, so audio of 20 minutes cannot go in at once.
 */
const FRAMES_PER_RUN = 1500
const FRAMES_OF_CONTEXT = 50

/** @param {string} [modelFilePath] a folder with the files of such a model, as on the hub; downloaded unless given. */
export async function loadModel(modelFilePath) {
  const source = modelFilePath ?? MODEL
  const options = modelFilePath === undefined ? { revision: REVISION } : { local_files_only: true }
  const extractor = await AutoFeatureExtractor.from_pretrained(source, options)
  const network = await AutoModel.from_pretrained(source, { ...options, dtype: 'fp32' })
  const { hidden_size, conv_kernel, conv_stride } = network.config
  // The convolutions in front: samples from frame to frame, and samples that a frame sees.
  let [hop, windowSize] = [1, 1]
  for (const [i, stride] of conv_stride.entries()) {
    windowSize += (conv_kernel[i] - 1) * hop
    hop *= stride
  }
  const { sampling_rate: sampleRate } = extractor.config
  return {
    sampleRate,
    sceneEmbeddingSize: hidden_size,
    timestampEmbeddingSize: hidden_size,
    extractor,
    network,
    hop,
    windowSize,
  }
}

/**
 * The hidden states of the last layer. Half a window of zeros goes before and after each sound, so that frame i is
 * centred on sample i * hop.
 *
 * @param {HearTensor} audio float32 [nSounds, nSamples]
 * @param {Awaited<ReturnType<typeof loadModel>>} model
 */
export async function getTimestampEmbeddings(audio, model) {
  const { hop, sampleRate, timestampEmbeddingSize: size } = model
  const [nSounds, nSamples] = audio.dims
  const nFrames = Math.floor(nSamples / hop) + 1
  const embeddings = new Float32Array(nSounds * nFrames * size)
  const timestamps = new Float32Array(nSounds * nFrames)
  for (let sound = 0; sound < nSounds; sound++) {
    // One by one: the extractor takes one sound, and scales it by its own mean and variance.
    const samples = audio.data.slice(sound * nSamples, (sound + 1) * nSamples)
    const frames = await framesOf(samples, nFrames, model)
    embeddings.set(frames, sound * nFrames * size)
    for (let i = 0; i < nFrames; i++) timestamps[sound * nFrames + i] = (1000 * i * hop) / sampleRate
  }
  return {
    embeddings: { data: embeddings, dims: [nSounds, nFrames, size] },
    timestamps: { data: timestamps, dims: [nSounds, nFrames] },
  }
}

/**
 * The mean over frames.
 * @param {HearTensor} audio float32 [nSounds, nSamples]
 * @param {Awaited<ReturnType<typeof loadModel>>} model
 */
export async function getSceneEmbeddings(audio, model) {
  const { embeddings } = await getTimestampEmbeddings(audio, model)
  const [nSounds, nFrames, size] = embeddings.dims
  const data = new Float32Array(nSounds * size)
  for (let i = 0; i < embeddings.data.length; i++) {
    const sound = Math.floor(i / (nFrames * size))
    data[sound * size + (i % size)] += embeddings.data[i] / nFrames
  }
  return { data, dims: [nSounds, size] }
}

/** Hidden states [nFrames, size] of one sound, in runs of limited length. */
async function framesOf(samples, nFrames, { extractor, network, hop, windowSize, timestampEmbeddingSize }) {
  const { input_values: scaled } = await extractor(samples)
  const padded = new Float32Array(scaled.data.length + windowSize)
  padded.set(scaled.data, windowSize / 2)
  const hidden = new Float32Array(nFrames * timestampEmbeddingSize)
  for (let first = 0; first < nFrames; first += FRAMES_PER_RUN) {
    const end = Math.min(nFrames, first + FRAMES_PER_RUN)
    const seenFrom = Math.max(0, first - FRAMES_OF_CONTEXT)
    const seenTo = Math.min(nFrames, end + FRAMES_OF_CONTEXT)
    const piece = padded.slice(seenFrom * hop, (seenTo - 1) * hop + windowSize)
    const dims = [1, piece.length]
    const { last_hidden_state: output } = await network({
      input_values: new Tensor('float32', piece, dims),
      attention_mask: new Tensor('int64', new BigInt64Array(piece.length).fill(1n), dims),
    })
    const expected = [1, seenTo - seenFrom, timestampEmbeddingSize]
    if (output.dims.join() !== expected.join())
      throw new Error(`expected hidden states [${expected}], got [${output.dims}]`)
    const kept = output.data.subarray(
      (first - seenFrom) * timestampEmbeddingSize,
      (end - seenFrom) * timestampEmbeddingSize,
    )
    hidden.set(kept, first * timestampEmbeddingSize)
  }
  return hidden
}
