/**
 * The segment-based error rate: time is cut into segments of a second, and in each the set of labels that are active
 * in the reference is compared with the predicted one.
 */
import { HearError, nearestName } from '../../base/errors.js'
import { type Event, type EventMetric, type EventsByClip, type Prepared, totalWeight } from '../metric.js'
import { indexLabels, type LabelIndex, listEvents } from './event-list.js'
import { fMeasure } from './f-measure.js'

/** Length of a segment, in seconds. */
export const SEGMENT_SEC = 1

/** sed_eval adds numpy.spacing(1), 2 ** -52, to the number of references; without any, rates become huge, not infinite. */
const EPS = Number.EPSILON

/** No recording is longer than this many segments (11 days): a later event means times in another unit. */
const MOST_SEGMENTS = 1e6

/** The labels that are active in each segment of a clip. */
interface Roll {
  /** [segments, labels], row-major, 0 or 1. */
  readonly active: Uint8Array
  /** [segments] number of active labels. */
  readonly activeCount: Uint32Array
}

/** What a clip adds to the sums. */
const COUNTS = ['substitutions', 'deletions', 'insertions', 'reference', 'predicted', 'matched'] as const
type Counts = Record<(typeof COUNTS)[number], number>

/**
 * (substitutions + deletions + insertions) / active reference labels, summed over the segments of all scored clips.
 *
 * `parts` has error_rate, its substitution_rate, deletion_rate and insertion_rate, the segment-based f_measure,
 * precision and recall where defined, and the counts behind them. Without any active reference label the rate is
 * undefined. An event is active from the segment its onset falls in to the one before the segment that starts at or
 * after its offset. A negative onset counts back from the end of its list, as a numpy slice does, which usually drops
 * the event.
 *
 * Throws HearError `metrics/unknown-label` for a label outside the vocabulary, and as listEvents does.
 * Source: heareval 8559649, heareval/score.py, SegmentBasedScore; sed_eval 0.2.1, SegmentBasedMetrics, overall.
 * *Differs*: without reference heareval reports 0, or about 4.5e15 for each insertion; `hear2021` has that.
 */
export const segment1sEr: EventMetric = {
  id: 'segment_1s_er',
  kind: 'event',
  maximize: false,
  range: [0, Number.POSITIVE_INFINITY],
  parts: ['error_rate'],
  prepareTargets(targets, labels) {
    const index = indexLabels(labels)
    const references = new Map(
      Array.from(targets, ([clip, events]) => [clip, drawRoll(events, clip, index)] as const),
    )
    const none = drawRoll([], '', index)
    return {
      prepare(predictions: EventsByClip): Prepared {
        const unitNames = [...predictions.keys()]
        const counts = unitNames.map((clip) =>
          compareRolls(
            references.get(clip) ?? none,
            drawRoll(predictions.get(clip)!, clip, index),
            index.size,
          ),
        )
        return prepareCounts(unitNames, counts)
      },
    }
  },
}

function drawRoll(events: readonly Event[], clip: string, index: LabelIndex): Roll {
  for (const { label } of events) if (!index.has(label)) refuseLabel(label, clip, index)
  const labels = index.size
  const list = listEvents(events, clip, index)
  let endSec = 0
  for (const offsetSec of list.offsetSec) endSec = Math.max(endSec, offsetSec)
  const segments = Math.ceil(endSec / SEGMENT_SEC)
  if (segments > MOST_SEGMENTS) refuseLength(endSec, clip)
  const active = new Uint8Array(segments * labels)
  const activeCount = new Uint32Array(segments)
  for (let i = 0; i < list.label.length; i++) {
    const from = sliceIndex(Math.floor(list.onsetSec[i] / SEGMENT_SEC), segments)
    const to = sliceIndex(Math.ceil(list.offsetSec[i] / SEGMENT_SEC), segments)
    for (let segment = from; segment < to; segment++) {
      const cell = segment * labels + list.label[i]
      activeCount[segment] += 1 - active[cell]
      active[cell] = 1
    }
  }
  return { active, activeCount }
}

/** An end of a numpy slice over `length` items: negative ones count from the end, and all are clipped to the range. */
function sliceIndex(position: number, length: number): number {
  return position < 0 ? Math.max(0, position + length) : Math.min(position, length)
}

function compareRolls(reference: Roll, predicted: Roll, labels: number): Counts {
  const counts: Counts = {
    substitutions: 0,
    deletions: 0,
    insertions: 0,
    reference: 0,
    predicted: 0,
    matched: 0,
  }
  const segments = Math.max(reference.activeCount.length, predicted.activeCount.length)
  for (let segment = 0; segment < segments; segment++) {
    // Past the end of the shorter roll there is nothing active.
    const inReference = reference.activeCount[segment] ?? 0
    const inPredicted = predicted.activeCount[segment] ?? 0
    let inBoth = 0
    if (inReference > 0 && inPredicted > 0)
      for (let cell = segment * labels; cell < (segment + 1) * labels; cell++)
        inBoth += reference.active[cell] & predicted.active[cell]
    counts.substitutions += Math.min(inReference, inPredicted) - inBoth
    counts.deletions += Math.max(0, inReference - inPredicted)
    counts.insertions += Math.max(0, inPredicted - inReference)
    counts.reference += inReference
    counts.predicted += inPredicted
    counts.matched += inBoth
  }
  return counts
}

function prepareCounts(unitNames: readonly string[], byClip: readonly Counts[]): Prepared {
  return {
    units: unitNames.length,
    unitNames,
    evaluate(weights) {
      totalWeight(weights, unitNames.length)
      const sum: Counts = {
        substitutions: 0,
        deletions: 0,
        insertions: 0,
        reference: 0,
        predicted: 0,
        matched: 0,
      }
      for (const [unit, counts] of byClip.entries()) {
        const weight = weights ? weights[unit] : 1
        for (const name of COUNTS) sum[name] += weight * counts[name]
      }
      const substitution_rate = sum.substitutions / (sum.reference + EPS)
      const deletion_rate = sum.deletions / (sum.reference + EPS)
      const insertion_rate = sum.insertions / (sum.reference + EPS)
      const error_rate = substitution_rate + deletion_rate + insertion_rate
      const f = fMeasure(sum).parts
      if (sum.reference === 0)
        return {
          kind: 'undefined',
          reason: 'there are no reference events',
          hear2021: error_rate,
          parts: { ...f, ...sum },
        }
      const rates = { error_rate, substitution_rate, deletion_rate, insertion_rate }
      return { kind: 'value', value: error_rate, parts: { ...rates, ...f, ...sum } }
    },
  }
}

function refuseLabel(label: string, clip: string, index: LabelIndex): never {
  const nearest = nearestName(label, [...index.keys()])
  throw new HearError(
    'metrics/unknown-label',
    `Expected labels of the task's vocabulary for the events of ${clip}, found "${label}".`,
    {
      hint: nearest === undefined ? 'Check the label vocabulary of the task.' : `Did you mean "${nearest}"?`,
    },
  )
}

function refuseLength(endSec: number, clip: string): never {
  throw new HearError(
    'metrics/event-time',
    `Expected events of ${clip} to end within ${MOST_SEGMENTS} segments of ${SEGMENT_SEC} s, found one that ends at ${endSec} s.`,
    { hint: 'Are the times in milliseconds?' },
  )
}
