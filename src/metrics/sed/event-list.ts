/**
 * The events of a clip as columns, sorted by label and onset: the form in which event metrics compare them.
 */
import { HearError } from '../../base/errors.js'
import type { Event } from '../metric.js'

export interface EventList {
  /** [events] index of the label in a LabelIndex; ascending. */
  readonly label: Int32Array
  /** [events] ascending within a label. */
  readonly onsetSec: Float64Array
  readonly offsetSec: Float64Array
  /** [events] place of the event in the list it came from. */
  readonly source: Int32Array
}

/** Label to index, dense from 0. Labels outside the vocabulary get the next index when they are met. */
export type LabelIndex = Map<string, number>

/** The vocabulary as an index; a label that is there twice counts once. */
export function indexLabels(labels: readonly string[]): LabelIndex {
  const index: LabelIndex = new Map()
  for (const label of labels) if (!index.has(label)) index.set(label, index.size)
  return index
}

/** Milliseconds, as task folders hold times, to the seconds in which collars and segments are compared. */
export function secondsOf(timeMs: number): number {
  return timeMs / 1000
}

/**
 * Columns of the events of one clip, sorted by label, then onset, then place in the list.
 *
 * Negative times and events that end before they start pass, as in sed_eval. Throws HearError
 * `metrics/event-time` for a time that is not a finite number. Labels unknown to `index` are added to it.
 */
export function listEvents(events: readonly Event[], clip: string, index: LabelIndex): EventList {
  const count = events.length
  const unsorted = new Int32Array(count)
  const source = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const { label, start, end } = events[i]
    if (!Number.isFinite(start) || !Number.isFinite(end)) refuseTimes(events[i], clip)
    let id = index.get(label)
    if (id === undefined) {
      id = index.size
      index.set(label, id)
    }
    unsorted[i] = id
    source[i] = i
  }
  source.sort((a, b) => unsorted[a] - unsorted[b] || events[a].start - events[b].start || a - b)
  const label = new Int32Array(count)
  const onsetSec = new Float64Array(count)
  const offsetSec = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const event = events[source[i]]
    label[i] = unsorted[source[i]]
    onsetSec[i] = secondsOf(event.start)
    offsetSec[i] = secondsOf(event.end)
  }
  return { label, onsetSec, offsetSec, source }
}

function refuseTimes(event: Event, clip: string): never {
  throw new HearError(
    'metrics/event-time',
    `Expected finite times in milliseconds for the events of ${clip}, found ${event.label} from ${event.start} to ${event.end}.`,
    { hint: 'Give start and end of every event in milliseconds from the start of the clip.' },
  )
}
