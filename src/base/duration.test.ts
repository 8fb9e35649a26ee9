import { expect, test } from 'vitest'
import { formatDuration } from './duration.js'

test('durations read as people say them', () => {
  expect([380, 9940, 9960, 59_400, 59_600, 200_000, 7_500_000].map(formatDuration)).toEqual([
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '3 min 20 s',
    '2 h 5 min',
  ])
})
