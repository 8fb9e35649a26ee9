import { type Event, hear2021Parts, hear2021Value, type Prepared } from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import type { TestedFold } from './evaluation.js'
import type { EventPostprocessing } from './events/frame-events.js'
import { eventsOfSplit, planPostprocessing } from './events/postprocessing.js'
import { inRecordedPrecision } from './score-precision.js'
import { eventsOf, frameRows, prepareRows } from './training/score-split.js'
import type { ProbeTask, SplitData } from './training/split-data.js'
import type { Prediction, TrainingOutcome } from './training/train-probe.js'

/** What is said of a test beside its predictions: how the probe came about. */
export type TestedTraining = Pick<
  TrainingOutcome,
  'bestEpoch' | 'bestScore' | 'epochsRun' | 'postprocessing'
> & {
  readonly minutes: number
  readonly seed: number
}

/**
 * The figures of one tested probe, under heareval's names and in its order each in the precision in
 * which its trainer logs it. An undefined metric is what heareval reports (NaN, mostly), with its reason beside it.
 */
export function testedFold(
  task: ProbeTask,
  name: string,
  split: SplitData,
  prediction: Prediction,
  training: TestedTraining,
): TestedFold {
  const figures: Record<string, number> = { test_loss: Math.fround(prediction.loss), test_score: Number.NaN }
  const undefinedReasons: Record<string, string> = {}
  const prepared = new Map<string, Prepared>()
  const events = predictedEvents(task, split, prediction.probabilities, training.postprocessing)
  for (const id of task.metrics) {
    const metric = metricById(id)
    const bound = prepareMetric(task, split, id, prediction.probabilities, events)
    const result = bound.evaluate()
    prepared.set(id, bound)
    figures[`test_${id}`] = inRecordedPrecision(id, hear2021Value(result))
    for (const [part, value] of hear2021Parts(metric, result))
      figures[`test_${id}_${part}`] = inRecordedPrecision(id, value)
    if (result.kind === 'undefined') undefinedReasons[`test_${id}`] = result.reason
  }
  figures.test_score = figures[`test_${task.metrics[0]}`]
  figures.validation_score = training.bestScore
  figures.epoch = training.bestEpoch
  figures.time_in_min = training.minutes
  return {
    name,
    split: split.name,
    seed: training.seed,
    figures,
    undefinedReasons,
    probabilities: prediction.probabilities,
    prepared,
    events,
    epochsRun: training.epochsRun,
  }
}

/** Events of every clip of a split under a post-processing, the task's first unless given; none for scene tasks. */
export function predictedEvents(
  task: ProbeTask,
  split: SplitData,
  probabilities: Float32Array,
  postprocessing?: EventPostprocessing,
): Map<string, Event[]> | undefined {
  if (task.embeddingType !== 'event') return undefined
  const applied = postprocessing ?? planPostprocessing(task.postprocessingGrid)[0]
  return eventsOfSplit(frameRows(task, split, probabilities), task.labels, applied)
}

/** A metric's view of the predictions for a split, ready to be resampled. */
export function prepareMetric(
  task: ProbeTask,
  split: SplitData,
  metricId: string,
  probabilities: Float32Array,
  events: ReadonlyMap<string, readonly Event[]> | undefined,
): Prepared {
  const metric = metricById(metricId)
  return metric.kind === 'event'
    ? metric.prepareTargets(eventsOf(split), task.labels).prepare(events ?? new Map())
    : prepareRows(metric, task, split, probabilities)
}
