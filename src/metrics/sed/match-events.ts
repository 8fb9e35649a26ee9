/**
 * Maximum matching of the reference and predicted events of a clip: as many pairs as possible, each event in one
 * pair at most, both of one label and close enough in time.
 */
import type { EventList } from './event-list.js'

/** How far a predicted event may be from a reference event, in seconds; limits are included. */
export interface EventCollars {
  readonly onsetCollarSec: number
  /** The offset may differ by the larger of a fixed time and a share of the reference's length; not judged if absent. */
  readonly offset?: { readonly collarSec: number; readonly shareOfLength: number }
}

/** No partner. */
export const UNMATCHED = -1

/**
 * For each reference event the index of its predicted partner, or UNMATCHED: Int32Array [reference.label.length].
 * Both lists are sorted as listEvents sorts them; indices are places in these lists.
 *
 * The number of pairs is the maximum; which of several maximum matchings comes out is not defined.
 * Times are compared as sed_eval does, in seconds as doubles without tolerance: an event exactly at the collar is in
 * or out as rounding has it.
 * Source: sed_eval 0.2.1, sound_event.py, EventBasedMetrics with event_matching_type "optimal".
 * *Differs*: sed_eval runs Hopcroft-Karp on all pairs; here only pairs within the onset collar are visited.
 */
export function matchEvents(reference: EventList, predicted: EventList, collars: EventCollars): Int32Array {
  const partner = new Int32Array(reference.label.length).fill(UNMATCHED)
  let r = 0
  let p = 0
  while (r < reference.label.length && p < predicted.label.length) {
    const label = reference.label[r]
    if (predicted.label[p] < label) {
      p++
      continue
    }
    const referenceEnd = endOfLabel(reference, r)
    if (predicted.label[p] === label) {
      const group: Group = { r, referenceEnd, p, predictedEnd: endOfLabel(predicted, p) }
      if (collars.offset === undefined)
        matchOnsets(reference, predicted, group, collars.onsetCollarSec, partner)
      else matchOnsetsAndOffsets(reference, predicted, group, collars, partner)
      p = group.predictedEnd
    }
    r = referenceEnd
  }
  return partner
}

/** Number of pairs in a matching. */
export function countMatches(partner: Int32Array): number {
  let count = 0
  for (let i = 0; i < partner.length; i++) if (partner[i] !== UNMATCHED) count++
  return count
}

/** The events of one label: places r to referenceEnd and p to predictedEnd. */
interface Group {
  readonly r: number
  readonly referenceEnd: number
  readonly p: number
  readonly predictedEnd: number
}

function endOfLabel(list: EventList, start: number): number {
  let end = start + 1
  while (end < list.label.length && list.label[end] === list.label[start]) end++
  return end
}

/**
 * With onsets alone, every reference accepts a run of the sorted predictions, and the ends of the runs only move
 * forward (rounded subtraction is monotone), so taking the first free prediction in order is a maximum matching.
 */
function matchOnsets(
  reference: EventList,
  predicted: EventList,
  group: Group,
  collarSec: number,
  partner: Int32Array,
): void {
  let p = group.p
  for (let r = group.r; r < group.referenceEnd && p < group.predictedEnd; r++) {
    while (p < group.predictedEnd && reference.onsetSec[r] - predicted.onsetSec[p] > collarSec) p++
    if (p < group.predictedEnd && predicted.onsetSec[p] - reference.onsetSec[r] <= collarSec) partner[r] = p++
  }
}

/** With offsets too, first come first served, then augmenting paths (breadth first) for the references left over. */
function matchOnsetsAndOffsets(
  reference: EventList,
  predicted: EventList,
  group: Group,
  collars: EventCollars,
  partner: Int32Array,
): void {
  const candidates = listCandidates(reference, predicted, group, collars)
  const owner = new Int32Array(group.predictedEnd - group.p).fill(UNMATCHED)
  const leftOver: number[] = []
  for (let r = group.r; r < group.referenceEnd; r++) {
    const free = candidates[r - group.r].find((p) => owner[p - group.p] === UNMATCHED)
    if (free === undefined) leftOver.push(r)
    else {
      partner[r] = free
      owner[free - group.p] = r
    }
  }
  for (const r of leftOver)
    if (candidates[r - group.r].length > 0) augment(r, group, candidates, partner, owner)
}

/** For each reference of the group, the places of the predictions that are close enough. */
function listCandidates(
  reference: EventList,
  predicted: EventList,
  group: Group,
  collars: EventCollars,
): number[][] {
  const { collarSec, shareOfLength } = collars.offset!
  const candidates: number[][] = []
  let first = group.p
  for (let r = group.r; r < group.referenceEnd; r++) {
    const onset = reference.onsetSec[r]
    const offset = reference.offsetSec[r]
    const offsetCollarSec = Math.max(collarSec, shareOfLength * (offset - onset))
    while (first < group.predictedEnd && onset - predicted.onsetSec[first] > collars.onsetCollarSec) first++
    const close: number[] = []
    for (
      let p = first;
      p < group.predictedEnd && predicted.onsetSec[p] - onset <= collars.onsetCollarSec;
      p++
    )
      if (Math.abs(offset - predicted.offsetSec[p]) <= offsetCollarSec) close.push(p)
    candidates.push(close)
  }
  return candidates
}

function augment(
  start: number,
  group: Group,
  candidates: readonly number[][],
  partner: Int32Array,
  owner: Int32Array,
): void {
  /** The reference from which each prediction was reached, or UNMATCHED. */
  const reachedFrom = new Int32Array(owner.length).fill(UNMATCHED)
  const queue = [start]
  for (let head = 0; head < queue.length; head++) {
    const r = queue[head]
    for (const p of candidates[r - group.r]) {
      if (reachedFrom[p - group.p] !== UNMATCHED) continue
      reachedFrom[p - group.p] = r
      const next = owner[p - group.p]
      if (next !== UNMATCHED) {
        queue.push(next)
        continue
      }
      // Free: hand every prediction on the way back to the reference it was reached from.
      let free = p
      for (;;) {
        const from = reachedFrom[free - group.p]
        const before = partner[from]
        partner[from] = free
        owner[free - group.p] = from
        if (from === start) return
        free = before
      }
    }
  }
}
