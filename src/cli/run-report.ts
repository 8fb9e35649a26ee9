import { basename, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Figure } from '../metrics/metric.js'
import type { Hear2026Evaluation } from '../probe/evaluate-hear-2026.js'
import type { TaskEvaluation, TestedFold } from '../probe/evaluation.js'
import { hearevalPostprocessing } from '../probe/events/postprocessing.js'
import { mean } from '../probe/fold-aggregate.js'
import { hearevalHparams } from '../probe/grid.js'
import type { Interval } from '../probe/statistics/recentred-interval.js'
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
    protocol: flags.protocol,
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
    seeds: Array.from(
      { length: flags.protocol === 'hear-2026' ? flags.probeSeeds : 1 },
      (_, s) => flags.seed + s,
    ),
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

/** Everything of run.json that training and testing the probe brings. */
export function reportOf(task: ProbeTask, evaluation: TaskEvaluation, flags: EvaluateFlags) {
  const { tried, chosen, folds, aggregated, mode, gemm } = evaluation
  const seed = flags.seed
  return {
    requested: { gridPoints: flags.gridPoints, gemm: flags.gemm },
    gridPoints: tried.map((t) => ({
      seed,
      fold: t.fold,
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
      seed: fold.seed,
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
          Object.entries(aggregated).map(([name, value]) => [
            name,
            figure(
              value,
              flags.protocol === 'hear-2021' ? 'undefined in every fold' : 'undefined in some fold',
            ),
          ]),
        )
      : null,
    intervals: Object.fromEntries(
      Object.entries(evaluation.intervals).map(([metric, interval]) => [metric, intervalReport(interval)]),
    ),
    gemmProvider: gemm,
  }
}

/** The probes beside the MLP, as run.json has them. */
export function otherProbesReport({ linear, knn, fewShot }: Hear2026Evaluation): RunJson['otherProbes'] {
  const score = linear.aggregated?.test_score_mean ?? linear.folds[0].figures.test_score
  const [interval] = Object.values(linear.intervals)
  return {
    linear: {
      score: figure(score, 'undefined in some fold'),
      interval: intervalReport(interval),
      hyperparameters: hearevalHparams(linear.tried[linear.chosen].point),
    },
    knn: {
      score: figureReport(knn.score),
      interval: intervalReport(knn.interval),
      neighbours: knn.chosen?.k ?? null,
      scaling: knn.chosen?.scaling ?? null,
    },
    fewShot: fewShot.map((one) => ({
      shots: one.shots,
      score: figureReport(one.score),
      standardDeviation: one.standardDeviation,
    })),
  }
}

function figureReport(figure: Figure): number | { undefined: string } {
  return figure.kind === 'value' ? figure.value : { undefined: figure.reason }
}

function intervalReport(interval: Interval): RunJson['intervals'][string] {
  if (interval.kind === 'undefined') return { undefined: interval.reason }
  const { low, high, resamples, undefinedResamples } = interval
  return { low, high, resamples, undefinedResamples }
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

/** heareval's layout has no place for probe seeds: each fold's figures are the means over them. */
export function foldScores(
  folds: readonly TestedFold[],
): { name: string; figures: Record<string, number> }[] {
  const names = [...new Set(folds.map((fold) => fold.name))]
  return names.map((name) => {
    const tested = folds.filter((fold) => fold.name === name)
    const figures = Object.keys(tested[0].figures).map((key): [string, number] => [
      key,
      mean(tested.map((fold) => fold.figures[key])),
    ])
    return { name, figures: Object.fromEntries(figures) }
  })
}

/** What a tested probe said of every clip; `seed` is named only where there are several probes a fold. */
export function clipPredictions(
  task: ProbeTask,
  fold: TestedFold,
  severalSeeds: boolean,
): ClipPredictionInput[] {
  const split = task.splits.get(fold.split)
  if (split === undefined) throw new Error(`tested split ${fold.split} is not part of the task`)
  const labels = task.labels.length
  const common = { split: fold.split, ...(severalSeeds ? { seed: fold.seed } : {}) }
  return split.clips.map((clip, c): ClipPredictionInput => {
    if (fold.events !== undefined) {
      const reference = split.events?.get(clip) ?? []
      return { clip, ...common, labels: [...reference], events: [...(fold.events.get(clip) ?? [])] }
    }
    const row = split.clipStarts[c]
    const { targets } = split
    const names =
      targets.kind === 'multiclass'
        ? [task.labels[targets.classIndex[row]]]
        : task.labels.filter((_, index) => targets.hot[row * labels + index] === 1)
    return {
      clip,
      ...common,
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
  const { test_score_mean: average, test_score_std: std } = run.aggregated
  const seeds = run.seeds.length
  const folds = run.folds.length / seeds
  const over = [
    ...(folds > 1 ? [`${folds} folds`] : []),
    ...(seeds > 1 ? [`${seeds} probe seeds`] : []),
  ].join(' and ')
  return `${metric} ${formatFigure(average)} ± ${formatFigure(std)} over ${over}`
}
