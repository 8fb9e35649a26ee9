import { type DataSplit, dataSplitsOfTask } from './data-splits.js'
import type { EvaluationOptions, TaskEvaluation, TestedFold, TriedPoint } from './evaluation.js'
import { aggregateFolds } from './fold-aggregate.js'
import { type GridPoint, planGrid } from './grid.js'
import { rankGridPoints } from './grid-ranking.js'
import { TrainingProgress } from './progress.js'
import { testedFold } from './test-fold.js'
import type { ProbeTask } from './training/split-data.js'
import { TrainPool } from './training/train-pool.js'
import type { TrainingOutcome } from './training/train-probe.js'

/** A training that was timed. */
interface Timed {
  readonly outcome: TrainingOutcome
  readonly seconds: number
}

/**
 * Evaluates one task under protocol `hear-2021`: the grid is searched on the first split, its winner is trained
 * anew on the others (k-fold), every split is tested by the state of its best validation.
 * Source: heareval 2021.1.3 `task_predictions`.
 * @throws HearError for data that cannot be trained on; TrainingCancelled when the signal is raised.
 */
export async function evaluateHear2021(task: ProbeTask, options: EvaluationOptions): Promise<TaskEvaluation> {
  const splits = dataSplitsOfTask({ split_mode: task.splitMode, splits: task.splitNames })
  const points = planGrid({
    grid: options.grid,
    gridPoints: options.gridPoints,
    seed: options.seed,
    taskName: task.name,
    taskSpecific: task.taskSpecificGrid,
  })
  const pool = new TrainPool(task, options.workers, options.signal)
  const progress = new TrainingProgress(points.length + splits.length - 1, options.onProgress)
  const train = async (split: DataSplit, point: GridPoint, seed: string): Promise<Timed> => {
    const report = progress.start()
    let started = options.now()
    const request = {
      train: split.train,
      valid: split.valid[0],
      point,
      seed,
      reshuffles: false,
      gemm: options.gemm,
    }
    const outcome = await pool.train(request, report.epoch, () => {
      started = options.now()
    })
    report.done()
    return { outcome, seconds: (options.now() - started) / 1000 }
  }
  try {
    const searched = await Promise.all(
      startOrder(points).map(async (i) => ({
        i,
        ...(await train(splits[0], points[i], `${options.seed}/grid/${i}`)),
      })),
    )
    searched.sort((a, b) => a.i - b.i)
    const scores = searched.map(({ outcome }) => outcome.bestScore)
    const modes = searched.map(({ outcome }) => outcome.mode)
    const chosen = rankGridPoints(scores, modes)[0]
    const test = async (split: DataSplit, { outcome, seconds }: Timed): Promise<TestedFold> => {
      const name = split.test[0]
      const point = points[chosen]
      const prediction = await pool.predict({
        split: name,
        point,
        snapshot: outcome.snapshot,
        gemm: options.gemm,
      })
      const data = task.splits.get(name)
      if (data === undefined) throw new Error(`split ${name} was predicted but is not there`)
      return testedFold(task, name, data, prediction, { ...outcome, minutes: seconds / 60 })
    }
    const winner = searched[chosen]
    const rest = splits.slice(1).map(async (split, k) => {
      const trained = await train(split, points[chosen], `${options.seed}/fold/${k + 1}`)
      return test(split, trained)
    })
    const folds = await Promise.all([test(splits[0], winner), ...rest])
    return {
      tried: searched.map(({ i, outcome, seconds }): TriedPoint => {
        const { bestScore, bestEpoch, epochsRun, validations, postprocessing } = outcome
        const validationScore = bestScore
        return {
          point: points[i],
          validationScore,
          bestEpoch,
          epochsRun,
          validations,
          postprocessing,
          seconds,
        }
      }),
      chosen,
      mode: winner.outcome.mode,
      postprocessing: winner.outcome.postprocessing,
      folds,
      aggregated: folds.length > 1 ? aggregateFolds(folds.map((fold) => fold.figures)) : undefined,
      gemm: winner.outcome.gemm,
    }
  } finally {
    await pool.close()
  }
}

/** The order to start trainings in: deeper nets first, since they take longest, so that threads end together. */
function startOrder(points: readonly GridPoint[]): number[] {
  const cost = (i: number) => points[i].hiddenLayers * points[i].hiddenDim
  return points.map((_, i) => i).sort((a, b) => cost(b) - cost(a) || a - b)
}
