import { createRequire } from 'node:module'
import type { KernelMemory } from '../memory.js'
import type { Gemm } from './gemm.js'
import { matrixProductModel } from './onnx-model.js'

/** The native session under onnxruntime-node's own, whose run() is synchronous. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void
  run(feeds: Record<string, unknown>, fetches: Record<string, unknown>, options: object): unknown
}
interface Binding {
  binding: { InferenceSession: new () => NativeSession }
  initOrt(): void
}
type TensorClass = new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown

const SESSION_OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  // Shapes differ from call to call, so a memory pattern would be planned anew each time.
  enableMemPattern: false,
}

const require = createRequire(import.meta.url)

/**
 * Matrix products by onnxruntime's MLAS, one thread: a session with MatMul for B [k, n] and one with Gemm for
 * B [n, k], inputs and outputs bound to the kernel memory. The public run() defers each call to the event
 * loop, which costs more than a small product; the binding below it is synchronous, so that is what is used
 * (the version is pinned, and the gemm test fails if it moves).
 *
 * @throws Error when onnxruntime-node has no binary for this platform; createGemm turns that into the wasm GEMM.
 */
export function createOnnxruntimeGemm(memory: KernelMemory): Gemm {
  const root = require.resolve('onnxruntime-node')
  const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as Binding
  const { Tensor } = createRequire(root)('onnxruntime-common') as { Tensor: TensorClass }
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  initOrt()
  const sessions = new Map<boolean, NativeSession>()
  const sessionFor = (transB: boolean): NativeSession => {
    let session = sessions.get(transB)
    if (session === undefined) {
      session = new binding.InferenceSession()
      const model = matrixProductModel(transB)
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, SESSION_OPTIONS)
      sessions.set(transB, session)
    }
    return session
  }
  const tensor = (offset: number, rows: number, cols: number) =>
    new Tensor('float32', memory.f32.subarray(offset, offset + rows * cols), [rows, cols])
  return {
    kind: 'onnxruntime',
    version: `onnxruntime ${version}`,
    bind({ m, n, k, transB }, a, b, c) {
      const session = sessionFor(transB)
      const feeds = { A: tensor(a, m, k), B: transB ? tensor(b, n, k) : tensor(b, k, n) }
      const fetches = { Y: tensor(c, m, n) }
      const options = {}
      return () => {
        session.run(feeds, fetches, options)
      }
    },
  }
}
