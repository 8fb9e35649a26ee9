import type { Figure } from '../../metrics/metric.js'
import { SCALINGS, type Scaling } from '../features/feature-scaler.js'

/** One setting of the k-nearest-neighbour probe. */
export interface KnnCandidate {
  /** Neighbours that vote. */
  readonly k: number
  readonly scaling: Scaling
}

export interface ScoredCandidate extends KnnCandidate {
  readonly score: Figure
}

/** The mean of figures, or the reason of the first that is undefined; at least one. */
export function meanFigure(figures: readonly Figure[]): Figure {
  let sum = 0
  for (const figure of figures) {
    if (figure.kind === 'undefined') return figure
    sum += figure.value
  }
  return { kind: 'value', value: sum / figures.length }
}

/**
 * The candidate with the best score, ties to fewer neighbours, then to the first of SCALINGS; candidates without a score
 * are passed over. Undefined where none has one, with the reason of the first.
 */
export function chooseCandidate(
  candidates: readonly ScoredCandidate[],
  maximize: boolean,
): { kind: 'chosen'; candidate: ScoredCandidate } | { kind: 'undefined'; reason: string } {
  let best: { candidate: ScoredCandidate; value: number } | undefined
  let reason = 'there are no candidates'
  const inOrder = candidates.toSorted(
    (x, y) => x.k - y.k || SCALINGS.indexOf(x.scaling) - SCALINGS.indexOf(y.scaling),
  )
  for (const candidate of inOrder.toReversed()) {
    const { score } = candidate
    if (score.kind === 'undefined') {
      reason = score.reason
      continue
    }
    // In reverse, so that of equal scores the first in order stays.
    const better = best === undefined || (maximize ? score.value >= best.value : score.value <= best.value)
    if (better) best = { candidate, value: score.value }
  }
  return best === undefined ? { kind: 'undefined', reason } : { kind: 'chosen', candidate: best.candidate }
}
