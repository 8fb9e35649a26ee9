// @ts-check
// A package around an ONNX file, for when the contract of docs/onnx.md is not enough: inputs of another name, features
// made in JavaScript, several files. This one does what hearkit does with model.onnx by itself, so that they compare.
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** @typedef {import('hearkit/model').Tensor} HearTensor */
/** @typedef {import('hearkit/model').HearModel & { session: InferenceSession }} FramesModel */

const SAMPLE_RATE = 16000
const SIZE = 8

/**
 * @param {string} [modelFilePath] another export of the same network; the one in the package unless given.
 * @returns {Promise<FramesModel>}
 */
export async function loadModel(modelFilePath = fileURLToPath(new URL('./model.onnx', import.meta.url))) {
  // HEAR runs models on one thread unless told otherwise.
  const session = await InferenceSession.create(modelFilePath, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  return { sampleRate: SAMPLE_RATE, timestampEmbeddingSize: SIZE, sceneEmbeddingSize: SIZE, session }
}

/**
 * @param {HearTensor} audio float32 [nSounds, nSamples]
 * @param {FramesModel} model
 */
export async function getTimestampEmbeddings(audio, { session }) {
  const outputs = await session.run({ audio: new Tensor('float32', audio.data, audio.dims) })
  // Tensors of onnxruntime have data and dims, as the contract asks.
  return { embeddings: outputs.timestamp_embeddings, timestamps: outputs.timestamps }
}

/**
 * The mean over frames.
 * @param {HearTensor} audio float32 [nSounds, nSamples]
 * @param {FramesModel} model
 */
export async function getSceneEmbeddings(audio, model) {
  const { embeddings } = await getTimestampEmbeddings(audio, model)
  const [nSounds, nFrames] = embeddings.dims
  const data = new Float32Array(nSounds * SIZE)
  for (let sound = 0; sound < nSounds; sound++)
    for (let i = 0; i < SIZE; i++) {
      let sum = 0
      for (let frame = 0; frame < nFrames; frame++)
        sum += Number(embeddings.data[(sound * nFrames + frame) * SIZE + i])
      data[sound * SIZE + i] = sum / nFrames
    }
  return { data, dims: [nSounds, SIZE] }
}
