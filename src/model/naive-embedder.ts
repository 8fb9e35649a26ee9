import { createGemm } from '../num/gemm/create-gemm.js'
import type { Gemm, GemmKind } from '../num/gemm/gemm.js'
import { WASM_GEMM_SCRATCH } from '../num/gemm/wasm-gemm.js'
import { instantiateKernels } from '../num/kernels/kernels.js'
import { KernelMemory } from '../num/memory.js'
import { type FramedSounds, LogMelFrames, type LogMelRegion } from './log-mel-frames.js'
import { NAIVE_EMBEDDING_SIZE, NAIVE_MELS, type NaiveWeights } from './naive-weights.js'

/**
 * Rows per product: enough that packing the projection costs little beside it (81 GFLOP/s, against 57 with 20
 * rows, on one core of an EPYC), few enough that memory stays small.
 */
const BLOCK_ROWS = 256

/**
 * The naive baseline's arithmetic over one private memory of 10 MB, whatever the length of the sounds: log-mel
 * rows in blocks, each block times the projection.
 *
 * Per second of audio on one such core: 0.1 ms for 20 log-mel rows, 0.5 ms for their product. Beside PyTorch
 * 1.13 on one thread in the same run, frames take 0.5 to 0.8 of its time and scenes 0.1 to 0.25
 * (bench/naive-baseline.mjs).
 */
export class NaiveEmbedder {
  private readonly memory: KernelMemory<
    LogMelRegion | 'logMels' | 'projection' | 'embeddings' | 'gemmScratch'
  >
  private readonly logMels: LogMelFrames
  private readonly gemm: Gemm
  private readonly products = new Map<number, () => void>()

  constructor(weights: NaiveWeights, gemmKind: GemmKind | 'auto') {
    this.memory = new KernelMemory([
      ...LogMelFrames.plan(weights),
      ['logMels', BLOCK_ROWS * NAIVE_MELS],
      ['projection', NAIVE_MELS * NAIVE_EMBEDDING_SIZE],
      ['embeddings', BLOCK_ROWS * NAIVE_EMBEDDING_SIZE],
      ['gemmScratch', WASM_GEMM_SCRATCH],
    ] as const)
    this.memory.floats('projection').set(weights.projection)
    this.logMels = new LogMelFrames(this.memory, instantiateKernels(this.memory.memory), weights)
    this.gemm = createGemm(gemmKind, this.memory)
  }

  /** Which library multiplies, e.g. `onnxruntime 1.30.0`. */
  get gemmVersion(): string {
    return this.gemm.version
  }

  /** float32 [nSounds, nFrames, 4096], the projected log-mel rows. */
  embedFrames(sounds: FramedSounds): Float32Array {
    const nRows = sounds.nSounds * sounds.grid.centres.length
    const embeddings = new Float32Array(nRows * NAIVE_EMBEDDING_SIZE)
    for (let row = 0; row < nRows; row += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, nRows - row)
      this.logMels.write(sounds, row, count, this.memory.address('logMels'))
      this.project(count, embeddings, row)
    }
    return embeddings
  }

  /**
   * float32 [nSounds, 4096], the mean over the frames.
   *
   * *Differs*: hear-baseline averages the projected rows; here the log-mel rows are averaged (in double
   * precision) and one row is projected, which is the same as the projection is linear, up to float32 rounding.
   */
  embedScenes(sounds: FramedSounds): Float32Array {
    const means = this.meanLogMels(sounds)
    const embeddings = new Float32Array(sounds.nSounds * NAIVE_EMBEDDING_SIZE)
    for (let sound = 0; sound < sounds.nSounds; sound += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, sounds.nSounds - sound)
      this.memory.floats('logMels').set(means.subarray(sound * NAIVE_MELS, (sound + count) * NAIVE_MELS))
      this.project(count, embeddings, sound)
    }
    return embeddings
  }

  private meanLogMels(sounds: FramedSounds): Float64Array {
    const nFrames = sounds.grid.centres.length
    const nRows = sounds.nSounds * nFrames
    const means = new Float64Array(sounds.nSounds * NAIVE_MELS)
    const block = this.memory.floats('logMels')
    for (let row = 0; row < nRows; row += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, nRows - row)
      this.logMels.write(sounds, row, count, this.memory.address('logMels'))
      for (let i = 0; i < count; i++) {
        const mean = Math.floor((row + i) / nFrames) * NAIVE_MELS
        for (let mel = 0; mel < NAIVE_MELS; mel++) means[mean + mel] += block[i * NAIVE_MELS + mel] / nFrames
      }
    }
    return means
  }

  /** Multiplies the first rows of `logMels` by the projection, into `target` from row `targetRow` on. */
  private project(nRows: number, target: Float32Array, targetRow: number): void {
    let product = this.products.get(nRows)
    if (product === undefined) {
      const shape = { m: nRows, n: NAIVE_EMBEDDING_SIZE, k: NAIVE_MELS, transB: false }
      const { memory } = this
      product = this.gemm.bind(shape, memory.at('logMels'), memory.at('projection'), memory.at('embeddings'))
      this.products.set(nRows, product)
    }
    product()
    const rows = this.memory.floats('embeddings').subarray(0, nRows * NAIVE_EMBEDDING_SIZE)
    target.set(rows, targetRow * NAIVE_EMBEDDING_SIZE)
  }
}
