import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { KernelMemory } from '../memory.js'
import { createGemm } from './create-gemm.js'
import { GEMM_KINDS, type GemmKind, type GemmShape } from './gemm.js'
import { safeThreads } from './onnxruntime-gemm.js'
import { WASM_GEMM_SCRATCH } from './wasm-gemm.js'

const SHAPES: GemmShape[] = [
  { m: 1, n: 1, k: 1, transB: false },
  { m: 5, n: 3, k: 7, transB: true },
  { m: 4, n: 8, k: 256, transB: false },
  { m: 33, n: 70, k: 300, transB: true },
  { m: 30, n: 263, k: 513, transB: false },
  { m: 64, n: 12, k: 65, transB: true },
  { m: 3, n: 300, k: 1, transB: false },
]

function twin(shape: GemmShape, a: Float32Array, b: Float32Array): Float64Array {
  const c = new Float64Array(shape.m * shape.n)
  for (let i = 0; i < shape.m; i++)
    for (let j = 0; j < shape.n; j++) {
      let sum = 0
      for (let p = 0; p < shape.k; p++)
        sum += a[i * shape.k + p] * (shape.transB ? b[j * shape.k + p] : b[p * shape.n + j])
      c[i * shape.n + j] = sum
    }
  return c
}

function memoryFor({ m, n, k }: GemmShape) {
  const memory = new KernelMemory<'a' | 'b' | 'c' | 'gemmScratch'>([
    ['a', m * k],
    ['b', n * k],
    ['c', m * n],
    ['gemmScratch', WASM_GEMM_SCRATCH],
  ])
  for (const [name, phase] of [
    ['a', 0],
    ['b', 1],
  ] as const)
    memory.floats(name).forEach((_, i, x) => {
      x[i] = Math.sin(i * 12.9898 + phase) * 1.5
    })
  memory.floats('c').fill(Number.NaN)
  return memory
}

function available(kind: GemmKind): boolean {
  if (kind !== 'openblas') return true
  try {
    createRequire(import.meta.url)('koffi')
    createGemm(kind, memoryFor(SHAPES[0]))
    return true
  } catch {
    return false
  }
}

for (const kind of GEMM_KINDS)
  test.skipIf(!available(kind))(
    `${kind} multiplies as the textbook does, overwrites what was there, and repeats itself bit for bit (skipped where the library is missing)`,
    () => {
      for (const shape of SHAPES) {
        const memory = memoryFor(shape)
        const gemm = createGemm(kind, memory)
        expect(gemm.kind).toBe(kind)
        const run = gemm.bind(shape, memory.at('a'), memory.at('b'), memory.at('c'))
        run()
        const first = memory.floats('c').slice()
        const expected = twin(shape, memory.floats('a'), memory.floats('b'))
        // sums of k products of size up to 2.25 in single precision; the worst case grows with k squared
        const tolerance = shape.k * 2.25 * 6e-8 * 16
        expected.forEach((value, i) => {
          expect(Math.abs(first[i] - value), `${kind} ${JSON.stringify(shape)} at ${i}`).toBeLessThan(
            tolerance,
          )
        })
        run()
        expect(memory.floats('c')).toEqual(first)
      }
    },
  )

test('onnxruntime gives the same bits with one thread and with two', () => {
  const sizes = [12, 204, 700, 1024]
  const shapes = sizes.flatMap((m) =>
    sizes.flatMap((n) => [65, 513].flatMap((k) => [true, false].map((transB) => ({ m, n, k, transB })))),
  )
  expect(shapes.filter((shape) => safeThreads(shape, 2) === 2).length).toBeGreaterThan(10)
  for (const shape of [...SHAPES, ...shapes]) {
    const results = [1, 2].map((threads) => {
      const memory = memoryFor(shape)
      createGemm('onnxruntime', memory, () => threads).bind(
        shape,
        memory.at('a'),
        memory.at('b'),
        memory.at('c'),
      )()
      return memory.floats('c')
    })
    const differing = results[0].findIndex((value, i) => value !== results[1][i])
    expect(differing, JSON.stringify(shape)).toBe(-1)
  }
})

test('auto takes onnxruntime on this platform', () => {
  expect(createGemm('auto', memoryFor(SHAPES[0])).version).toMatch(/^onnxruntime 1\./)
})
