import type { Figure } from '../metric.js'

/** How many events (or active segments) there are, were predicted, and are in both. */
export interface MatchCounts {
  reference: number
  predicted: number
  matched: number
}

/**
 * The harmonic mean of precision and recall; `parts` has f_measure, precision and recall, each where it is defined:
 * precision with anything predicted, recall with any reference, F-measure with both. No match at all is 0.
 *
 * Source: sed_eval 0.2.1, metric.py (its NaN is a missing part here).
 */
export function fMeasure(counts: MatchCounts): { figure: Figure; parts: Record<string, number> } {
  const parts: Record<string, number> = {}
  if (counts.predicted > 0) parts.precision = counts.matched / counts.predicted
  if (counts.reference > 0) parts.recall = counts.matched / counts.reference
  const missing = [
    ...(counts.reference > 0 ? [] : ['no reference events']),
    ...(counts.predicted > 0 ? [] : ['no predicted events']),
  ]
  if (missing.length > 0)
    return { figure: { kind: 'undefined', reason: `there are ${missing.join(' and ')}` }, parts }
  const { precision, recall } = parts
  // In this order of operations: another one differs from sed_eval in the last bit.
  const value = precision === 0 && recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { figure: { kind: 'value', value }, parts: { f_measure: value, ...parts } }
}
