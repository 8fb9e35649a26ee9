import { describe, expect, it } from 'vitest'
import { type HearevalCase, hearevalCases } from '../../../test/heareval-cases.js'
import { HearError } from '../../base/errors.js'
import {
  type Event,
  type EventMetric,
  type EventsByClip,
  hear2021Parts,
  type MetricResult,
} from '../metric.js'
import { eventMetricById, METRICS } from '../registry.js'

type RecordedEvents = Record<string, { label: string | number; start: number; end: number }[]>
interface Input {
  predictions: RecordedEvents
  targets: RecordedEvents
  labels: (string | number)[]
}

/** heareval turns every label into text before sed_eval sees it. */
function typed(recorded: RecordedEvents): EventsByClip {
  return new Map(
    Object.entries(recorded).map(([clip, events]) => [
      clip,
      events.map((event): Event => ({ ...event, label: String(event.label) })),
    ]),
  )
}

function score(metric: EventMetric, { predictions, targets, labels }: Input): MetricResult {
  return metric.prepareTargets(typed(targets), labels.map(String)).prepare(typed(predictions)).evaluate()
}

const eventMetrics = METRICS.filter((metric) => metric.kind === 'event')

describe.each(eventMetrics.map((metric) => metric.id))('%s', (id) => {
  const metric = eventMetricById(id)
  const cases: HearevalCase<Input>[] = hearevalCases(id)

  it.each(cases.map((c) => [c.id, c] as const))(
    'agrees with heareval to the last bit on %s',
    (_, { input, expected }) => {
      if (expected.error) {
        expect(() => score(metric, input)).toThrow(HearError)
        return
      }
      const result = score(metric, input)
      expect(hear2021Parts(metric, result)).toEqual(expected.value)
      expect(Object.values(result.parts ?? {}).every(Number.isFinite)).toBe(true)
      if (result.kind === 'value') expect(Number.isFinite(result.value)).toBe(true)
      else expect(result.reason).not.toBe('')
    },
  )
})

const clip = (...events: [label: string, start: number, end: number][]): EventsByClip =>
  new Map([['a.wav', events.map(([label, start, end]) => ({ label, start, end }))]])

describe('event metrics', () => {
  it('count what is behind the segment error rate', () => {
    const targets = clip(['dog', 0, 2000], ['cat', 1000, 3000])
    const predictions = clip(['dog', 0, 1000], ['bird', 1000, 2000], ['bird', 5000, 5500])
    const prepared = eventMetricById('segment_1s_er')
      .prepareTargets(targets, ['bird', 'cat', 'dog'])
      .prepare(predictions)
    // Second 0 is right; second 1 has one label replaced and one missing; 2 misses one; 5 has one too many.
    expect(prepared.evaluate()).toEqual({
      kind: 'value',
      value: 1,
      parts: {
        error_rate: 1,
        substitution_rate: 0.25,
        deletion_rate: 0.5,
        insertion_rate: 0.25,
        precision: 1 / 3,
        recall: 0.25,
        f_measure: expect.closeTo(2 / 7, 15),
        substitutions: 1,
        deletions: 2,
        insertions: 1,
        reference: 4,
        predicted: 3,
        matched: 1,
      },
    })
    expect(prepared.unitNames).toEqual(['a.wav'])
  })

  it('give the reason and no number where there is nothing to compare with', () => {
    expect(eventMetrics.length).toBeGreaterThan(0)
    const nothing = new Map([['a.wav', []]])
    for (const metric of eventMetrics) {
      const result = metric
        .prepareTargets(nothing, ['dog'])
        .prepare(clip(['dog', 0, 100]))
        .evaluate()
      expect(result).toMatchObject({ kind: 'undefined', reason: 'there are no reference events' })
    }
  })

  it('refuse labels outside the vocabulary where sed_eval does, with the nearest label', () => {
    const metric = eventMetricById('segment_1s_er')
    expect(() =>
      metric.prepareTargets(clip(['dgo', 0, 1]), ['dog', 'cat']),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected labels of the task's vocabulary for the events of a.wav, found "dgo".]`,
    )
  })

  it('refuse times that are not numbers or cannot be milliseconds', () => {
    const metric = eventMetricById('segment_1s_er')
    expect(() =>
      metric.prepareTargets(clip(['dog', 0, Number.NaN]), ['dog']),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected finite times in milliseconds for the events of a.wav, found dog from 0 to NaN.]`,
    )
    expect(() => metric.prepareTargets(clip(['dog', 0, 1e15]), ['dog'])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected events of a.wav to end within 1000000 segments of 1 s, found one that ends at 1000000000000 s.]`,
    )
  })
})
