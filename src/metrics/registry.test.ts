import { describe, expect, it } from 'vitest'
import { HearError } from '../base/errors.js'
import { clipMetricById, eventMetricById, METRICS, metricById } from './registry.js'

describe('the registry of metrics', () => {
  it("has HEAR's ids letter for letter, and only the error rate is to be minimised", () => {
    expect(METRICS.map(({ id, maximize }) => (maximize ? id : `${id} (less is better)`))).toEqual([
      'top1_acc',
      'pitch_acc',
      'chroma_acc',
      'mAP',
      'd_prime',
      'aucroc',
      'event_onset_200ms_fms',
      'event_onset_50ms_fms',
      'event_onset_offset_50ms_20perc_fms',
      'segment_1s_er (less is better)',
    ])
    for (const { id } of METRICS) expect(metricById(id).id).toBe(id)
  })

  it('refuses a name that only nearly fits and says which is near', () => {
    expect(() => metricById('map')).toThrow(HearError)
    expect(() => metricById('map')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected one of HEAR's metrics, found "map".]`,
    )
    expect(hintOf(() => metricById('top1_accuracy'))).toMatchInlineSnapshot(
      `"Use one of top1_acc, pitch_acc, chroma_acc, mAP, d_prime, aucroc, event_onset_200ms_fms, event_onset_50ms_fms, event_onset_offset_50ms_20perc_fms, segment_1s_er."`,
    )
    expect(hintOf(() => metricById('map'))).toMatchInlineSnapshot(`"Did you mean mAP?"`)
  })

  it('refuses a metric of the other kind', () => {
    expect(() => clipMetricById('segment_1s_er')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected a metric over clips, found segment_1s_er, which scores sound events.]`,
    )
    expect(() => eventMetricById('mAP')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected a metric over sound events, found mAP, which scores clips.]`,
    )
  })
})

function hintOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof HearError) return error.hint
  }
  return undefined
}
