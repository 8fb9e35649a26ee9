import { expect, it } from 'vitest'
import type { Prepared } from '../metrics/metric.js'
import type { TestedFold } from './evaluation.js'
import { scoreIntervals } from './score-intervals.js'
import { bootstrapInterval } from './statistics/bootstrap.js'
import type { ProbeTask } from './training/split-data.js'

/** An accuracy over clips that are right (1) or wrong (0). */
function accuracy(right: readonly number[]): Prepared {
  return {
    units: right.length,
    unitScores: right,
    evaluate(weights) {
      const counts = weights === undefined ? right.map(() => 1) : Array.from(weights)
      const all = counts.reduce((sum, count) => sum + count, 0)
      return {
        kind: 'value',
        value: right.reduce((sum, one, i) => sum + one * counts[i], 0) / all,
        parts: {},
      }
    },
  } as Prepared
}

it('keeps intervals within the range of the metric, however few the clips', () => {
  const prepared = [accuracy([0, 0, 0, 0]), accuracy([0, 0, 0, 1]), accuracy([0, 0, 1, 1])]
  const folds = prepared.map((one, i) => ({
    name: `fold0${i}`,
    seed: 1,
    prepared: new Map([['top1_acc', one]]),
  }))
  const task = { metrics: ['top1_acc'] } as unknown as ProbeTask
  const seeds = Array.from({ length: 20 }, (_, seed) => seed)
  const lowest = seeds.map((seed) => {
    const { top1_acc: interval } = scoreIntervals(task, folds as unknown as TestedFold[], seed)
    return interval.kind === 'interval' ? interval.low : Number.NaN
  })
  expect(Math.min(...lowest)).toBe(0)
  // The recentred ends of the bootstrap do leave it.
  const unclipped = seeds.map((seed) => {
    const interval = bootstrapInterval({ runs: [prepared], seed: `${seed}/interval` })
    return interval.kind === 'interval' ? interval.low : Number.NaN
  })
  expect(Math.min(...unclipped)).toBeLessThan(0)
})
