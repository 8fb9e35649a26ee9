import type { HearModule, Tensor } from '../src/model/contract.js'
import type { OpenModel } from '../src/model/model-kind.js'

/** What a test makes different from a sound model. */
export interface FakeFaults {
  readonly sampleRate?: number
  readonly hopMs?: number
  /** Samples that the window lies later than its timestamp says, at a time in ms. */
  readonly lateSamples?: (timeMs: number) => number
  /** Changes what the functions return, after the call. */
  readonly timestampAnswer?: (answer: { embeddings: Tensor; timestamps: Tensor }, audio: Tensor) => unknown
  readonly sceneAnswer?: (embeddings: Tensor, audio: Tensor) => unknown
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly without?: readonly string[]
  readonly declares?: OpenModel['declares']
}

const SIZE = 8
const WINDOW_MS = 40

/** A small model without fault: energy and autocorrelation of windows centred on their timestamps. */
export function fakeModel(faults: FakeFaults = {}): OpenModel {
  const { sampleRate = 16000, hopMs = 50, timestampAnswer, sceneAnswer } = faults
  const module: Record<string, unknown> = {
    loadModel: () => model,
    getTimestampEmbeddings(audio: Tensor) {
      const answer = frames(audio, sampleRate, hopMs, faults.lateSamples)
      return timestampAnswer?.(answer, audio) ?? answer
    },
    getSceneEmbeddings(audio: Tensor) {
      const { embeddings } = frames(audio, sampleRate, hopMs)
      const answer = meanOverFrames(embeddings)
      return sceneAnswer?.(answer, audio) ?? answer
    },
  }
  for (const name of faults.without ?? []) delete module[name]
  const model = {
    sampleRate,
    sceneEmbeddingSize: SIZE,
    timestampEmbeddingSize: SIZE,
    ...faults.attributes,
  } as OpenModel['model']
  return {
    module: module as unknown as HearModule,
    model,
    identity: { name: 'fake', weightsHash: '', options: {} },
    declares: faults.declares ?? { codeLicense: 'CC0-1.0', weightsLicense: 'CC0-1.0' },
    close: async () => {},
  }
}

function frames(audio: Tensor, sampleRate: number, hopMs: number, lateSamples = (_timeMs: number) => 0) {
  const [nSounds, nSamples] = audio.dims
  const nFrames = Math.floor((nSamples / sampleRate) * (1000 / hopMs)) + 1
  const embeddings = new Float32Array(nSounds * nFrames * SIZE)
  const timestamps = new Float32Array(nSounds * nFrames)
  const half = Math.round(((WINDOW_MS / 1000) * sampleRate) / 2)
  for (let sound = 0; sound < nSounds; sound++) {
    const samples = audio.data.subarray(sound * nSamples, (sound + 1) * nSamples)
    for (let frame = 0; frame < nFrames; frame++) {
      const row = sound * nFrames + frame
      const timeMs = frame * hopMs
      timestamps[row] = timeMs
      const centre = Math.round((timeMs / 1000) * sampleRate + lateSamples(timeMs))
      for (let lag = 0; lag < SIZE; lag++) {
        let sum = 0
        const from = Math.max(lag, centre - half)
        for (let i = from; i < Math.min(nSamples, centre + half); i++) sum += samples[i] * samples[i - lag]
        embeddings[row * SIZE + lag] = 1 + Math.cbrt(sum)
      }
    }
  }
  return {
    embeddings: { data: embeddings, dims: [nSounds, nFrames, SIZE] },
    timestamps: { data: timestamps, dims: [nSounds, nFrames] },
  }
}

function meanOverFrames({ data, dims: [nSounds, nFrames, size] }: Tensor): Tensor {
  const scenes = new Float32Array(nSounds * size)
  for (let i = 0; i < data.length; i++)
    scenes[Math.floor(i / (nFrames * size)) * size + (i % size)] += data[i] / nFrames
  return { data: scenes, dims: [nSounds, size] }
}
