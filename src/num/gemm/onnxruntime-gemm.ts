import { createRequire } from 'node:module'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { KernelMemory } from '../memory.js'
import type { Gemm, GemmShape } from './gemm.js'
import { matrixProductModel } from './onnx-model.js'

/** The native session under onnxruntime-node's own, whose run() is synchronous. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void
  run(
    feeds: Record<string, unknown>,
    fetches: Record<string, unknown>,
    options: object,
  ): { Y: { data: Float32Array } }
}
interface Binding {
  binding: { InferenceSession: new () => NativeSession }
  initOrt(): void
}
type TensorClass = new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown

const SESSION_OPTIONS = {
  interOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  // Shapes differ from call to call, so a memory pattern would be planned anew each time.
  enableMemPattern: false,
  // Outputs are given, so an arena would only hold memory.
  enableCpuMemArena: false,
  // A thread that waits by spinning would take the core from whoever could use it.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
}

/** Floats from which releasing a copy costs less than keeping it. */
const WORTH_RELEASING = 2 ** 14

/** A closed port: whatever is posted here is freed at once. */
const nowhere = await closedPort()

function closedPort(): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    // Until the event loop has turned, posts would be kept for the other end.
    port1.once('close', () => resolve(port1))
    port1.ref()
    port2.close()
  })
}

/**
 * Frees an array now instead of at the next garbage collection. The binding writes a product into the given output
 * and hands back a copy besides; left to the collector, copies of 4 MiB pile up to some 40 MiB a thread, and each new
 * one is touched page by page (1.3 instead of 0.6 ms for a product of 4 MiB with k = 16).
 */
function release(array: Float32Array): void {
  nowhere.postMessage(null, [array.buffer as ArrayBuffer])
}

/** More threads than this gain nothing on products of the probe's size. */
const MOST_THREADS = 8

/** Multiplications under which a product is over before a second thread has woken up (about 0.2 ms). */
const WORTH_SHARING = 2 ** 23

/**
 * How many of the threads on offer a product may use without a change in its last bits. MLAS gives each thread
 * whole rows where m >= n, else whole columns; sums along k run in blocks of 128, except that a piece of 64 columns
 * or fewer gets longer blocks. So columns are shared only in pieces that are safely wider.
 * Source: onnxruntime 1.30 `core/mlas/lib/sgemm.cpp`, MlasGemmBatch and MlasSgemmOperation.
 */
export function safeThreads({ m, n, k }: GemmShape, offered: number): number {
  const threads = Math.min(MOST_THREADS, Math.max(1, offered))
  const keepsBits = m >= n || n >= 128 * threads
  return keepsBits && m * n * k >= WORTH_SHARING ? threads : 1
}

const require = createRequire(import.meta.url)

/**
 * Matrix products by onnxruntime's MLAS: a session with MatMul for B [k, n] and one with Gemm for B [n, k], for
 * each number of threads, inputs and outputs bound to the kernel memory. The result is the same bit for bit
 * however many threads there are. The public run() defers each call to the event
 * loop, which costs more than a small product; the binding below it is synchronous, so that is what is used
 * (the version is pinned, and the gemm test fails if it moves).
 *
 * @param threads asked before every product: how many it may use now.
 * @throws Error when onnxruntime-node has no binary for this platform; createGemm turns that into the wasm GEMM.
 */
export function createOnnxruntimeGemm(memory: KernelMemory, threads: () => number = () => 1): Gemm {
  const root = require.resolve('onnxruntime-node')
  const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as Binding
  const { Tensor } = createRequire(root)('onnxruntime-common') as { Tensor: TensorClass }
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  initOrt()
  const sessions: Record<'plain' | 'transposed', (NativeSession | undefined)[]> = {
    plain: [],
    transposed: [],
  }
  const sessionFor = (shape: GemmShape): NativeSession => {
    const { transB } = shape
    const intraOpNumThreads = safeThreads(shape, threads())
    const known = transB ? sessions.transposed : sessions.plain
    let session = known[intraOpNumThreads]
    if (session === undefined) {
      session = new binding.InferenceSession()
      const model = matrixProductModel(transB)
      const options = { ...SESSION_OPTIONS, intraOpNumThreads }
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, options)
      known[intraOpNumThreads] = session
    }
    return session
  }
  const tensor = (offset: number, rows: number, cols: number) =>
    new Tensor('float32', memory.f32.subarray(offset, offset + rows * cols), [rows, cols])
  return {
    kind: 'onnxruntime',
    version: `onnxruntime ${version}`,
    bind(shape, a, b, c) {
      const { m, n, k, transB } = shape
      const feeds = { A: tensor(a, m, k), B: transB ? tensor(b, n, k) : tensor(b, k, n) }
      const fetches = { Y: tensor(c, m, n) }
      const options = {}
      return () => {
        const { Y } = sessionFor(shape).run(feeds, fetches, options)
        if (m * n >= WORTH_RELEASING) release(Y.data)
      }
    },
  }
}
