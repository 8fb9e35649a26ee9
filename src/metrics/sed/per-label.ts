import type { EventsByClip, Figure } from '../metric.js'
import { indexLabels, type LabelIndex, listEvents } from './event-list.js'
import { fMeasure } from './f-measure.js'
import { type EventCollars, matchEvents, UNMATCHED } from './match-events.js'

export interface LabelFigures {
  readonly label: string
  readonly reference: number
  readonly predicted: number
  readonly matched: number
  readonly fMeasure: Figure
  readonly precision: Figure
  readonly recall: Figure
}

/**
 * Event-based F-measure, precision and recall of every label under a metric's collars: those of the vocabulary in its
 * order, then any others in the order met. Their counts add up to the metric's.
 *
 * Only clips that are keys of `predictions` count. Undefined as in fMeasure. Throws HearError as listEvents does.
 * Source: sed_eval 0.2.1, EventBasedMetrics, class-wise.
 */
export function perLabelOfEvents(
  targets: EventsByClip,
  predictions: EventsByClip,
  labels: readonly string[],
  collars: EventCollars,
): LabelFigures[] {
  const index: LabelIndex = indexLabels(labels)
  const counts: { reference: number; predicted: number; matched: number }[] = []
  const countOf = (label: number) => {
    while (counts.length <= label) counts.push({ reference: 0, predicted: 0, matched: 0 })
    return counts[label]
  }
  for (const [clip, events] of predictions) {
    const reference = listEvents(targets.get(clip) ?? [], clip, index)
    const predicted = listEvents(events, clip, index)
    const partner = matchEvents(reference, predicted, collars)
    for (const label of predicted.label) countOf(label).predicted++
    for (const [r, label] of reference.label.entries()) {
      countOf(label).reference++
      if (partner[r] !== UNMATCHED) countOf(label).matched++
    }
  }
  return Array.from(index, ([label, i]) => {
    const count = countOf(i)
    const { figure, parts } = fMeasure(count)
    return {
      label,
      ...count,
      fMeasure: figure,
      precision: part(parts.precision, 'there are no predicted events'),
      recall: part(parts.recall, 'there are no reference events'),
    }
  })
}

function part(value: number | undefined, reason: string): Figure {
  return value === undefined ? { kind: 'undefined', reason } : { kind: 'value', value }
}
