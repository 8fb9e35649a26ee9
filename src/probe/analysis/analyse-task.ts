import type { ClipPrediction } from '../../store/predictions.js'
import type { RunJson } from '../../store/run-json.js'
import { rebuildPrepared } from '../rebuild-prepared.js'
import { analyseEvents } from './events.js'
import { analyseMulticlass } from './multiclass.js'
import { analyseMultilabel } from './multilabel.js'
import { clipKey, type EventPrediction, type ScenePrediction } from './probe-runs.js'
import type { MetricScore, TaskAnalysis } from './task-analysis.js'

/** What analysing reads of run.json. */
export type AnalysedRun = Pick<
  RunJson,
  'protocol' | 'seeds' | 'task' | 'folds' | 'aggregated' | 'intervals'
> & {
  readonly model: Pick<RunJson['model'], 'name'>
}

/**
 * What a result says per class and per clip; see analyseMulticlass, analyseMultilabel and analyseEvents.
 *
 * The predictions must be those that were scored: they are scored again, and the score must be the recorded one.
 * @param where what to call the result in errors: its folder.
 * @throws HearError as rebuildPrepared does.
 */
export function analyseTask(
  run: AnalysedRun,
  predictions: readonly ClipPrediction[],
  where: string,
): TaskAnalysis {
  rebuildPrepared(run, predictions, where)
  const { task } = run
  return {
    format: 'hearkit-analysis/1',
    task: task.name,
    folder: task.folder,
    model: run.model.name,
    protocol: run.protocol,
    scores: task.metrics.map((metric) => scoreOf(run, metric)),
    classes: task.classes,
    folds: [...new Set(run.folds.map(({ name }) => name))],
    seeds: [...new Set(run.folds.map(({ seed }) => seed))],
    clips: new Set(predictions.map(clipKey)).size,
    tests: predictions.length,
    detail: detailOf(task, predictions),
  }
}

function detailOf(task: RunJson['task'], predictions: readonly ClipPrediction[]): TaskAnalysis['detail'] {
  // Which kind they are of was seen when they were scored again.
  if (task.embeddingType === 'event')
    return analyseEvents(task.classes, task.metrics[0], predictions as readonly EventPrediction[])
  const analyse = task.predictionType === 'multiclass' ? analyseMulticlass : analyseMultilabel
  return analyse(task.classes, predictions as readonly ScenePrediction[])
}

function scoreOf(run: AnalysedRun, metric: string): MetricScore {
  const missing = { undefined: 'run.json does not have it' }
  const found = run.intervals[metric]
  const interval =
    found === undefined || 'undefined' in found ? (found ?? null) : { low: found.low, high: found.high }
  if (run.aggregated === null)
    return { metric, score: run.folds[0].figures[`test_${metric}`] ?? missing, std: null, interval }
  return {
    metric,
    score: run.aggregated[`test_${metric}_mean`] ?? missing,
    std: run.aggregated[`test_${metric}_std`] ?? missing,
    interval,
  }
}
