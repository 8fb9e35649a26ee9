import { instantiateKernels } from '../kernels/kernels.js'
import type { KernelMemory } from '../memory.js'
import type { Gemm } from './gemm.js'

/** Floats that the kernel packs its panels into: KC x NC of B and KC x 4 of A (assembly/gemm.ts). */
export const WASM_GEMM_SCRATCH = 256 * 256 + 256 * 4

/**
 * Matrix products in WebAssembly, for platforms without onnxruntime. Needs a region `gemmScratch` of
 * WASM_GEMM_SCRATCH floats in the memory. Fused multiply-add where the runtime has relaxed SIMD.
 */
export function createWasmGemm(memory: KernelMemory): Gemm {
  const kernels = instantiateKernels(memory.memory, true)
  const scratch = (memory as KernelMemory<'gemmScratch'>).address('gemmScratch')
  const fused = kernels.fusedMultiplyAdd() === 1
  return {
    kind: 'wasm',
    version: fused ? 'wasm simd, fused multiply-add' : 'wasm simd',
    bind: ({ m, n, k, transB }, a, b, c) => {
      return () => kernels.sgemm(transB ? 1 : 0, m, n, k, a * 4, b * 4, c * 4, scratch)
    },
  }
}
