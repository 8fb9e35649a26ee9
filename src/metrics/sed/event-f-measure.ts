/** The engine of the event-based F-measures; they differ only in their collars. */
import { type EventMetric, type EventsByClip, type Prepared, totalWeight } from '../metric.js'
import { indexLabels, listEvents } from './event-list.js'
import { fMeasure } from './f-measure.js'
import { countMatches, type EventCollars, matchEvents } from './match-events.js'

/**
 * F-measure, precision and recall over the events of all scored clips together (micro average).
 *
 * `value` is the F-measure; `parts` has f_measure, precision and recall where defined, and the counts reference,
 * predicted and matched. Without reference events or without predicted events the F-measure is undefined; with both and no
 * match it is 0. Labels outside the vocabulary are counted like any other, as sed_eval does. Throws HearError as
 * listEvents does.
 *
 * Source: heareval 8559649, heareval/score.py, EventBasedScore; sed_eval 0.2.1, EventBasedMetrics, overall.
 */
export function eventFMeasure(id: string, collars: EventCollars): EventMetric {
  return {
    id,
    kind: 'event',
    maximize: true,
    range: [0, 1],
    parts: ['f_measure', 'precision', 'recall'],
    prepareTargets(targets, labels) {
      const index = indexLabels(labels)
      const references = new Map(
        Array.from(targets, ([clip, events]) => [clip, listEvents(events, clip, index)] as const),
      )
      const none = listEvents([], '', index)
      return {
        prepare(predictions: EventsByClip): Prepared {
          const unitNames = [...predictions.keys()]
          const reference = new Int32Array(unitNames.length)
          const predicted = new Int32Array(unitNames.length)
          const matched = new Int32Array(unitNames.length)
          for (const [unit, clip] of unitNames.entries()) {
            const referenceList = references.get(clip) ?? none
            const predictedList = listEvents(predictions.get(clip)!, clip, index)
            reference[unit] = referenceList.label.length
            predicted[unit] = predictedList.label.length
            matched[unit] = countMatches(matchEvents(referenceList, predictedList, collars))
          }
          return prepareCounts(unitNames, reference, predicted, matched)
        },
      }
    },
  }
}

function prepareCounts(
  unitNames: readonly string[],
  reference: Int32Array,
  predicted: Int32Array,
  matched: Int32Array,
): Prepared {
  const units = unitNames.length
  return {
    units,
    unitNames,
    evaluate(weights) {
      totalWeight(weights, units)
      const counts = { reference: 0, predicted: 0, matched: 0 }
      for (let unit = 0; unit < units; unit++) {
        const weight = weights ? weights[unit] : 1
        counts.reference += weight * reference[unit]
        counts.predicted += weight * predicted[unit]
        counts.matched += weight * matched[unit]
      }
      const { figure, parts } = fMeasure(counts)
      if (figure.kind === 'value') return { ...figure, parts: { ...parts, ...counts } }
      return { ...figure, hear2021: Number.NaN, parts: { ...parts, ...counts } }
    },
  }
}
