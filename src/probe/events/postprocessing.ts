import { HearError } from '../../base/errors.js'
import type { Event } from '../../metrics/metric.js'
import { type EventPostprocessing, eventsOfClip } from './frame-events.js'

/** heareval's grid where a task names none. */
const DEFAULT_GRID = { median_filter_ms: [250], min_duration: [125, 250] }

const NAMES = ['median_filter_ms', 'min_duration'] as const

/**
 * The post-processings to try, in the order of scikit-learn's ParameterGrid: by name, the last one fastest.
 * @param given `evaluation_params.event_postprocessing_grid` of the task; times in milliseconds.
 * @throws HearError for other names, or values that are not lists of times of 0 or more.
 */
export function planPostprocessing(given: unknown = DEFAULT_GRID): EventPostprocessing[] {
  const grid = given as Record<string, unknown>
  const valid = (values: unknown): values is number[] =>
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((v) => typeof v === 'number' && v >= 0 && v < Number.POSITIVE_INFINITY)
  const names = typeof given === 'object' && given !== null ? Object.keys(given).sort() : []
  if (names.join() !== NAMES.join() || !NAMES.every((name) => valid(grid[name])))
    throw new HearError(
      'probe/bad-postprocessing',
      `event_postprocessing_grid: expected lists of milliseconds for median_filter_ms and min_duration, found ${JSON.stringify(given)}.`,
      { hint: 'Correct evaluation_params in task_metadata.json.' },
    )
  const medians = grid.median_filter_ms as number[]
  const durations = grid.min_duration as number[]
  return medians.flatMap((medianFilterMs) =>
    durations.map((minDurationMs) => ({ medianFilterMs, minDurationMs })),
  )
}

/** As heareval writes it: `[["median_filter_ms", 250], ["min_duration", 125]]`. */
export function hearevalPostprocessing(chosen: EventPostprocessing): [string, number][] {
  return [
    ['median_filter_ms', chosen.medianFilterMs],
    ['min_duration', chosen.minDurationMs],
  ]
}

/**
 * Which of several scored post-processings a validation chooses: the highest score, ties to the larger
 * median_filter_ms, then the larger min_duration. An undefined score (NaN) counts as 0, and the highest is taken
 * also where lower is better (warts of protocol hear-2021).
 * Source: heareval 2021.1.3 `EventPredictionModel._score_epoch_end`.
 * @returns its index.
 */
export function choosePostprocessing(
  scores: readonly number[],
  candidates: readonly EventPostprocessing[],
): number {
  const key = (i: number) => [
    Number.isNaN(scores[i]) ? 0 : scores[i],
    candidates[i].medianFilterMs,
    candidates[i].minDurationMs,
  ]
  let best = 0
  for (let i = 1; i < scores.length; i++) {
    const [a, b] = [key(i), key(best)]
    const differing = a.findIndex((value, k) => value !== b[k])
    if (differing >= 0 && a[differing] > b[differing]) best = i
  }
  return best
}

/** The frames of a split: clip c owns rows clipStarts[c] to clipStarts[c + 1]. */
export interface FrameRows {
  /** [rows, stride] */
  readonly probabilities: Float32Array
  readonly stride: number
  /** [rows] */
  readonly timestampsMs: Float64Array
  /** [clips + 1] */
  readonly clipStarts: Int32Array
  readonly clips: readonly string[]
}

/** The events of every clip of a split, keyed by clip in the split's order. Throws as eventsOfClip does. */
export function eventsOfSplit(
  { probabilities, stride, timestampsMs, clipStarts, clips }: FrameRows,
  labels: readonly string[],
  postprocessing: EventPostprocessing,
): Map<string, Event[]> {
  return new Map(
    clips.map((clip, c) => {
      const [from, to] = [clipStarts[c], clipStarts[c + 1]]
      const frames = {
        probabilities: probabilities.subarray(from * stride, to * stride),
        stride,
        timestampsMs: timestampsMs.subarray(from, to),
      }
      return [clip, eventsOfClip(frames, labels, postprocessing)]
    }),
  )
}
