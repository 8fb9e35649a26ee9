import { dataSplitsOfTask } from './data-splits.js'
import type { EvaluationOptions, TaskEvaluation } from './evaluation.js'
import { aggregateFolds } from './fold-aggregate.js'
import { planGrid } from './grid.js'
import { rankGridPoints } from './grid-ranking.js'
import { ProbeRun, startOrder, type TimedTraining, triedPoint } from './probe-run.js'
import { scoreIntervals } from './score-intervals.js'
import type { ProbeTask } from './training/split-data.js'

/**
 * Evaluates one task under protocol `hear-2021`: the grid is searched on the first split, its winner is trained
 * anew on the others (k-fold), every split is tested by the state of its best validation. An interval over clips
 * and folds stands beside each score and changes nothing in it.
 * Source: heareval 2021.1.3 `task_predictions`.
 * @throws HearError for data that cannot be trained on; TrainingCancelled when the signal is raised.
 */
export async function evaluateHear2021(task: ProbeTask, options: EvaluationOptions): Promise<TaskEvaluation> {
  const { seed } = options
  const splits = dataSplitsOfTask({ split_mode: task.splitMode, splits: task.splitNames })
  const points = planGrid({
    grid: options.grid,
    gridPoints: options.gridPoints,
    seed,
    taskName: task.name,
    taskSpecific: task.taskSpecificGrid,
  })
  const style = { reshuffles: false, survivesUndefined: false }
  const run = new ProbeRun(task, options, style, points.length + splits.length - 1)
  try {
    const searched: TimedTraining[] = []
    await Promise.all(
      startOrder(points).map(async (i) => {
        searched[i] = await run.train(splits[0], points[i], `${seed}/grid/${i}`, 'state')
        dropLosers(searched)
      }),
    )
    const scores = searched.map(({ outcome }) => outcome.bestScore)
    const modes = searched.map(({ outcome }) => outcome.mode)
    const chosen = rankGridPoints(scores, modes)[0]
    const winner = searched[chosen]
    const rest = splits.slice(1).map(async (split, k) => {
      const trained = await run.train(split, points[chosen], `${seed}/fold/${k + 1}`, { test: split.test[0] })
      return run.test(trained, seed)
    })
    const folds = await Promise.all([run.test(winner, seed), ...rest])
    return {
      tried: searched.map(triedPoint),
      chosen,
      mode: winner.outcome.mode,
      postprocessing: winner.outcome.postprocessing,
      folds,
      aggregated: folds.length > 1 ? aggregateFolds(folds.map((fold) => fold.figures)) : undefined,
      intervals: scoreIntervals(task, folds, seed),
      gemm: winner.outcome.gemm,
    }
  } finally {
    await run.close()
  }
}

/** Forgets the state of every finished training but the best: only the winner is tested. */
function dropLosers(searched: readonly (TimedTraining | undefined)[]): void {
  const finished = searched.filter((training) => training !== undefined)
  const scores = finished.map(({ outcome }) => outcome.bestScore)
  const best = rankGridPoints(
    scores,
    finished.map(({ outcome }) => outcome.mode),
  )[0]
  for (const [i, training] of finished.entries()) if (i !== best) training.snapshot = undefined
}
