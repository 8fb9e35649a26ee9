import type { KernelMemory } from '../memory.js'

/** Which library multiplies matrices. `onnxruntime` is MLAS; `wasm` runs wherever Node does. */
export const GEMM_KINDS = ['onnxruntime', 'wasm', 'openblas'] as const
export type GemmKind = (typeof GEMM_KINDS)[number]

/** C[m, n] = A[m, k] . B, with B [k, n], or [n, k] when transB. All row-major float32 without gaps. */
export interface GemmShape {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly transB: boolean
}

/** A matrix multiplier over one kernel memory. Deterministic: the same result, bit for bit, at every call. */
export interface Gemm {
  readonly kind: GemmKind
  /** What to write into a result bundle, e.g. `onnxruntime 1.30.0`. */
  readonly version: string
  /**
   * Prepares one product on fixed regions of the memory; the returned function runs it without allocating.
   * @param a offset of A in floats; likewise b and c. C is overwritten and must not overlap A or B.
   */
  bind(shape: GemmShape, a: number, b: number, c: number): () => void
}

export type CreateGemm = (memory: KernelMemory) => Gemm
