import type { GemmKind } from '../num/gemm/gemm.js'
import type { EmbeddingSource } from '../store/embedding-json.js'
import type { HearModel, HearModule } from './contract.js'

/** What a file or package says of itself beyond the contract; the validator reports what is missing. */
export interface ModelDeclarations {
  /** Licences as written, preferably SPDX names. */
  readonly codeLicense?: string
  readonly weightsLicense?: string
  /** Timestamps are unevenly spaced on purpose. */
  readonly irregularTimestamps?: boolean
  /** There are scene embeddings only: no timestamps, no event tasks. */
  readonly sceneOnly?: boolean
  /** How long audio is cut, which is to change nothing; undefined where it never is, or where it may change something. */
  readonly pieces?: DeclaredPieces
  /** Scenes of audio that is cut are means of every so many frames, from the first on, though there is a scene output. */
  readonly sceneEveryFrames?: number
}

/** Audio of more samples than mostSamples is run in pieces; a frame depends on samples up to haloSamples around it. */
export interface DeclaredPieces {
  readonly mostSamples: number
  /** The fewest that a piece has. */
  readonly minSamples: number
  readonly haloSamples: number
  /** Cuts lie at multiples of alignSamples, which give alignFrames frames. */
  readonly alignSamples: number
  readonly alignFrames: number
}

/** A model that is ready to embed, and what to write of it beside its results. */
export interface OpenModel {
  readonly module: HearModule
  readonly model: HearModel
  /** Its name fits into a path; its hash changes with whatever decides what the model computes. */
  readonly identity: EmbeddingSource['model']
  readonly declares: ModelDeclarations
  /** Gives back what the model holds: memory, processes, files. */
  close(): Promise<void>
}

/** What may be said beside a model's name; an adapter refuses what it has no use for, unless noted. */
export interface OpenModelOptions {
  /** The file that HEAR's load_model takes: for naive its projection; an ONNX file brings its own weights. */
  readonly weights?: string
  /** Library of the naive baseline's matrix products; the others have no use for it, and ignore it. */
  readonly gemm?: GemmKind | 'auto'
  /** Threads of an ONNX model, 1 unless given; the others ignore it. */
  readonly threads?: number
  /** The Python that runs a module, as a path or a name on the PATH, python3 unless given; the others ignore it. */
  readonly python?: string
  /** How long loading, or a call, of a Python module may take, 1800 s unless given; the others ignore it. */
  readonly timeLimitSec?: number
  /** Ends a call of a Python module that is running; the others ignore it. */
  readonly signal?: AbortSignal
}

/** One adapter: the names that it answers to, and how it opens what they name. */
export interface ModelKind {
  /** How such a name is written, for whoever wrote another. */
  readonly written: string
  answersTo(name: string): boolean
  /** @throws HearError saying what is wrong with the model, and what to do. */
  open(name: string, options: OpenModelOptions): Promise<OpenModel>
}
