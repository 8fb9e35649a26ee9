import { hear2026Figure } from '../metrics/metric.js'
import { type DataSplit, dataSplitsOfTask } from './data-splits.js'
import type { ScoreMode } from './early-stopping.js'
import type { EvaluationOptions, TaskEvaluation, TestedFold } from './evaluation.js'
import { aggregateFolds, mean } from './fold-aggregate.js'
import { type GridPoint, planGrid, planLinearGrid } from './grid.js'
import { ProbeRun, startOrder, type TimedTraining, triedPoint } from './probe-run.js'
import { scoreIntervals } from './score-intervals.js'
import type { ProbeTask } from './training/split-data.js'
import { type FewShotScore, fewShotOfTask, type KnnScore, knnOfTask } from './untrained-probes.js'

/** What one trained probe scored, and by which grid point. */
export type ProbeEvaluation = TaskEvaluation

/** The task under protocol `hear-2026`: the MLP as in HEAR, and beside it other probes on the same embeddings. */
export interface Hear2026Evaluation {
  readonly mlp: ProbeEvaluation
  readonly linear: ProbeEvaluation
  readonly knn: KnnScore
  readonly fewShot: readonly FewShotScore[]
}

/**
 * Evaluates one task under protocol `hear-2026`: batches drawn anew each epoch, the grid point with the best mean
 * validation score over all folds, `probeSeeds` probes of it a fold, and intervals over clips, folds and seeds. The
 * same for a linear probe; kNN and few-shot prototypes learn nothing by gradient. All read the same embeddings.
 *
 * Unlike hear-2021, an undefined validation score is the worst there is and ends nothing, and a last batch of one row joins
 * the batch before it.
 * @throws HearError for data that cannot be trained on; TrainingCancelled when the signal is raised.
 */
export async function evaluateHear2026(
  task: ProbeTask,
  options: EvaluationOptions & { readonly probeSeeds: number },
): Promise<Hear2026Evaluation> {
  const splits = dataSplitsOfTask({ split_mode: task.splitMode, splits: task.splitNames })
  const seeds = Array.from({ length: options.probeSeeds }, (_, s) => options.seed + s)
  const request = {
    grid: options.grid,
    gridPoints: options.gridPoints,
    seed: options.seed,
    taskName: task.name,
    taskSpecific: task.taskSpecificGrid,
  }
  const grids = { mlp: planGrid(request), linear: planLinearGrid(request) }
  const trainings = (grids.mlp.length + grids.linear.length + 2 * seeds.length) * splits.length
  const run = new ProbeRun(task, options, { reshuffles: true, survivesUndefined: true }, trainings)
  try {
    const [mlp, linear] = await Promise.all([
      searchAndTest(task, run, splits, grids.mlp, seeds, 'mlp'),
      searchAndTest(task, run, splits, grids.linear, seeds, 'linear'),
    ])
    return {
      mlp,
      linear,
      knn: knnOfTask(task, splits, options),
      fewShot: fewShotOfTask(task, splits, options),
    }
  } finally {
    await run.close()
  }
}

async function searchAndTest(
  task: ProbeTask,
  run: ProbeRun,
  splits: readonly DataSplit[],
  points: readonly GridPoint[],
  seeds: readonly number[],
  name: string,
): Promise<ProbeEvaluation> {
  const searched: TimedTraining[][] = points.map(() => [])
  await Promise.all(
    startOrder(points).flatMap((i) =>
      splits.map(async (split, f) => {
        searched[i][f] = await run.train(split, points[i], `${seeds[0]}/${name}/grid/${i}/${f}`, 'nothing')
      }),
    ),
  )
  const mode = searched[0][0].outcome.mode
  const chosenPoint = bestOverFolds(searched, mode)
  const tested: TestedFold[][] = seeds.map(() => [])
  await Promise.all(
    seeds.flatMap((seed, s) =>
      splits.map(async (split, f) => {
        const trained = await run.train(split, points[chosenPoint], `${seed}/${name}/fold/${f}`, {
          test: split.test[0],
        })
        tested[s][f] = await run.test(trained, seed)
      }),
    ),
  )
  const folds = tested.flat().map(undefinedAsReason(task))
  return {
    tried: searched.flat().map(triedPoint),
    chosen: chosenPoint * splits.length,
    mode,
    folds,
    aggregated: folds.length > 1 ? aggregateAll(folds) : undefined,
    intervals: scoreIntervals(task, folds, seeds[0]),
    gemm: searched[0][0].outcome.gemm,
  }
}

/** Means and deviations over all probes; one that is undefined in some probe stays undefined. */
function aggregateAll(folds: readonly TestedFold[]): Record<string, number> {
  const figures = folds.map((fold) => fold.figures)
  const aggregated = aggregateFolds(figures)
  for (const name of Object.keys(figures[0]))
    if (figures.some((fold) => Number.isNaN(fold[name])))
      for (const kind of ['mean', 'std']) aggregated[`${name}_${kind}`] = Number.NaN
  return aggregated
}

/** Index of the point with the best mean deciding figure over folds; ties to the earlier one. */
function bestOverFolds(searched: readonly (readonly TimedTraining[])[], mode: ScoreMode): number {
  const means = searched.map((folds) => mean(folds.map(({ outcome }) => outcome.bestScore)))
  let best = 0
  for (let i = 1; i < means.length; i++)
    if (mode === 'max' ? means[i] > means[best] : means[i] < means[best]) best = i
  return best
}

/** Under this protocol a metric that is undefined has no number, also where heareval reports one (such as mAP's 0). */
function undefinedAsReason(task: ProbeTask): (fold: TestedFold) => TestedFold {
  return (fold) => {
    const figures: Record<string, number> = { ...fold.figures }
    const undefinedReasons: Record<string, string> = { ...fold.undefinedReasons }
    for (const id of task.metrics) {
      const result = fold.prepared.get(id)?.evaluate()
      const figure = result === undefined ? undefined : hear2026Figure(result)
      if (figure?.kind !== 'undefined') continue
      figures[`test_${id}`] = Number.NaN
      undefinedReasons[`test_${id}`] = figure.reason
    }
    figures.test_score = figures[`test_${task.metrics[0]}`]
    return { ...fold, figures, undefinedReasons }
  }
}
