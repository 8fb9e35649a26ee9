import { describe, expect, it } from 'vitest'
import { hearevalCases } from '../../../test/heareval-cases.js'
import type { Event, EventsByClip } from '../metric.js'
import { eventMetricById } from '../registry.js'
import { eventMatches } from './event-matches.js'
import { EVENT_ONSET_50MS } from './event-onset-50ms-fms.js'
import { EVENT_ONSET_200MS } from './event-onset-200ms-fms.js'
import { EVENT_ONSET_OFFSET_50MS_20PERC } from './event-onset-offset-50ms-20perc-fms.js'
import { perLabelOfEvents } from './per-label.js'

const COLLARS = {
  event_onset_200ms_fms: EVENT_ONSET_200MS,
  event_onset_50ms_fms: EVENT_ONSET_50MS,
  event_onset_offset_50ms_20perc_fms: EVENT_ONSET_OFFSET_50MS_20PERC,
}

interface Input {
  predictions: Record<string, Event[]>
  targets: Record<string, Event[]>
  labels: string[]
}

const typed = (events: Record<string, Event[]>): EventsByClip => new Map(Object.entries(events))

describe.each(Object.entries(COLLARS))('%s', (id, collars) => {
  const cases = hearevalCases<Input>(id)

  it('shows as many hits, misses and false alarms as the metric counts, in all recorded cases', () => {
    expect(cases.length).toBeGreaterThan(0)
    for (const { input } of cases) {
      const [targets, predictions] = [typed(input.targets), typed(input.predictions)]
      const { parts } = eventMetricById(id)
        .prepareTargets(targets, input.labels)
        .prepare(predictions)
        .evaluate()
      const { reference, predicted, matched } = parts!
      const matches = eventMatches(targets, predictions, collars)
      const count = (outcome: string) => matches.filter((match) => match.outcome === outcome).length
      expect([count('hit'), count('miss'), count('false alarm')]).toEqual([
        matched,
        reference - matched,
        predicted - matched,
      ])
    }
  })

  it('splits by label into counts that add up to the metric, in all recorded cases', () => {
    expect(cases.length).toBeGreaterThan(0)
    for (const { input } of cases) {
      const [targets, predictions] = [typed(input.targets), typed(input.predictions)]
      const { parts } = eventMetricById(id)
        .prepareTargets(targets, input.labels)
        .prepare(predictions)
        .evaluate()
      const byLabel = perLabelOfEvents(targets, predictions, input.labels, collars)
      for (const name of ['reference', 'predicted', 'matched'] as const)
        expect(byLabel.reduce((sum, figures) => sum + figures[name], 0)).toBe(parts![name])
      expect(byLabel.slice(0, input.labels.length).map(({ label }) => label)).toEqual(input.labels)
    }
  })
})

describe('eventMatches', () => {
  it('lists the events of a clip by time, with the times of both sides', () => {
    const targets = typed({
      'a.wav': [
        { label: 'dog', start: 1000, end: 1500 },
        { label: 'cat', start: 0, end: 100 },
      ],
      'not predicted.wav': [{ label: 'dog', start: 0, end: 1 }],
    })
    const predictions = typed({
      'a.wav': [
        { label: 'dog', start: 1040, end: 1700 },
        { label: 'dog', start: 500, end: 600 },
      ],
    })
    expect(eventMatches(targets, predictions, EVENT_ONSET_50MS)).toEqual([
      { clip: 'a.wav', label: 'cat', outcome: 'miss', reference: { startMs: 0, endMs: 100 } },
      { clip: 'a.wav', label: 'dog', outcome: 'false alarm', predicted: { startMs: 500, endMs: 600 } },
      {
        clip: 'a.wav',
        label: 'dog',
        outcome: 'hit',
        reference: { startMs: 1000, endMs: 1500 },
        predicted: { startMs: 1040, endMs: 1700 },
      },
    ])
  })
})

describe('perLabelOfEvents', () => {
  it('gives figures where they are defined and reasons elsewhere, unknown labels last', () => {
    const targets = typed({ 'a.wav': [{ label: 'dog', start: 0, end: 100 }] })
    const predictions = typed({
      'a.wav': [
        { label: 'dog', start: 10, end: 100 },
        { label: 'dog', start: 900, end: 950 },
        { label: 'bat', start: 0, end: 100 },
      ],
    })
    expect(perLabelOfEvents(targets, predictions, ['cat', 'dog'], EVENT_ONSET_50MS)).toEqual([
      {
        label: 'cat',
        reference: 0,
        predicted: 0,
        matched: 0,
        fMeasure: { kind: 'undefined', reason: 'there are no reference events and no predicted events' },
        precision: { kind: 'undefined', reason: 'there are no predicted events' },
        recall: { kind: 'undefined', reason: 'there are no reference events' },
      },
      {
        label: 'dog',
        reference: 1,
        predicted: 2,
        matched: 1,
        fMeasure: { kind: 'value', value: 2 / 3 },
        precision: { kind: 'value', value: 0.5 },
        recall: { kind: 'value', value: 1 },
      },
      {
        label: 'bat',
        reference: 0,
        predicted: 1,
        matched: 0,
        fMeasure: { kind: 'undefined', reason: 'there are no reference events' },
        precision: { kind: 'value', value: 0 },
        recall: { kind: 'undefined', reason: 'there are no reference events' },
      },
    ])
  })
})
