import type { Event, EventsByClip } from '../metric.js'
import { indexLabels, listEvents } from './event-list.js'
import { type EventCollars, matchEvents, UNMATCHED } from './match-events.js'

interface EventTimes {
  readonly startMs: number
  readonly endMs: number
}

/** One reference event with its prediction, without one (a miss), or a prediction without a reference. */
export type EventMatch = { readonly clip: string; readonly label: string } & (
  | { readonly outcome: 'hit'; readonly reference: EventTimes; readonly predicted: EventTimes }
  | { readonly outcome: 'miss'; readonly reference: EventTimes }
  | { readonly outcome: 'false alarm'; readonly predicted: EventTimes }
)

/**
 * What became of each event under a metric's collars: hits, misses and false alarms, clip by clip in the order of
 * `predictions`, within a clip by time (of the reference where there is one).
 *
 * Only clips that are keys of `predictions` appear. The number of hits is the metric's; where several maximum matchings
 * exist, which pairs are shown is arbitrary but the same each time. Throws HearError as listEvents does.
 */
export function eventMatches(
  targets: EventsByClip,
  predictions: EventsByClip,
  collars: EventCollars,
): EventMatch[] {
  const index = indexLabels([])
  const matches: EventMatch[] = []
  for (const [clip, predicted] of predictions) {
    const reference = targets.get(clip) ?? []
    const referenceList = listEvents(reference, clip, index)
    const predictedList = listEvents(predicted, clip, index)
    const partner = matchEvents(referenceList, predictedList, collars)
    const used = new Set<number>()
    const ofClip: EventMatch[] = []
    for (let r = 0; r < partner.length; r++) {
      const event = reference[referenceList.source[r]]
      const ofEvent = { clip, label: event.label, reference: times(event) }
      if (partner[r] === UNMATCHED) ofClip.push({ ...ofEvent, outcome: 'miss' })
      else {
        used.add(partner[r])
        const hit = predicted[predictedList.source[partner[r]]]
        ofClip.push({ ...ofEvent, outcome: 'hit', predicted: times(hit) })
      }
    }
    for (let p = 0; p < predicted.length; p++)
      if (!used.has(p)) {
        const event = predicted[predictedList.source[p]]
        ofClip.push({ clip, label: event.label, outcome: 'false alarm', predicted: times(event) })
      }
    matches.push(...ofClip.sort((a, b) => startOf(a) - startOf(b)))
  }
  return matches
}

function times(event: Event): EventTimes {
  return { startMs: event.start, endMs: event.end }
}

function startOf(match: EventMatch): number {
  return match.outcome === 'false alarm' ? match.predicted.startMs : match.reference.startMs
}
