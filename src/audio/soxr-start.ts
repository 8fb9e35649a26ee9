import { type SoxrStages, type Stage, valueAt } from './soxr-stages.js'

/** The first outputs as sums over the first inputs. */
export interface StartRows {
  readonly nOutputs: number
  readonly nInputs: number
  /** [nOutputs, nInputs] */
  readonly weights: Float64Array
}

/**
 * How soxr begins. Each of its stages starts at time zero, so a stage takes for zero what the one before would have
 * given before time zero. One filter in one step does not do that: the first outputs, up to the reach of the later
 * stages (mostly two or three, at most some hundred), differ by some percent of the first sample. Where a clip begins
 * in the middle of a sound, that can be -50 dB of the whole clip, more than all else.
 *
 * @returns the first outputs as the stages, one after the other, make them; none for a single stage
 */
export function soxrStart({ inOrder }: SoxrStages): StartRows {
  const [first, ...later] = inOrder
  if (later.length === 0) return { nOutputs: 0, nInputs: 0, weights: new Float64Array(0) }
  const toHz = inOrder[inOrder.length - 1].toHz
  const nOutputs = Math.ceil(later.reduce((sum, stage) => sum + reachSec(stage), 0) * toHz)
  // How many samples each stage must give, from the last to the first.
  const counts = [nOutputs]
  for (const stage of later.toReversed())
    counts.unshift(Math.floor(((counts[0] - 1) / stage.toHz + reachSec(stage)) * stage.fromHz) + 1)
  const nInputs = Math.floor(((counts[0] - 1) / first.toHz + reachSec(first)) * first.fromHz) + 1
  const weights = later.reduce(
    (sofar, stage, i) =>
      product(stageWeights(stage, counts[i + 1], counts[i]), sofar, counts[i + 1], counts[i], nInputs),
    stageWeights(first, counts[0], nInputs),
  )
  return { nOutputs, nInputs, weights }
}

function reachSec({ filter, unitHz }: Stage): number {
  return filter.halfWidth / unitHz
}

/** [nOutputs, nInputs]: what each input gives to each output. */
function stageWeights(stage: Stage, nOutputs: number, nInputs: number): Float64Array {
  const { fromHz, toHz, unitHz, filter } = stage
  const weights = new Float64Array(nOutputs * nInputs)
  for (let i = 0; i < nOutputs; i++)
    for (let j = 0; j < nInputs; j++)
      weights[i * nInputs + j] = (unitHz / fromHz) * valueAt(filter, (i / toHz - j / fromHz) * unitHz)
  return weights
}

/** a [m, k] times b [k, n]; both are mostly zeros, a row of b outside of one stretch. */
function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n)
  for (let p = 0; p < k; p++) {
    const row = b.subarray(p * n, (p + 1) * n)
    const first = Math.max(
      0,
      row.findIndex((value) => value !== 0),
    )
    const end = row.findLastIndex((value) => value !== 0) + 1
    for (let i = 0; i < m; i++) {
      const factor = a[i * k + p]
      if (factor === 0) continue
      for (let j = first; j < end; j++) c[i * n + j] += factor * row[j]
    }
  }
  return c
}
