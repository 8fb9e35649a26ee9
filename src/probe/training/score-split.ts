import { HearError } from '../../base/errors.js'
import { hear2021Value, type Metric, type Prepared, type PreparedTargets } from '../../metrics/metric.js'
import { metricById } from '../../metrics/registry.js'
import type { EventPostprocessing } from '../events/frame-events.js'
import { choosePostprocessing, eventsOfSplit, planPostprocessing } from '../events/postprocessing.js'
import type { ProbeTask, SplitData } from './split-data.js'

/** A validation's verdict. */
export interface SplitScore {
  /** The primary score, NaN where undefined. */
  readonly score: number
  /** The post-processing that gave it; event tasks only. */
  readonly postprocessing?: EventPostprocessing
}

/** Scores the probabilities of one split again and again by the task's primary metric; targets are prepared once. */
export class SplitScorer {
  readonly metric: Metric
  private readonly candidates: EventPostprocessing[] = []
  private readonly targets: PreparedTargets | undefined

  constructor(
    private readonly task: ProbeTask,
    private readonly split: SplitData,
  ) {
    this.metric = metricById(task.metrics[0])
    if (this.metric.kind !== 'event') return
    this.candidates = planPostprocessing(task.postprocessingGrid)
    this.targets = this.metric.prepareTargets(eventsOf(split), task.labels)
  }

  /** @param probabilities [rows, labels] */
  score(probabilities: Float32Array): SplitScore {
    if (this.targets === undefined)
      return {
        score: hear2021Value(prepareRows(this.metric, this.task, this.split, probabilities).evaluate()),
      }
    const targets = this.targets
    const scores = this.candidates.map((candidate) => {
      const events = eventsOfSplit(
        frameRows(this.task, this.split, probabilities),
        this.task.labels,
        candidate,
      )
      return hear2021Value(targets.prepare(events).evaluate())
    })
    const chosen = choosePostprocessing(scores, this.candidates)
    return { score: scores[chosen], postprocessing: this.candidates[chosen] }
  }
}

/** A clip metric bound to a split's probabilities [rows, labels]. */
export function prepareRows(
  metric: Metric,
  task: ProbeTask,
  split: SplitData,
  probabilities: Float32Array,
): Prepared {
  if (metric.kind !== 'clip')
    throw new HearError(
      'probe/wrong-metric',
      `${metric.id} scores sound events, but ${task.name} is a scene task.`,
      {
        hint: 'Correct "evaluation" in task_metadata.json.',
      },
    )
  return metric.prepare({
    predictions: probabilities,
    targets: split.targets,
    rows: split.rows,
    classes: task.labels.length,
    labels: task.labels,
  })
}

/** The split's frames with their probabilities, as the post-processing takes them. */
export function frameRows(task: ProbeTask, split: SplitData, probabilities: Float32Array) {
  if (split.timestampsMs === undefined)
    throw new HearError('probe/no-timestamps', `Split ${split.name} of ${task.name} has no timestamps.`, {
      hint: 'An event task needs a timestamp for every row of its embeddings.',
    })
  return {
    probabilities,
    stride: task.labels.length,
    timestampsMs: split.timestampsMs,
    clipStarts: split.clipStarts,
    clips: split.clips,
  }
}

/** The reference events of a split of an event task. */
export function eventsOf(split: SplitData) {
  if (split.events === undefined)
    throw new HearError('probe/no-events', `Split ${split.name} has no reference events.`, {
      hint: 'An event metric needs labels with start and end in <split>.json.',
    })
  return split.events
}
