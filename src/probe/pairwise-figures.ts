import type { UnitWeights } from '../metrics/metric.js'
import { type EmbeddingMatrix, l1Distance } from '../metrics/pairwise.js'
import { type Ranking, rankByClass, rocAuc } from '../metrics/ranking.js'
import type { Comparisons } from '../store/pairwise-task.js'

/** The figures of a pairwise task under weights, one a comparison; undefined where the weights leave nothing to compare. */
export interface PairwiseFigures {
  errorRate(weights?: UnitWeights): number | undefined
  areaUnderCurve(weights?: UnitWeights): number | undefined
  /** [comparisons] where the error rate is the weighted mean of a figure of each comparison: those figures. */
  readonly errors?: Float64Array
}

/**
 * Distances measured and ranked once, so that the figures of a bootstrap resample are one pass. Without weights, and for
 * whole weights as repetitions, the same as samePairs and abxTriplets give; see there. Distances must be finite.
 */
export function preparePairwiseFigures(
  embeddings: EmbeddingMatrix,
  comparisons: Comparisons,
): PairwiseFigures {
  return comparisons.kind === 'pairs'
    ? preparePairs(embeddings, comparisons.rows, comparisons.same)
    : prepareTriplets(embeddings, comparisons.rows)
}

function preparePairs(embeddings: EmbeddingMatrix, rows: Int32Array, same: Uint8Array): PairwiseFigures {
  const closeness = Float64Array.from(same, (_, i) => -l1Distance(embeddings, rows[2 * i], rows[2 * i + 1]))
  const ranking = rankByClass(closeness, same, same.length, 1)
  return {
    errorRate: (weights) => equalErrorRate(ranking, weights),
    areaUnderCurve: (weights) => rocAuc(ranking, 0, weights),
  }
}

/** Bits of Ranking.flags. */
const POSITIVE = 1
const LAST_OF_TIE = 2

/** Where the ROC curve, drawn with straight lines between distinct scores, crosses miss rate = false-alarm rate. */
function equalErrorRate({ rows, row, flags }: Ranking, weights?: UnitWeights): number | undefined {
  const weightOf = (place: number) => (weights ? weights[row[place]] : 1)
  let same = 0
  let different = 0
  for (let k = 0; k < rows; k++) {
    if (flags[k] & POSITIVE) same += weightOf(k)
    else different += weightOf(k)
  }
  if (same === 0 || different === 0) return undefined
  let acceptedSame = 0
  let acceptedDifferent = 0
  let before = { missesOver: 1, falseAlarms: 0 }
  for (let k = 0; k < rows; k++) {
    if (flags[k] & POSITIVE) acceptedSame += weightOf(k)
    else acceptedDifferent += weightOf(k)
    if (!(flags[k] & LAST_OF_TIE)) continue
    const falseAlarms = acceptedDifferent / different
    const missesOver = 1 - acceptedSame / same - falseAlarms
    if (missesOver <= 0) {
      const share = before.missesOver / (before.missesOver - missesOver)
      return before.falseAlarms + share * (falseAlarms - before.falseAlarms)
    }
    before = { missesOver, falseAlarms }
  }
  throw new Error('a ROC curve ends where everything is accepted')
}

function prepareTriplets(embeddings: EmbeddingMatrix, rows: Int32Array): PairwiseFigures {
  const count = rows.length / 3
  const errors = new Float64Array(count)
  // Distances to A, then distances to B.
  const closeness = new Float64Array(2 * count)
  for (let i = 0; i < count; i++) {
    const [a, b, x] = rows.subarray(3 * i, 3 * i + 3)
    const [toA, toB] = [l1Distance(embeddings, a, x), l1Distance(embeddings, b, x)]
    errors[i] = toA > toB ? 1 : toA === toB ? 0.5 : 0
    closeness[i] = -toA
    closeness[count + i] = -toB
  }
  const ranking = rankByClass(closeness, new Uint8Array(2 * count).fill(1, 0, count), 2 * count, 1)
  return {
    errors,
    errorRate(weights) {
      let total = 0
      let sum = 0
      for (let i = 0; i < count; i++) {
        const weight = weights ? weights[i] : 1
        total += weight
        sum += weight * errors[i]
      }
      return total === 0 ? undefined : sum / total
    },
    areaUnderCurve(weights) {
      if (weights === undefined) return rocAuc(ranking, 0)
      // Both distances of a triplet count as often as it does.
      const twice = Float64Array.from({ length: 2 * count }, (_, i) => weights[i % count])
      return rocAuc(ranking, 0, twice)
    },
  }
}
