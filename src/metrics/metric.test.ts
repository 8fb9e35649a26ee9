import { describe, expect, it } from 'vitest'
import { hear2021Parts, hear2021Value, hear2026Figure } from './metric.js'
import { metricById } from './registry.js'

describe('the two protocols', () => {
  it('agree on a value', () => {
    const result = { kind: 'value', value: 0.5 } as const
    expect(hear2021Value(result)).toBe(0.5)
    expect(hear2026Figure(result)).toEqual({ kind: 'value', value: 0.5 })
  })

  it('differ where a metric is undefined: what heareval reports, or the reason', () => {
    const result = { kind: 'undefined', reason: 'there are no rows', hear2021: Number.NaN } as const
    expect(hear2021Value(result)).toBeNaN()
    expect(hear2026Figure(result)).toEqual({ kind: 'undefined', reason: 'there are no rows' })
  })

  it('stop where heareval stops, with its message', () => {
    const error = 'ValueError: Input contains NaN.'
    const result = { kind: 'undefined', reason: 'a prediction is NaN', hear2021: { error } } as const
    expect(() => hear2021Value(result)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: The score is undefined: a prediction is NaN; heareval stops here with "ValueError: Input contains NaN.".]`,
    )
    expect(hear2026Figure(result)).toEqual({ kind: 'undefined', reason: 'a prediction is NaN' })
  })

  it('name the parts as heareval does, NaN where one is missing', () => {
    const parts = { recall: 0, reference: 3 }
    const result = { kind: 'undefined', reason: 'no predicted events', hear2021: Number.NaN, parts } as const
    expect(hear2021Parts(metricById('event_onset_200ms_fms'), result)).toEqual([
      ['f_measure', Number.NaN],
      ['precision', Number.NaN],
      ['recall', 0],
    ])
    expect(hear2021Parts(metricById('mAP'), { kind: 'value', value: 1 })).toEqual([])
  })
})
