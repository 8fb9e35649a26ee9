import { HearError } from '../../base/errors.js'
import type { Event } from '../../metrics/metric.js'

/** How frame probabilities become events; HEAR's own names and units in `postprocessing.ts`. */
export interface EventPostprocessing {
  /** Length of the median filter over time; 0 for none. */
  readonly medianFilterMs: number
  /** Events shorter than this, from first to last frame, are dropped. */
  readonly minDurationMs: number
}

/** Probabilities of the frames of one clip. */
export interface ClipFrames {
  /** Row-major [frames, stride]; the first `labels.length` of each row count. */
  readonly probabilities: Float32Array
  readonly stride: number
  /** [frames] centre of each frame, increasing. */
  readonly timestampsMs: ArrayLike<number>
}

/** heareval's threshold on probabilities; strictly above is on. */
export const EVENT_THRESHOLD = 0.5

/**
 * The events of one clip: per label, probabilities through a median filter over time (scipy's, mode reflect;
 * an even width looks back one frame further than ahead), frames above the threshold, each run of them an event
 * from its first to its last timestamp, short ones dropped. Sorted by start, then by label index.
 *
 * The median is above the threshold exactly when enough frames of the window are, so the filter is a running
 * count of frames, in time independent of its width.
 *
 * Source: heareval 2021.1.3 `create_events_from_prediction`. *Differs*: frames that are not in order are refused
 * by the embedding reader rather than sorted here.
 * @throws HearError for a clip without frames, or with one frame where a filter is asked for, since then there is
 *   no hop to measure the filter by (heareval stops there too).
 */
export function eventsOfClip(
  { probabilities, stride, timestampsMs }: ClipFrames,
  labels: readonly string[],
  { medianFilterMs, minDurationMs }: EventPostprocessing,
  threshold = EVENT_THRESHOLD,
): Event[] {
  const frames = timestampsMs.length
  if (frames === 0 || (frames === 1 && medianFilterMs > 0))
    throw new HearError(
      'probe/too-few-frames',
      `Expected at least 2 frames in each clip of an event task, to know the hop between them; found ${frames}.`,
      { hint: 'Use a model with a shorter hop, or leave such short clips out of the task.' },
    )
  const width = medianFilterMs > 0 ? filterWidth(timestampsMs, medianFilterMs) : 0
  // The median is the element of rank width / 2 (rounded down): it is on when that many from the top are.
  const needed = width - (width >> 1)
  const on = new Uint8Array(frames)
  const events: Event[] = []
  labels.forEach((label, index) => {
    let hasNaN = false
    for (let t = 0; t < frames; t++) {
      const p = probabilities[t * stride + index]
      on[t] = p > threshold ? 1 : 0
      hasNaN ||= Number.isNaN(p)
    }
    let filtered = on
    if (width > 1 && hasNaN) filtered = mediansAbove(probabilities, stride, index, frames, width, threshold)
    else if (width > 1) filtered = majority(on, width, needed)
    let start = -1
    for (let t = 0; t <= frames; t++) {
      const active = t < frames && filtered[t] === 1
      if (active && start < 0) start = t
      if (active || start < 0) continue
      const [startMs, endMs] = [timestampsMs[start], timestampsMs[t - 1]]
      if (endMs - startMs >= minDurationMs) events.push({ label, start: startMs, end: endMs })
      start = -1
    }
  })
  return events.sort((a, b) => a.start - b.start)
}

/** Width in frames: the filter's length over the mean hop, halves rounded to even as Python's round. */
function filterWidth(timestampsMs: ArrayLike<number>, medianFilterMs: number): number {
  const frames = timestampsMs.length
  let sum = 0
  for (let t = 1; t < frames; t++) sum += timestampsMs[t] - timestampsMs[t - 1]
  const exact = medianFilterMs / (sum / (frames - 1))
  const below = Math.floor(exact)
  if (exact - below !== 0.5) return Math.round(exact)
  return below % 2 === 0 ? below : below + 1
}

/** Frames whose window [t - width/2, t - width/2 + width) holds `needed` frames that are on; edges reflected. */
function majority(on: Uint8Array, width: number, needed: number): Uint8Array<ArrayBuffer> {
  const frames = on.length
  const out = new Uint8Array(frames)
  const at = (t: number) => on[reflect(t, frames)]
  const before = width >> 1
  let count = 0
  for (let t = -before; t < width - before; t++) count += at(t)
  for (let t = 0; t < frames; t++) {
    out[t] = count >= needed ? 1 : 0
    count += at(t - before + width) - at(t - before)
  }
  return out
}

/** scipy's mode "reflect": (d c b a | a b c d | d c b a), for any distance. */
function reflect(t: number, n: number): number {
  const period = 2 * n
  const phase = ((t % period) + period) % period
  return phase < n ? phase : period - 1 - phase
}

/**
 * The same with NaN among the probabilities, where the median is what scipy's selection happens to return: the
 * values of each window, in order, through a quickselect in which every comparison with NaN is false (wart).
 * Source: scipy 1.10 `ndimage/src/ni_filters.c`, NI_Select.
 */
function mediansAbove(
  probabilities: Float32Array,
  stride: number,
  index: number,
  frames: number,
  width: number,
  threshold: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(frames)
  const window = new Float64Array(width)
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < width; k++)
      window[k] = probabilities[reflect(t - (width >> 1) + k, frames) * stride + index]
    out[t] = selectRank(window, width >> 1) > threshold ? 1 : 0
  }
  return out
}

function selectRank(values: Float64Array, wanted: number): number {
  let [low, high, rank] = [0, values.length - 1, wanted]
  while (low < high) {
    const pivot = values[low]
    let [i, j] = [low - 1, high + 1]
    for (;;) {
      do j--
      while (values[j] > pivot)
      do i++
      while (values[i] < pivot)
      if (i >= j) break
      const kept = values[i]
      values[i] = values[j]
      values[j] = kept
    }
    const left = j - low + 1
    if (rank < left) high = j
    else {
      rank -= left
      low = j + 1
    }
  }
  return values[low]
}
