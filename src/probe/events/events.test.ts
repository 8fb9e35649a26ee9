import { describe, expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import type { Event } from '../../metrics/metric.js'
import { type EventPostprocessing, eventsOfClip } from './frame-events.js'
import {
  choosePostprocessing,
  eventsOfSplit,
  hearevalPostprocessing,
  planPostprocessing,
} from './postprocessing.js'

type Matrix = (number | string)[][]
interface ClipInput {
  timestamps: number[]
  predictions: Matrix
  idx_to_label: string[]
  params: { median_filter_ms?: number; min_duration?: number; threshold?: number }
}
interface Outcome<T> {
  value?: T
  error?: { message: string }
}

/** heareval keys frames by timestamp and sorts them: the last of two frames at one time stays. */
function sortedFrames(timestamps: number[], predictions: Matrix) {
  const byTime = new Map(timestamps.map((t, i) => [t, predictions[i].map(Number)]))
  const times = [...byTime.keys()].sort((a, b) => a - b)
  const probabilities = Float32Array.from(times.flatMap((t) => byTime.get(t) as number[]))
  return { times, probabilities }
}

describe('events of a clip', () => {
  test.each(
    fixtureCases<ClipInput, Outcome<Event[]>>('heareval/create_events_from_prediction').map(
      (one) => [one.id, one] as const,
    ),
  )('equal heareval’s: %s', (_, { input, expected }) => {
    const { times, probabilities } = sortedFrames(input.timestamps, input.predictions)
    const postprocessing: EventPostprocessing = {
      medianFilterMs: input.params.median_filter_ms ?? 150,
      minDurationMs: input.params.min_duration ?? 60,
    }
    const labels = input.idx_to_label
    const frames = { probabilities, stride: labels.length, timestampsMs: times }
    const make = () => eventsOfClip(frames, labels, postprocessing, input.params.threshold)
    if (expected.error) expect(make).toThrow('Expected at least 2 frames')
    else expect(make()).toEqual(expected.value)
  })
})

test('the median by counting equals the median by sorting, at every width', () => {
  const labels = ['a']
  for (let frames = 2; frames < 12; frames++)
    for (let pattern = 0; pattern < 200; pattern++) {
      const x = Array.from(
        { length: frames },
        (_, t) => ((pattern * 7919 + t * 104729 + ((pattern * t) % 13)) % 97) / 96,
      )
      for (let width = 1; width <= 15; width++) {
        const reflected = (t: number) => {
          let k = t
          while (k < 0 || k >= frames) k = k < 0 ? -1 - k : 2 * frames - 1 - k
          return x[k]
        }
        const median = x.map((_, t) => {
          const window = Array.from({ length: width }, (_, k) => reflected(t - (width >> 1) + k))
          return window.sort((a, b) => a - b)[width >> 1]
        })
        const timestampsMs = x.map((_, t) => t)
        const make = (values: number[], medianFilterMs: number) =>
          eventsOfClip({ probabilities: Float32Array.from(values), stride: 1, timestampsMs }, labels, {
            medianFilterMs,
            minDurationMs: 0,
          })
        expect(make(x, width), `${x} at width ${width}`).toEqual(make(median, 0))
      }
    }
})

test('events of all clips equal heareval’s for every post-processing, in its order', () => {
  interface Input {
    predictions: Matrix
    filenames: string[]
    timestamps: number[]
    idx_to_label: string[]
    postprocessing_grid: Record<string, number[]>
    postprocessing: [string, number][] | null
  }
  type Value = [[string, number][], Record<string, Event[]>][]
  for (const { id, input, expected } of fixtureCases<Input, Outcome<Value>>(
    'heareval/get_events_for_all_files',
  )) {
    const rowsOf = new Map<string, number[]>()
    input.filenames.forEach((name, row) => {
      const clip = name.slice(name.lastIndexOf('/') + 1)
      rowsOf.set(clip, [...(rowsOf.get(clip) ?? []), row])
    })
    const sorted = [...rowsOf.values()].map((rows) =>
      sortedFrames(
        rows.map((r) => input.timestamps[r]),
        rows.map((r) => input.predictions[r]),
      ),
    )
    let start = 0
    const split = {
      probabilities: Float32Array.from(sorted.flatMap((clip) => [...clip.probabilities])),
      stride: input.idx_to_label.length,
      timestampsMs: Float64Array.from(sorted.flatMap((clip) => clip.times)),
      clipStarts: Int32Array.from([0, ...sorted.map((clip) => (start += clip.times.length))]),
      clips: [...rowsOf.keys()],
    }
    const candidates = input.postprocessing
      ? planPostprocessing(Object.fromEntries(input.postprocessing.map(([name, value]) => [name, [value]])))
      : planPostprocessing(input.postprocessing_grid)
    const value = candidates.map((candidate) => [
      hearevalPostprocessing(candidate),
      Object.fromEntries(eventsOfSplit(split, input.idx_to_label, candidate)),
    ])
    expect(value, id).toEqual(expected.value)
  }
})

test('ties go to the larger post-processing, and an undefined score counts as 0', () => {
  const candidates = planPostprocessing({ median_filter_ms: [100, 250], min_duration: [0, 125] })
  expect(choosePostprocessing([0.5, 0.5, 0.5, 0.5], candidates)).toBe(3)
  expect(choosePostprocessing([0.5, 0.6, 0.5, 0.5], candidates)).toBe(1)
  expect(choosePostprocessing([Number.NaN, 0, Number.NaN, -1], candidates)).toBe(2)
  expect(() => planPostprocessing({ median_filter_ms: [250] })).toThrow('expected lists of milliseconds')
  expect(() => planPostprocessing({ median_filter_ms: [250], min_duration: ['long'] })).toThrow('"long"')
})
