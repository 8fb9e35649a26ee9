import { expect, test } from 'vitest'
import { METRICS } from '../src/metrics/registry.js'
import { EVENT_METRICS, SCENE_METRICS } from '../src/tasks/task-conflicts.js'

test('tasks may name every metric that there is, and no other', () => {
  const ids = (kind: 'clip' | 'event') => METRICS.filter((metric) => metric.kind === kind).map(({ id }) => id)
  expect([...SCENE_METRICS].sort()).toEqual(ids('clip').sort())
  expect([...EVENT_METRICS].sort()).toEqual(ids('event').sort())
})
