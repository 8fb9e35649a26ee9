import type { ClipTargets } from '../../metrics/metric.js'
import type { Neighbours } from './nearest-rows.js'

/**
 * What the nearest `k` training rows say of every row: Float32Array [rows, labels], each value in [0, 1].
 *
 * Multiclass: the share of neighbours of each class; multilabel: the share that has each label. Of equal shares the one
 * whose neighbours are more similar in sum is the higher: a vote counts 1, and half a vote more is divided by similarity
 * ((1 + cosine) / 2), which never outweighs a whole vote. So a label is above 0.5 where more than half of the neighbours
 * have it, or exactly half and the more similar ones. Multiclass rows add up to 1. Neighbours exactly opposite to the
 * row, all of them, leave the half vote out.
 *
 * @param targets of the training rows.
 * @param k at most neighbours.count.
 * Source: Cover and Hart, "Nearest neighbor pattern classification" (1967). *Differs* from Wu et al. (CVPR 2018) and Caron
 * et al. (ICCV 2021), who weight whole votes by exp(cosine / 0.07): that temperature is for features that were
 * trained with it.
 */
export function voteProbabilities(
  neighbours: Neighbours,
  targets: ClipTargets,
  labels: number,
  k: number,
): Float32Array {
  const probabilities = new Float32Array(neighbours.rows * labels)
  const votes = new Float64Array(labels)
  for (let row = 0; row < neighbours.rows; row++) {
    const from = row * neighbours.count
    let similaritySum = 0
    for (let i = from; i < from + k; i++) similaritySum += closeness(neighbours.similarity[i])
    votes.fill(0)
    for (let i = from; i < from + k; i++) {
      const extra = similaritySum > 0 ? closeness(neighbours.similarity[i]) / (2 * similaritySum) : 0
      const trainRow = neighbours.index[i]
      if (targets.kind === 'multiclass') votes[targets.classIndex[trainRow]] += 1 + extra
      else
        for (let c = 0; c < labels; c++) if (targets.hot[trainRow * labels + c] === 1) votes[c] += 1 + extra
    }
    const all = k + (similaritySum > 0 ? 0.5 : 0)
    for (let c = 0; c < labels; c++) probabilities[row * labels + c] = votes[c] / all
  }
  return probabilities
}

/** 0 for opposite rows, 1 for rows of one direction; rounding may carry a cosine past -1. */
function closeness(cosine: number): number {
  return Math.max(0, (1 + cosine) / 2)
}
