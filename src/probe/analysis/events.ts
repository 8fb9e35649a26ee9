import type { Event, EventsByClip } from '../../metrics/metric.js'
import { type EventMatch, eventMatches } from '../../metrics/sed/event-matches.js'
import { EVENT_ONSET_50MS } from '../../metrics/sed/event-onset-50ms-fms.js'
import { EVENT_ONSET_200MS } from '../../metrics/sed/event-onset-200ms-fms.js'
import { EVENT_ONSET_OFFSET_50MS_20PERC } from '../../metrics/sed/event-onset-offset-50ms-20perc-fms.js'
import { fMeasure } from '../../metrics/sed/f-measure.js'
import type { EventCollars } from '../../metrics/sed/match-events.js'
import { perLabelOfEvents } from '../../metrics/sed/per-label.js'
import { type EventPrediction, jsonFigure } from './probe-runs.js'
import type { EventAnalysis, EventClip, JsonFigure, JudgedEvent } from './task-analysis.js'

const COLLARS_OF: Readonly<Record<string, EventCollars>> = {
  event_onset_200ms_fms: EVENT_ONSET_200MS,
  event_onset_50ms_fms: EVENT_ONSET_50MS,
  event_onset_offset_50ms_20perc_fms: EVENT_ONSET_OFFSET_50MS_20PERC,
}

/** Whose collars stand in where the primary metric, as segment_1s_er, does not match events one to one. */
const STAND_IN = 'event_onset_200ms_fms'

/**
 * What became of every event, under the collars of the primary metric: counts and figures of every label, and each
 * clip's hits, misses and false alarms, over all folds and seeds together. Times are in milliseconds.
 *
 * Under a primary metric without collars (segment_1s_er) those of event_onset_200ms_fms are taken, and `collars` says
 * so. Undefined figures as in fMeasure. Clips come by the number of their misses and false alarms, then in the order of
 * `predictions`.
 * @throws HearError `metrics/event-time` for a time that is not finite.
 */
export function analyseEvents(
  classes: readonly string[],
  primaryMetric: string,
  predictions: readonly EventPrediction[],
): EventAnalysis {
  const metric = Object.hasOwn(COLLARS_OF, primaryMetric) ? primaryMetric : STAND_IN
  const collars = COLLARS_OF[metric]
  const clips = predictions.map((prediction) => judgeClip(prediction, collars))
  const perClass = perLabelOfEvents(
    numbered(predictions.map(({ labels }) => labels)),
    numbered(predictions.map(({ events }) => events)),
    classes,
    collars,
  ).map(({ label, reference, predicted, matched, ...figures }) => ({
    label,
    ...countsOf(reference, predicted, matched),
    fMeasure: jsonFigure(figures.fMeasure),
    precision: jsonFigure(figures.precision),
    recall: jsonFigure(figures.recall),
  }))
  return {
    kind: 'events',
    collars: {
      metric,
      insteadOf: metric === primaryMetric ? null : primaryMetric,
      onsetMs: milliseconds(collars.onsetCollarSec),
      offset: collars.offset
        ? { collarMs: milliseconds(collars.offset.collarSec), shareOfLength: collars.offset.shareOfLength }
        : null,
    },
    total: totalOf(clips),
    perClass,
    clips: clips.sort((a, b) => b.misses + b.falseAlarms - a.misses - a.falseAlarms),
  }
}

/** Keyed by place, since a clip is there once for each probe that tested it. */
function numbered(lists: readonly (readonly Event[])[]): EventsByClip {
  return new Map(lists.map((events, i) => [String(i), events]))
}

function judgeClip({ clip, split, seed, labels, events }: EventPrediction, collars: EventCollars): EventClip {
  const matches = eventMatches(new Map([[clip, labels]]), new Map([[clip, events]]), collars)
  const count = (outcome: EventMatch['outcome']) =>
    matches.filter((match) => match.outcome === outcome).length
  return {
    clip,
    split,
    seed: seed ?? null,
    hits: count('hit'),
    misses: count('miss'),
    falseAlarms: count('false alarm'),
    events: matches.map(({ clip: _, ...event }): JudgedEvent => event),
  }
}

function countsOf(reference: number, predicted: number, hits: number) {
  return { reference, predicted, hits, misses: reference - hits, falseAlarms: predicted - hits }
}

function totalOf(clips: readonly EventClip[]): EventAnalysis['total'] {
  const sum = (of: (clip: EventClip) => number) => clips.reduce((total, clip) => total + of(clip), 0)
  const hits = sum((clip) => clip.hits)
  const reference = hits + sum((clip) => clip.misses)
  const predicted = hits + sum((clip) => clip.falseAlarms)
  const { figure, parts } = fMeasure({ reference, predicted, matched: hits })
  return {
    ...countsOf(reference, predicted, hits),
    fMeasure: jsonFigure(figure),
    precision: partOr(parts.precision, 'there are no predicted events'),
    recall: partOr(parts.recall, 'there are no reference events'),
  }
}

function partOr(value: number | undefined, reason: string): JsonFigure {
  return value ?? { undefined: reason }
}

function milliseconds(sec: number): number {
  return sec * 1000
}
