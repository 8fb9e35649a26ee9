import { describe, expect, it } from 'vitest'
import { analyseEvents } from './events.js'
import type { EventPrediction } from './probe-runs.js'

const event = (label: string, start: number, end: number) => ({ label, start, end })
const PREDICTIONS: EventPrediction[] = [
  { clip: 'clean', split: 'test', labels: [event('dog', 0, 500)], events: [event('dog', 30, 900)] },
  {
    clip: 'busy',
    split: 'test',
    seed: 7,
    labels: [event('dog', 1000, 1500), event('cat', 2000, 2500)],
    events: [event('dog', 1150, 1500), event('dog', 3000, 3100), event('owl', 10, 20)],
  },
]

describe('analyseEvents', () => {
  it('says what became of every event, the clip with most errors first', () => {
    const analysis = analyseEvents(['cat', 'dog'], 'event_onset_200ms_fms', PREDICTIONS)
    expect(analysis.collars).toEqual({
      metric: 'event_onset_200ms_fms',
      insteadOf: null,
      onsetMs: 200,
      offset: null,
    })
    expect(analysis.clips).toEqual([
      {
        clip: 'busy',
        split: 'test',
        seed: 7,
        hits: 1,
        misses: 1,
        falseAlarms: 2,
        events: [
          { outcome: 'false alarm', label: 'owl', predicted: { startMs: 10, endMs: 20 } },
          {
            outcome: 'hit',
            label: 'dog',
            reference: { startMs: 1000, endMs: 1500 },
            predicted: { startMs: 1150, endMs: 1500 },
          },
          { outcome: 'miss', label: 'cat', reference: { startMs: 2000, endMs: 2500 } },
          { outcome: 'false alarm', label: 'dog', predicted: { startMs: 3000, endMs: 3100 } },
        ],
      },
      {
        clip: 'clean',
        split: 'test',
        seed: null,
        hits: 1,
        misses: 0,
        falseAlarms: 0,
        events: [
          {
            outcome: 'hit',
            label: 'dog',
            reference: { startMs: 0, endMs: 500 },
            predicted: { startMs: 30, endMs: 900 },
          },
        ],
      },
    ])
    expect(analysis.total).toEqual({
      reference: 3,
      predicted: 4,
      hits: 2,
      misses: 1,
      falseAlarms: 2,
      fMeasure: expect.closeTo(4 / 7, 12),
      precision: 0.5,
      recall: 2 / 3,
    })
    expect(
      analysis.perClass.map(({ label, hits, misses, falseAlarms }) => [label, hits, misses, falseAlarms]),
    ).toEqual([
      ['cat', 0, 1, 0],
      ['dog', 2, 0, 1],
      ['owl', 0, 0, 1],
    ])
    expect(analysis.perClass[0].precision).toEqual({ undefined: 'there are no predicted events' })
  })

  it('judges by the collars of the primary metric', () => {
    const hits = (metric: string) => analyseEvents(['cat', 'dog'], metric, PREDICTIONS).total.hits
    expect(hits('event_onset_50ms_fms')).toBe(1)
    expect(hits('event_onset_offset_50ms_20perc_fms')).toBe(0)
    expect(analyseEvents(['dog'], 'event_onset_offset_50ms_20perc_fms', PREDICTIONS).collars).toEqual({
      metric: 'event_onset_offset_50ms_20perc_fms',
      insteadOf: null,
      onsetMs: 50,
      offset: { collarMs: 50, shareOfLength: 0.2 },
    })
  })

  it('takes the collars of 200 ms where the primary metric has none, and says so', () => {
    const { collars, total } = analyseEvents(['cat', 'dog'], 'segment_1s_er', PREDICTIONS)
    expect(collars).toMatchObject({
      metric: 'event_onset_200ms_fms',
      insteadOf: 'segment_1s_er',
      onsetMs: 200,
    })
    expect(total.hits).toBe(2)
  })

  it('counts a clip once for each probe that tested it', () => {
    const [clean] = PREDICTIONS
    const { total, clips, perClass } = analyseEvents(['dog'], 'event_onset_200ms_fms', [
      { ...clean, seed: 1 },
      { ...clean, seed: 2, events: [] },
    ])
    expect([total.hits, total.misses, clips.length]).toEqual([1, 1, 2])
    expect(perClass[0]).toMatchObject({ label: 'dog', hits: 1, misses: 1, recall: 0.5 })
  })

  it('has reasons instead of figures where there are no events', () => {
    const nothing = { clip: 'a', split: 'test', labels: [], events: [] }
    expect(analyseEvents(['dog'], 'event_onset_200ms_fms', [nothing]).total).toMatchObject({
      fMeasure: { undefined: 'there are no reference events and no predicted events' },
      precision: { undefined: 'there are no predicted events' },
      recall: { undefined: 'there are no reference events' },
    })
  })
})
