/**
 * Dot products of every row of one set with every row of another, by matrix products of blocks.
 *
 * Layout of the memory: left [leftBlock, size], right [rightBlock, size], products [left rows, right rows of the block],
 * all row-major without gaps.
 */
import { createGemm } from '../../num/gemm/create-gemm.js'
import type { GemmKind } from '../../num/gemm/gemm.js'
import { WASM_GEMM_SCRATCH } from '../../num/gemm/wasm-gemm.js'
import { KernelMemory } from '../../num/memory.js'

/** Rows that are written into the memory when they are needed, perhaps several times. */
export interface WrittenRows {
  readonly rows: number
  /** Writes one row, [size]. */
  write(index: number, into: Float32Array): void
}

export interface ProductBlock {
  /** [leftRows, rightRows]; overwritten by the next block. */
  readonly products: Float32Array
  readonly leftStart: number
  readonly leftRows: number
  readonly rightStart: number
  readonly rightRows: number
}

const LEFT_BLOCK = 1024
const RIGHT_BLOCK = 8192
/** Floats of a block of long rows: 16 MiB left and 128 MiB right, reached at 4096 values a row. */
const LEFT_FLOATS = 2 ** 22
const RIGHT_FLOATS = 2 ** 25

/** How many rows of each side are multiplied at once; bounded in memory whatever the number and size of rows. */
export function planBlocks(left: number, right: number, size: number): { left: number; right: number } {
  const rows = (count: number, block: number, floats: number) =>
    Math.min(count, block, Math.max(1, Math.floor(floats / size)))
  return { left: rows(left, LEFT_BLOCK, LEFT_FLOATS), right: rows(right, RIGHT_BLOCK, RIGHT_FLOATS) }
}

/**
 * Calls `visit` for every block of left x right dot products. Right blocks come in ascending order, each with all of the
 * left blocks in ascending order.
 *
 * @param size values a row.
 * @param blocks as planBlocks gives them where left out.
 * @returns what multiplied them, e.g. `onnxruntime 1.30.0`. Throws HearError as createGemm does.
 */
export function forEachProductBlock(
  left: WrittenRows,
  right: WrittenRows,
  size: number,
  gemmKind: GemmKind | 'auto',
  visit: (block: ProductBlock) => void,
  blocks = planBlocks(left.rows, right.rows, size),
): string {
  const memory = new KernelMemory<'left' | 'right' | 'products' | 'gemmScratch'>([
    ['left', blocks.left * size],
    ['right', blocks.right * size],
    ['products', blocks.left * blocks.right],
    ['gemmScratch', WASM_GEMM_SCRATCH],
  ])
  const gemm = createGemm(gemmKind, memory)
  const write = (rows: WrittenRows, start: number, count: number, into: Float32Array) => {
    for (let i = 0; i < count; i++) rows.write(start + i, into.subarray(i * size, (i + 1) * size))
  }
  const [leftView, rightView, products] = [
    memory.floats('left'),
    memory.floats('right'),
    memory.floats('products'),
  ]
  let resident = -1
  for (let rightStart = 0; rightStart < right.rows; rightStart += blocks.right) {
    const rightRows = Math.min(blocks.right, right.rows - rightStart)
    write(right, rightStart, rightRows, rightView)
    for (let leftStart = 0; leftStart < left.rows; leftStart += blocks.left) {
      const leftRows = Math.min(blocks.left, left.rows - leftStart)
      // Left rows that fit one block are written once.
      if (resident !== leftStart) write(left, leftStart, leftRows, leftView)
      resident = leftStart
      const shape = { m: leftRows, n: rightRows, k: size, transB: true }
      gemm.bind(shape, memory.at('left'), memory.at('right'), memory.at('products'))()
      visit({ products, leftStart, leftRows, rightStart, rightRows })
    }
  }
  return gemm.version
}
