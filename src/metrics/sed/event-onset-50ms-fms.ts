import { eventFMeasure } from './event-f-measure.js'
import type { EventCollars } from './match-events.js'

/** The onset may be 50 ms early or late; offsets are not judged. */
export const EVENT_ONSET_50MS: EventCollars = { onsetCollarSec: 0.05 }

/** Event-based F-measure with a 50 ms onset collar (see eventFMeasure). */
export const eventOnset50msFms = eventFMeasure('event_onset_50ms_fms', EVENT_ONSET_50MS)
