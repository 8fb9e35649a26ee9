import { basename, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { TaskEvaluation, TestedFold } from '../probe/evaluation.js'
import { hearevalPostprocessing } from '../probe/events/postprocessing.js'
import { hearevalHparams } from '../probe/grid.js'
import { hashProbeTask } from '../probe/training/probe-task.js'
import type { ProbeTask } from '../probe/training/split-data.js'
import type { EmbeddingFolder } from '../store/embedding-folder.js'
import type { ClipPredictionInput } from '../store/predictions.js'
import type { RunJson } from '../store/run-json.js'
import type { EvaluateFlags } from './options.js'
import { programVersions } from './version.js'

export type PlannedRun = Pick<
  RunJson,
  'format' | 'protocol' | 'task' | 'model' | 'dataHash' | 'seeds' | 'grid'
>

/** Everything of run.json that is known before training. */
export function plannedRun(folder: EmbeddingFolder, task: ProbeTask, flags: EvaluateFlags): PlannedRun {
  const { metadata, source, dim } = folder
  return {
    format: 'hearkit-run/1',
    protocol: 'hear-2021',
    task: {
      name: metadata.task_name,
      version: metadata.version,
      mode: metadata.mode ?? null,
      folder: folder.name,
      embeddingType: metadata.embedding_type,
      predictionType: metadata.prediction_type,
      splitMode: metadata.split_mode,
      metrics: metadata.evaluation,
      classes: [...folder.vocabulary],
    },
    model: {
      name: source?.model.name ?? basename(resolve(folder.dir)),
      hash: source?.model.weightsHash ?? null,
      description: source?.model.description ?? null,
      options: source?.model.options ?? {},
      sampleRate: source?.sampleRate ?? null,
      embeddingSize: dim,
    },
    dataHash: hashProbeTask(task),
    seeds: [flags.seed],
    grid: flags.grid,
  }
}

/** Whether a finished run would come out the same again. */
export function isSameRun(run: RunJson, planned: PlannedRun, flags: EvaluateFlags): boolean {
  const before = Object.fromEntries(Object.keys(planned).map((key) => [key, run[key as keyof RunJson]]))
  return (
    isDeepStrictEqual(before, JSON.parse(JSON.stringify(planned))) &&
    run.requested.gridPoints === flags.gridPoints &&
    run.requested.gemm === flags.gemm &&
    isDeepStrictEqual(run.versions, programVersions())
  )
}

export function reportOf(task: ProbeTask, evaluation: TaskEvaluation, flags: EvaluateFlags) {
  const { tried, chosen, folds, aggregated, mode, gemm } = evaluation
  const seed = flags.seed
  return {
    requested: { gridPoints: flags.gridPoints, gemm: flags.gemm },
    gridPoints: tried.map((t) => ({
      seed,
      hyperparameters: hearevalHparams(t.point),
      postprocessing: t.postprocessing ? Object.fromEntries(hearevalPostprocessing(t.postprocessing)) : null,
      validationScore: figure(t.validationScore, 'the first validation was not a finite number'),
      bestEpoch: t.bestEpoch,
      epochsRun: t.epochsRun,
      seconds: t.seconds,
    })),
    chosen: [{ seed, gridPoint: chosen }],
    scoreMode: mode,
    folds: folds.map((fold) => ({
      name: fold.name,
      seed,
      epochsRun: fold.epochsRun,
      figures: Object.fromEntries(
        Object.entries(fold.figures).map(([name, value]) => [
          name,
          figure(value, whyUndefined(task, fold, name)),
        ]),
      ),
    })),
    aggregated: aggregated
      ? Object.fromEntries(
          Object.entries(aggregated).map(([name, value]) => [name, figure(value, 'undefined in every fold')]),
        )
      : null,
    gemmProvider: gemm,
  }
}

function figure(value: number, reason: string): number | { undefined: string } {
  return Number.isFinite(value) ? value : { undefined: reason }
}

function whyUndefined(task: ProbeTask, fold: TestedFold, name: string): string {
  const reasons = fold.undefinedReasons
  const metric = name === 'test_score' ? `test_${task.metrics[0]}` : name
  const owner = Object.keys(reasons).find((known) => metric.startsWith(known))
  return owner === undefined ? 'not a finite number' : reasons[owner]
}

export function clipPredictions(task: ProbeTask, fold: TestedFold): ClipPredictionInput[] {
  const split = task.splits.get(fold.split)
  if (split === undefined) throw new Error(`tested split ${fold.split} is not part of the task`)
  const labels = task.labels.length
  return split.clips.map((clip, c): ClipPredictionInput => {
    if (fold.events !== undefined) {
      const reference = split.events?.get(clip) ?? []
      return { clip, split: fold.split, labels: [...reference], events: [...(fold.events.get(clip) ?? [])] }
    }
    const row = split.clipStarts[c]
    const { targets } = split
    const names =
      targets.kind === 'multiclass'
        ? [task.labels[targets.classIndex[row]]]
        : task.labels.filter((_, index) => targets.hot[row * labels + index] === 1)
    return {
      clip,
      split: fold.split,
      labels: names,
      probabilities: fold.probabilities.subarray(row * labels, (row + 1) * labels),
    }
  })
}

/** A figure as people read it. */
export function formatFigure(value: RunJson['folds'][number]['figures'][string] | undefined): string {
  return typeof value === 'number' ? value.toFixed(4) : 'undefined'
}

/** The primary score with its deviation over folds, in words. */
export function describeScore(run: RunJson): string {
  const [metric] = run.task.metrics
  if (run.aggregated === null) return `${metric} ${formatFigure(run.folds[0].figures.test_score)}`
  const { test_score_mean: mean, test_score_std: std } = run.aggregated
  return `${metric} ${formatFigure(mean)} ± ${formatFigure(std)} over ${run.folds.length} folds`
}
