import type { GemmKind } from '../../num/gemm/gemm.js'
import type { FeatureRows, LabelledRows } from '../features/feature-rows.js'
import type { FeatureScaler } from '../features/feature-scaler.js'
import { forEachProductBlock, type WrittenRows } from '../features/product-blocks.js'

export interface PrototypeOptions {
  readonly train: LabelledRows
  /** Training rows whose labels may be used; every label needs at least one of them. */
  readonly support: Int32Array
  readonly queries: FeatureRows
  readonly scaler: FeatureScaler
  /** Size of the label vocabulary. */
  readonly labels: number
  readonly gemm: GemmKind | 'auto'
}

/**
 * How close every query is to the prototype of every label, the mean of the support rows that have it: Float32Array
 * [rows of queries, labels].
 *
 * Multiclass: softmax over classes of minus the squared distance to each prototype, divided by the number of features;
 * rows add up to 1. Multilabel: cosine similarity of the query with (mean of the rows that have the label) - (mean of all
 * support rows), from -1 to 1: good for ranking rows, no probability. It is 0 for a label that all support rows have, and
 * for a query at the mean of the training rows.
 *
 * Throws HearError `probe/not-finite`, and as createGemm does.
 * Source: Snell, Swersky and Zemel, "Prototypical networks for few-shot learning" (NeurIPS 2017), equations 1 and 2.
 * *Differs*: distances are divided by the number of features, which changes no ranking of the classes of a row but keeps
 * probabilities apart from 0 and 1; the multilabel form is ours.
 */
export function prototypeProbabilities(options: PrototypeOptions): Float32Array {
  const { train, queries, scaler, labels, gemm } = options
  const multiclass = train.targets.kind === 'multiclass'
  const size = train.inputSize
  const prototypes = multiclass ? classMeans(options) : labelDirections(options)
  const offsets = prototypes.map((prototype) => prototype.reduce((sum, value) => sum + value * value, 0) / 2)
  const left: WrittenRows = {
    rows: queries.rows,
    write: (row, into) => {
      if (multiclass) scaler.write(queries, row, into)
      else scaler.writeDirection(queries, row, into)
    },
  }
  const right: WrittenRows = { rows: labels, write: (label, into) => into.set(prototypes[label]) }
  const scores = new Float32Array(queries.rows * labels)
  forEachProductBlock(left, right, size, gemm, ({ products, leftStart, leftRows, rightStart, rightRows }) => {
    for (let i = 0; i < leftRows; i++)
      for (let j = 0; j < rightRows; j++) {
        const product = products[i * rightRows + j]
        const label = rightStart + j
        // -|x - p|^2 = 2 (x.p - |p|^2 / 2) - |x|^2, and the last term is the same for all classes.
        scores[(leftStart + i) * labels + label] = multiclass
          ? (2 * (product - offsets[label])) / size
          : product
      }
  })
  if (multiclass) softmaxRows(scores, labels)
  return scores
}

function classMeans({ train, support, scaler, labels }: PrototypeOptions): Float64Array[] {
  const { sums, counts } = sumByLabel(train, support, scaler, labels)
  return sums.map((sum, label) => sum.map((value) => value / counts[label]))
}

function labelDirections({ train, support, scaler, labels }: PrototypeOptions): Float64Array[] {
  const { sums, counts, total } = sumByLabel(train, support, scaler, labels)
  return sums.map((sum, label) => {
    // A label of all support rows has no direction: the difference would be rounding.
    if (counts[label] === support.length) return sum.fill(0)
    const direction = sum.map((value, d) => value / counts[label] - total[d] / support.length)
    const length = Math.sqrt(direction.reduce((squares, value) => squares + value * value, 0))
    return length === 0 ? direction : direction.map((value) => value / length)
  })
}

/** Sums of the scaled support rows that have each label, and of all of them. */
function sumByLabel(train: LabelledRows, support: Int32Array, scaler: FeatureScaler, labels: number) {
  const sums = Array.from({ length: labels }, () => new Float64Array(train.inputSize))
  const total = new Float64Array(train.inputSize)
  const counts = new Int32Array(labels)
  const scaled = new Float32Array(train.inputSize)
  const { targets } = train
  for (const row of support) {
    scaler.write(train, row, scaled)
    for (let d = 0; d < scaled.length; d++) total[d] += scaled[d]
    for (let label = 0; label < labels; label++) {
      const has =
        targets.kind === 'multiclass'
          ? targets.classIndex[row] === label
          : targets.hot[row * labels + label] === 1
      if (!has) continue
      counts[label]++
      for (let d = 0; d < scaled.length; d++) sums[label][d] += scaled[d]
    }
  }
  return { sums, counts, total }
}

function softmaxRows(scores: Float32Array, labels: number): void {
  for (let from = 0; from < scores.length; from += labels) {
    const row = scores.subarray(from, from + labels)
    const highest = row.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY)
    let sum = 0
    for (let c = 0; c < labels; c++) {
      row[c] = Math.exp(row[c] - highest)
      sum += row[c]
    }
    for (let c = 0; c < labels; c++) row[c] /= sum
  }
}
