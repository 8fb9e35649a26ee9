import { HearError, nearestName } from '../base/errors.js'
import { GEMM_KINDS, type GemmKind } from '../num/gemm/gemm.js'
import { audioShape } from './audio-shape.js'
import type { HearModel, HearModule, Tensor, TimestampEmbeddings } from './contract.js'
import { frameGrid } from './frame-grid.js'
import type { FramedSounds } from './log-mel-frames.js'
import { NaiveEmbedder } from './naive-embedder.js'
import { NAIVE_EMBEDDING_SIZE, NAIVE_SAMPLE_RATE, naiveWeights } from './naive-weights.js'

export const NAIVE_TIMESTAMP_HOP_MS = 50
export const NAIVE_SCENE_HOP_MS = 250

/** What loadNaive takes beside the path. */
export interface NaiveOptions {
  /** Seed of the projection when no weights are given, 0 .. 2^32 - 1; the published baseline has 0. */
  readonly seed?: number
  /** Library for the matrix products; `auto` takes onnxruntime where it has a binary, else wasm. */
  readonly gemm?: GemmKind | 'auto'
}

export interface NaiveModel extends HearModel {
  /** One sentence for the user: where the projection comes from, and whether it is the published one. */
  readonly description: string
  /** SHA-256 of the projection (and of filters and window where the weights brought their own). */
  readonly weightsHash: string
  readonly embedder: NaiveEmbedder
}

/**
 * HEAR's naive baseline: frames of 4096 samples at 44.1 kHz, 256 log-mel bands, times a fixed random
 * [256, 4096] matrix. Without weights that matrix is, bit for bit, the one of the published baseline.
 *
 * @param weightsPath a .npy of the projection, or a folder (see naiveWeights).
 * @param options NaiveOptions; other keys are refused.
 * @throws HearError for an unknown or impossible option, and for files that are missing or of another shape.
 * Source: hear-baseline 2021.1.1 (fca0bfc), hearbaseline/naive.py.
 */
export async function loadNaive(
  weightsPath?: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<NaiveModel> {
  const { seed, gemm } = checkOptions(options)
  const weights = await naiveWeights(weightsPath, seed)
  return {
    sampleRate: NAIVE_SAMPLE_RATE,
    sceneEmbeddingSize: NAIVE_EMBEDDING_SIZE,
    timestampEmbeddingSize: NAIVE_EMBEDDING_SIZE,
    description: weights.description,
    weightsHash: weights.hash,
    embedder: new NaiveEmbedder(weights, gemm),
  }
}

/**
 * Embeddings float32 [nSounds, T, 4096] every 50 ms, the first centred on the first sample, and their
 * timestamps float32 [nSounds, T] in ms. A sound without samples has one frame, of silence; a NaN or infinite
 * sample makes its frames NaN.
 *
 * @param audio float32 [nSounds, nSamples] at 44100 Hz.
 * @throws HearError when audio has another shape.
 * *Differs*: float32 rounding; at most 2e-6 of the value on the recorded cases.
 */
export function getTimestampEmbeddings(audio: Tensor, model: NaiveModel): TimestampEmbeddings {
  const sounds = framed(audio, NAIVE_TIMESTAMP_HOP_MS)
  const { nSounds, grid } = sounds
  const nFrames = grid.centres.length
  const timestamps = new Float32Array(nSounds * nFrames)
  for (let sound = 0; sound < nSounds; sound++) timestamps.set(grid.timestampsMs, sound * nFrames)
  return {
    embeddings: {
      data: model.embedder.embedFrames(sounds),
      dims: [nSounds, nFrames, NAIVE_EMBEDDING_SIZE],
    },
    timestamps: { data: timestamps, dims: [nSounds, nFrames] },
  }
}

/**
 * Embeddings float32 [nSounds, 4096]: the mean over frames every 250 ms. Edge cases and *Differs* as for
 * getTimestampEmbeddings.
 *
 * @param audio float32 [nSounds, nSamples] at 44100 Hz.
 * @throws HearError when audio has another shape.
 */
export function getSceneEmbeddings(audio: Tensor, model: NaiveModel): Tensor {
  const sounds = framed(audio, NAIVE_SCENE_HOP_MS)
  return { data: model.embedder.embedScenes(sounds), dims: [sounds.nSounds, NAIVE_EMBEDDING_SIZE] }
}

/** The naive baseline as a module of the HEAR contract. */
export const naiveBaseline: HearModule<NaiveModel> = {
  loadModel: loadNaive,
  getTimestampEmbeddings,
  getSceneEmbeddings,
}

function framed(audio: Tensor, hopMs: number): FramedSounds {
  const { nSounds, nSamples } = audioShape(audio)
  return { samples: audio.data, nSounds, nSamples, grid: frameGrid(nSamples, hopMs, NAIVE_SAMPLE_RATE) }
}

function checkOptions(options: Readonly<Record<string, unknown>>): Required<NaiveOptions> {
  const allowed = ['seed', 'gemm']
  for (const key of Object.keys(options))
    if (!allowed.includes(key)) {
      const near = nearestName(key, allowed)
      throw new HearError('model/unknown-option', `The naive baseline has no option "${key}".`, {
        hint: near === undefined ? `Its options are ${allowed.join(' and ')}.` : `Did you mean "${near}"?`,
      })
    }
  const { seed = 0, gemm = 'auto' } = options
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new HearError('model/bad-option', `The option seed is ${JSON.stringify(seed)}.`, {
      hint: 'Give an integer from 0 to 4294967295; the published baseline has 0.',
    })
  const kinds: readonly string[] = ['auto', ...GEMM_KINDS]
  if (typeof gemm !== 'string' || !kinds.includes(gemm))
    throw new HearError('model/bad-option', `The option gemm is ${JSON.stringify(gemm)}.`, {
      hint: `Give one of ${kinds.join(', ')}.`,
    })
  return { seed, gemm: gemm as GemmKind | 'auto' }
}
