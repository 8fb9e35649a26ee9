import { setFlagsFromString } from 'node:v8'
import type { GemmKernels } from './gemm-kernels.js'
import type { ResampleKernels } from './resample-kernels.js'
import type { SpectrumKernels } from './spectrum-kernels.js'
import type { TrainKernels } from './train-kernels.js'
import { relaxedSimdWasmBase64, simdWasmBase64 } from './wasm.generated.js'

/** Every exported kernel; all addresses are bytes into the imported memory. */
export type Kernels = GemmKernels & ResampleKernels & SpectrumKernels & TrainKernels

const modules = new Map<boolean, WebAssembly.Module>()

/**
 * The kernels bound to one memory.
 * @param relaxed fused multiply-add where the runtime has it (the wasm GEMM is 1.5 times faster with it);
 *   element-wise kernels are the same either way. Falls back to plain SIMD where relaxed SIMD is missing.
 */
export function instantiateKernels(memory: WebAssembly.Memory, relaxed = false): Kernels {
  const instance = new WebAssembly.Instance(kernelModule(relaxed), { env: { memory } })
  return instance.exports as unknown as Kernels
}

function kernelModule(relaxed: boolean): WebAssembly.Module {
  const known = modules.get(relaxed)
  if (known !== undefined) return known
  let module: WebAssembly.Module
  if (relaxed) {
    // Node 20 has relaxed SIMD behind this flag; later versions have it on and ignore the flag.
    setFlagsFromString('--experimental-wasm-relaxed-simd')
    try {
      module = new WebAssembly.Module(Buffer.from(relaxedSimdWasmBase64, 'base64'))
    } catch {
      module = kernelModule(false)
    }
  } else {
    module = new WebAssembly.Module(Buffer.from(simdWasmBase64, 'base64'))
  }
  modules.set(relaxed, module)
  return module
}
