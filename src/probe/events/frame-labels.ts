import { HearError } from '../../base/errors.js'
import { type ClipEvent, EVENT_END_SLACK_MS } from '../../store/clip-labels.js'

/**
 * The labels active at every timestamp of every clip: those of the events with start <= t < end + 0.0001 ms.
 * Two events of one label that overlap name it twice; the very same event given twice counts once.
 *
 * @param eventsOfClips the events of each clip.
 * @param timestampsMsOfClips the timestamps of each clip, in any order; equal ones are allowed.
 * @returns [clips][timestamps] the labels, in the order of the events.
 * @throws HearError when the two differ in length, or an event ends 0.0001 ms or more before it starts.
 * Source: heareval 2021.1.3, heareval/embeddings/task_embeddings.py, get_labels_for_timestamps.
 * *Differs*: heareval's order of the labels within a timestamp is that of a Python set, hence arbitrary.
 */
export function getLabelsForTimestamps(
  eventsOfClips: readonly (readonly ClipEvent[])[],
  timestampsMsOfClips: readonly ArrayLike<number>[],
): string[][][] {
  if (eventsOfClips.length !== timestampsMsOfClips.length)
    throw new HearError(
      'probe/clip-count',
      `Events of ${eventsOfClips.length} clips came with timestamps of ${timestampsMsOfClips.length} clips; expected as many.`,
      { hint: 'Give one list of timestamps per clip.' },
    )
  return eventsOfClips.map((events, i) => {
    const labels: string[][] = Array.from(timestampsMsOfClips[i], () => [])
    visitActiveFrames(distinct(events), timestampsMsOfClips[i], (frame, { label }) =>
      labels[frame].push(label),
    )
    return labels
  })
}

/**
 * Marks the classes active at every frame of a clip with 1.
 *
 * @param classOf index of a label.
 * @param hot [frames, classes], row-major, zero where nothing was marked; written from `firstRow` on.
 */
export function markActiveFrames(
  events: readonly ClipEvent[],
  timestampsMs: ArrayLike<number>,
  classOf: (label: string) => number,
  hot: { readonly data: Uint8Array; readonly classes: number; readonly firstRow: number },
): void {
  visitActiveFrames(events, timestampsMs, (frame, event) => {
    hot.data[(hot.firstRow + frame) * hot.classes + classOf(event.label)] = 1
  })
}

function visitActiveFrames(
  events: readonly ClipEvent[],
  timestampsMs: ArrayLike<number>,
  visit: (frame: number, event: ClipEvent) => void,
): void {
  const ascending = isAscending(timestampsMs)
  for (const event of events) {
    const endMs = event.end + EVENT_END_SLACK_MS
    if (event.start >= endMs)
      throw new HearError(
        'probe/reversed-event',
        `The event "${event.label}" starts at ${event.start} ms and ends at ${event.end} ms; expected an end after the start.`,
        { hint: 'Correct the event in <split>.json.' },
      )
    const from = ascending ? firstAtOrAfter(timestampsMs, event.start) : 0
    for (let frame = from; frame < timestampsMs.length; frame++) {
      const t = timestampsMs[frame]
      if (t >= event.start && t < endMs) visit(frame, event)
      else if (ascending) break
    }
  }
}

/** heareval keeps events in a set of (start, end, label), where equal ones are one. */
function distinct(events: readonly ClipEvent[]): ClipEvent[] {
  const seen = new Map(events.map((event) => [JSON.stringify([event.start, event.end, event.label]), event]))
  return [...seen.values()]
}

function isAscending(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) return false
  return true
}

/** Index of the first value at or above `limit` in ascending values; their number if there is none. */
function firstAtOrAfter(values: ArrayLike<number>, limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle] < limit) low = middle + 1
    else high = middle
  }
  return low
}
