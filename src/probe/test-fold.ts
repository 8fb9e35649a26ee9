import { hear2021Parts, hear2021Value, type MetricResult } from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import type { TestedFold } from './evaluation.js'
import type { EventPostprocessing } from './events/frame-events.js'
import { eventsOfSplit, planPostprocessing } from './events/postprocessing.js'
import { eventsOf, frameRows, scoreRows } from './training/score-split.js'
import type { ProbeTask, SplitData } from './training/split-data.js'
import type { Prediction } from './training/train-pool.js'
import type { TrainingOutcome } from './training/train-probe.js'

/**
 * The figures of one tested probe, under heareval's names and in its order, each in single precision as its
 * trainer logs them. An undefined metric is what heareval reports (NaN, mostly), with its reason beside it.
 */
export function testedFold(
  task: ProbeTask,
  name: string,
  split: SplitData,
  prediction: Prediction,
  training: Pick<TrainingOutcome, 'bestEpoch' | 'bestScore' | 'epochsRun'> & {
    postprocessing?: EventPostprocessing
    minutes: number
  },
): TestedFold {
  const figures: Record<string, number> = { test_loss: Math.fround(prediction.loss), test_score: Number.NaN }
  const undefinedReasons: Record<string, string> = {}
  const events =
    task.embeddingType === 'event'
      ? eventsOfSplit(
          frameRows(task, split, prediction.probabilities),
          task.labels,
          training.postprocessing ?? planPostprocessing(task.postprocessingGrid)[0],
        )
      : undefined
  for (const id of task.metrics) {
    const metric = metricById(id)
    const result: MetricResult =
      metric.kind === 'event'
        ? metric
            .prepareTargets(eventsOf(split), task.labels)
            .prepare(events ?? new Map())
            .evaluate()
        : scoreRows(metric, task, split, prediction.probabilities)
    figures[`test_${id}`] = Math.fround(hear2021Value(result))
    for (const [part, value] of hear2021Parts(metric, result))
      figures[`test_${id}_${part}`] = Math.fround(value)
    if (result.kind === 'undefined') undefinedReasons[`test_${id}`] = result.reason
  }
  figures.test_score = figures[`test_${task.metrics[0]}`]
  figures.validation_score = training.bestScore
  figures.epoch = training.bestEpoch
  figures.time_in_min = training.minutes
  return {
    name,
    split: split.name,
    figures,
    undefinedReasons,
    probabilities: prediction.probabilities,
    events,
    epochsRun: training.epochsRun,
  }
}
