import { type EmbeddingMatrix, l1Distance } from '../metrics/pairwise.js'
import type { ComparisonDistances } from '../store/pairwise-result.js'
import type { Comparisons, PairwiseTask } from '../store/pairwise-task.js'

/**
 * The L1 distances behind the scores of a pairwise task, one entry for each comparison in the order of the task.
 *
 * @param embeddings one row for each clip, in the order of `clips`.
 */
export function pairwiseDistances(
  embeddings: EmbeddingMatrix,
  { clips, comparisons }: Pick<PairwiseTask, 'clips' | 'comparisons'>,
): ComparisonDistances[] {
  return comparisons.kind === 'pairs'
    ? pairDistances(embeddings, clips, comparisons)
    : tripletDistances(embeddings, clips, comparisons.rows)
}

function pairDistances(
  embeddings: EmbeddingMatrix,
  clips: readonly string[],
  { rows, same }: Extract<Comparisons, { kind: 'pairs' }>,
): ComparisonDistances[] {
  return Array.from(same, (mark, i) => {
    const [a, b] = rows.subarray(2 * i, 2 * i + 2)
    return { clips: [clips[a], clips[b]], same: mark === 1, distance: l1Distance(embeddings, a, b) }
  })
}

function tripletDistances(
  embeddings: EmbeddingMatrix,
  clips: readonly string[],
  rows: Int32Array,
): ComparisonDistances[] {
  return Array.from({ length: rows.length / 3 }, (_, i) => {
    const [a, b, x] = rows.subarray(3 * i, 3 * i + 3)
    return {
      clips: [clips[a], clips[b], clips[x]],
      distanceAX: l1Distance(embeddings, a, x),
      distanceBX: l1Distance(embeddings, b, x),
    }
  })
}
