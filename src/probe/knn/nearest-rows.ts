import type { GemmKind } from '../../num/gemm/gemm.js'
import type { FeatureRows } from '../features/feature-rows.js'
import type { FeatureScaler } from '../features/feature-scaler.js'
import { forEachProductBlock, type ProductBlock, planBlocks } from '../features/product-blocks.js'

/** The most similar training rows of every row that was asked about. */
export interface Neighbours {
  readonly rows: number
  /** Neighbours of each row. */
  readonly count: number
  /** [rows, count] training rows, most similar first. */
  readonly index: Int32Array
  /** [rows, count] cosine similarities, from -1 to 1. */
  readonly similarity: Float32Array
  /** What multiplied the matrices. */
  readonly gemm: string
}

export interface NearestRowsOptions {
  readonly queries: FeatureRows
  readonly train: FeatureRows
  readonly scaler: FeatureScaler
  /** Neighbours wanted, from 1 to the number of training rows. */
  readonly count: number
  readonly gemm: GemmKind | 'auto'
  /** Rows multiplied at once; chosen to fit memory where left out. */
  readonly blocks?: { readonly left: number; readonly right: number }
}

/**
 * The `count` training rows with the highest cosine similarity to each query, all of them scaled.
 *
 * Of equal similarities the training row that comes first is the nearer. A row at the mean of the training rows has
 * similarity 0 to all. In single precision; memory is bounded by the blocks, besides the result.
 * Throws HearError `probe/not-finite` for NaN and infinite embeddings.
 */
export function nearestRows(options: NearestRowsOptions): Neighbours {
  const { queries, train, scaler, count, gemm, blocks } = options
  const index = new Int32Array(queries.rows * count)
  const similarity = new Float32Array(queries.rows * count).fill(Number.NEGATIVE_INFINITY)
  const directions = (rows: FeatureRows) => ({
    rows: rows.rows,
    write: (row: number, into: Float32Array) => scaler.writeDirection(rows, row, into),
  })
  const version = forEachProductBlock(
    directions(queries),
    directions(train),
    train.inputSize,
    gemm,
    (block) => keepNearest(block, index, similarity, count),
    blocks ?? planBlocks(queries.rows, train.rows, train.inputSize),
  )
  return { rows: queries.rows, count, index, similarity, gemm: version }
}

/** Puts the products of a block that are among the highest so far into each row's list, which stays sorted. */
function keepNearest(block: ProductBlock, index: Int32Array, similarity: Float32Array, count: number): void {
  const { products, leftStart, leftRows, rightStart, rightRows } = block
  for (let i = 0; i < leftRows; i++) {
    const first = (leftStart + i) * count
    const last = first + count - 1
    const from = i * rightRows
    for (let j = 0; j < rightRows; j++) {
      const product = products[from + j]
      // Training rows come in ascending order, so an equal one is behind.
      if (product <= similarity[last]) continue
      let place = last
      while (place > first && similarity[place - 1] < product) {
        similarity[place] = similarity[place - 1]
        index[place] = index[place - 1]
        place--
      }
      similarity[place] = product
      index[place] = rightStart + j
    }
  }
}
