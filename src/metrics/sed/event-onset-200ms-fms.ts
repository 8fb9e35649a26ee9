import { eventFMeasure } from './event-f-measure.js'
import type { EventCollars } from './match-events.js'

/** The onset may be 200 ms early or late; offsets are not judged. */
export const EVENT_ONSET_200MS: EventCollars = { onsetCollarSec: 0.2 }

/** Event-based F-measure with a 200 ms onset collar (see eventFMeasure). */
export const eventOnset200msFms = eventFMeasure('event_onset_200ms_fms', EVENT_ONSET_200MS)
