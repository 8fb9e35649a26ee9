/**
 * The common model API of HEAR in TypeScript names. A package that exports these three functions is a model
 * that hearkit can evaluate. Source: the HEAR 2021 common API (HEAR site, "Common API").
 */

/** Row-major float32 array with its shape; onnxruntime and transformers.js tensors already fit. */
export interface Tensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** Sample rates that HEAR's published task archives come in, in Hz. */
export const HEAR_SAMPLE_RATES = [16000, 22050, 32000, 44100, 48000] as const

/** What a loaded model says of itself; everything else on it is its own business. */
export interface HearModel {
  /** Rate of the audio it expects, in Hz; one of HEAR_SAMPLE_RATES. */
  readonly sampleRate: number
  /** S, the length of a scene embedding. */
  readonly sceneEmbeddingSize: number
  /** D, the length of a timestamp embedding; 0 for a model of scenes only. */
  readonly timestampEmbeddingSize: number
}

export interface TimestampEmbeddings {
  /** float32 [nSounds, nTimestamps, D] */
  readonly embeddings: Tensor
  /** float32 [nSounds, nTimestamps], centre of each frame in milliseconds. */
  readonly timestamps: Tensor
}

/** Audio is float32 [nSounds, nSamples], mono, within [-1, 1], at the model's sample rate. */
export interface HearModule<Model extends HearModel = HearModel> {
  loadModel(modelFilePath?: string, options?: Readonly<Record<string, unknown>>): Model | Promise<Model>
  getTimestampEmbeddings(audio: Tensor, model: Model): TimestampEmbeddings | Promise<TimestampEmbeddings>
  /** Returns float32 [nSounds, S]. */
  getSceneEmbeddings(audio: Tensor, model: Model): Tensor | Promise<Tensor>
}
