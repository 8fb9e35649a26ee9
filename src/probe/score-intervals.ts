import type { Prepared } from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import type { TestedFold } from './evaluation.js'
import { bootstrapInterval } from './statistics/bootstrap.js'
import type { Interval } from './statistics/recentred-interval.js'
import type { ProbeTask } from './training/split-data.js'

/**
 * The 95 % interval of the score of every metric of a task, over clips, folds and probe seeds as far as there are
 * several (see bootstrapInterval). All metrics are drawn with the same seed, so with the same clips.
 */
export function scoreIntervals(
  task: ProbeTask,
  folds: readonly TestedFold[],
  seed: number,
): Record<string, Interval> {
  const seeds = [...new Set(folds.map((fold) => fold.seed))]
  return Object.fromEntries(
    task.metrics.map((id) => {
      const runs = seeds.map((probeSeed) =>
        folds
          .filter((fold) => fold.seed === probeSeed)
          .map((fold): Prepared => {
            const prepared = fold.prepared.get(id)
            if (prepared === undefined) throw new Error(`fold ${fold.name} was not scored by ${id}`)
            return prepared
          }),
      )
      return [id, bootstrapInterval({ runs, seed: `${seed}/interval`, range: metricById(id).range })]
    }),
  )
}
