import { expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { getLabelsForTimestamps } from './frame-labels.js'

interface Input {
  labels: { label: string | number; start: number; end: number }[][]
  timestamps: number[][]
}

test('frames are labelled as heareval labels them, whatever the order of events and timestamps', () => {
  type Expected = { value?: (string | number)[][][]; error?: object }
  for (const { id, input, expected } of fixtureCases<Input, Expected>('heareval/get_labels_for_timestamps')) {
    const events = input.labels.map((clip) => clip.map((event) => ({ ...event, label: String(event.label) })))
    // The record sorts the labels of a frame, since heareval's own order is that of a set.
    const label = () =>
      getLabelsForTimestamps(events, input.timestamps).map((clip) => clip.map((frame) => frame.sort()))
    if (expected.value === undefined)
      expect(label, id).toThrow(/expected an end after the start|expected as many/)
    else
      expect(label(), id).toEqual(expected.value.map((clip) => clip.map((frame) => frame.map(String).sort())))
  }
})

test('an event that ends before it starts is named', () => {
  expect(() => getLabelsForTimestamps([[{ label: 'slam', start: 40, end: 20 }]], [[0]])).toThrow(
    'The event "slam" starts at 40 ms and ends at 20 ms; expected an end after the start.',
  )
  expect(() => getLabelsForTimestamps([], [[0]])).toThrow(
    'Events of 0 clips came with timestamps of 1 clips; expected as many.',
  )
})
