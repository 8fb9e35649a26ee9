import { eventFMeasure } from './event-f-measure.js'
import type { EventCollars } from './match-events.js'

/** The onset may be 50 ms off, the offset 50 ms or 20 % of the reference's length, whichever is more. */
export const EVENT_ONSET_OFFSET_50MS_20PERC: EventCollars = {
  onsetCollarSec: 0.05,
  offset: { collarSec: 0.05, shareOfLength: 0.2 },
}

/** Event-based F-measure over onsets and offsets (see eventFMeasure). */
export const eventOnsetOffset50ms20percFms = eventFMeasure(
  'event_onset_offset_50ms_20perc_fms',
  EVENT_ONSET_OFFSET_50MS_20PERC,
)
