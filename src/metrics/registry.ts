import { HearError, nearestName } from '../base/errors.js'
import { aucroc } from './aucroc.js'
import { chromaAcc } from './chroma-acc.js'
import { dPrime } from './d-prime.js'
import { meanAveragePrecision } from './mean-average-precision.js'
import type { ClipMetric, EventMetric, Metric } from './metric.js'
import { pitchAcc } from './pitch-acc.js'
import { eventOnset50msFms } from './sed/event-onset-50ms-fms.js'
import { eventOnset200msFms } from './sed/event-onset-200ms-fms.js'
import { eventOnsetOffset50ms20percFms } from './sed/event-onset-offset-50ms-20perc-fms.js'
import { segment1sEr } from './sed/segment-1s-er.js'
import { top1Acc } from './top1-acc.js'

/** Every metric of HEAR, under HEAR's own ids. */
export const METRICS: readonly Metric[] = [
  top1Acc,
  pitchAcc,
  chromaAcc,
  meanAveragePrecision,
  dPrime,
  aucroc,
  eventOnset200msFms,
  eventOnset50msFms,
  eventOnsetOffset50ms20percFms,
  segment1sEr,
]

/** The metric with this id, letter for letter. Throws HearError `metrics/unknown` for any other name. */
export function metricById(id: string): Metric {
  const metric = METRICS.find((candidate) => candidate.id === id)
  if (metric !== undefined) return metric
  const ids = METRICS.map((candidate) => candidate.id)
  const nearest = nearestName(id, ids)
  throw new HearError('metrics/unknown', `Expected one of HEAR's metrics, found "${id}".`, {
    hint: nearest === undefined ? `Use one of ${ids.join(', ')}.` : `Did you mean ${nearest}?`,
  })
}

/** As metricById, for a task whose predictions are rows of scores. Throws HearError `metrics/kind` for event metrics. */
export function clipMetricById(id: string): ClipMetric {
  const metric = metricById(id)
  if (metric.kind === 'clip') return metric
  throw new HearError(
    'metrics/kind',
    `Expected a metric over clips, found ${id}, which scores sound events.`,
    {
      hint: 'Event metrics need predicted events, which only event tasks have.',
    },
  )
}

/** As metricById, for a task whose predictions are events. Throws HearError `metrics/kind` for clip metrics. */
export function eventMetricById(id: string): EventMetric {
  const metric = metricById(id)
  if (metric.kind === 'event') return metric
  throw new HearError(
    'metrics/kind',
    `Expected a metric over sound events, found ${id}, which scores clips.`,
    {
      hint: 'Clip metrics need a row of scores for each clip, which only scene tasks have.',
    },
  )
}
