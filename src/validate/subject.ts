import type { ModelDeclarations } from '../model/model-kind.js'
import type { ObservedAttribute, ObservedTensor } from './observe.js'
import type { Sounds } from './sounds.js'

/** The functions of the contract that embed. */
export const EMBEDDING_FUNCTIONS = ['getTimestampEmbeddings', 'getSceneEmbeddings'] as const
export type EmbeddingFunction = (typeof EMBEDDING_FUNCTIONS)[number]

/** The attributes that a model must have. */
export const MODEL_ATTRIBUTES = ['sampleRate', 'sceneEmbeddingSize', 'timestampEmbeddingSize'] as const
export type ModelAttribute = (typeof MODEL_ATTRIBUTES)[number]

/** What can be asked of a model, and what it answers. Questions and answers are data, so that a process can lie between. */
export interface Questions {
  load: {
    question: null
    answer: {
      readonly description: string | undefined
      readonly declares: ModelDeclarations
      readonly functions: Readonly<Record<EmbeddingFunction, boolean>>
      readonly attributes: Readonly<Record<ModelAttribute, ObservedAttribute>>
    }
  }
  timestamps: {
    question: Sounds
    answer: { readonly embeddings: ObservedTensor; readonly timestamps: ObservedTensor }
  }
  scenes: { question: Sounds; answer: { readonly embeddings: ObservedTensor } }
  /** Where two sounds differ in their timestamp embeddings; these stay on the other side, as they may be large. */
  changes: {
    question: { readonly from: Sounds; readonly to: Sounds }
    answer: {
      /** Of `from`, without their values. */
      readonly embeddings: ObservedTensor
      /** Of `from`. */
      readonly timestamps: ObservedTensor
      /** Euclidean distance of each pair of frames, NaN where either is; undefined where the shapes differ. */
      readonly distances: Float64Array | undefined
      /** Time of the first of the two calls. */
      readonly callMs: number
    }
  }
}
export type QuestionKind = keyof Questions

/** Why there is no answer. */
export type Failure =
  | {
      readonly kind: 'threw'
      readonly message: string
      /** Of a HearError. */
      readonly code?: string
      readonly hint?: string
    }
  | { readonly kind: 'died'; readonly how: string; readonly lastWords: string }
  | { readonly kind: 'hung'; readonly limitSec: number }
  | {
      readonly kind: 'outgrew'
      readonly limitBytes: number
      readonly bytes: number
      readonly of: 'process' | 'GPU'
    }

export type Outcome<Kind extends QuestionKind> =
  | { readonly answer: Questions[Kind]['answer']; readonly ms: number }
  | { readonly failure: Failure }

/** Highest memory seen, in bytes; null where it cannot be seen. */
export interface PeakMemory {
  readonly processBytes: number | null
  readonly gpuBytes: number | null
}

/** A model under test, wherever it runs. Never rejects for what the model does; only when the user stops. */
export interface Subject {
  ask<Kind extends QuestionKind>(kind: Kind, question: Questions[Kind]['question']): Promise<Outcome<Kind>>
  peakMemory(): PeakMemory
}
