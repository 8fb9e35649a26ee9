import { HearError } from '../../base/errors.js'
import type { KernelMemory } from '../memory.js'
import type { Gemm, GemmKind } from './gemm.js'
import { createOnnxruntimeGemm } from './onnxruntime-gemm.js'
import { createOpenblasGemm } from './openblas-gemm.js'
import { createWasmGemm } from './wasm-gemm.js'

/**
 * The matrix multiplier asked for, over one memory.
 * @param threads asked before every product: how many threads it may use now (onnxruntime only). The result does
 *   not depend on it.
 * @param kind `auto` takes onnxruntime and, where it has no binary for the platform (Intel Macs, musl), wasm.
 * @throws HearError when a kind was named that this machine does not have.
 */
export function createGemm(kind: GemmKind | 'auto', memory: KernelMemory, threads?: () => number): Gemm {
  if (kind === 'wasm') return createWasmGemm(memory)
  if (kind === 'openblas') return createOpenblasGemm(memory)
  try {
    return createOnnxruntimeGemm(memory, threads)
  } catch (cause) {
    if (kind === 'auto') return createWasmGemm(memory)
    throw new HearError(
      'gemm/no-onnxruntime',
      `onnxruntime has no working binary for ${process.platform} ${process.arch}.`,
      { hint: 'Use --gemm wasm, which runs everywhere.', cause },
    )
  }
}
