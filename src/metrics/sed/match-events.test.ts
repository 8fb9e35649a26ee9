import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../metric.js'
import { indexLabels, listEvents, secondsOf } from './event-list.js'
import { EVENT_ONSET_50MS } from './event-onset-50ms-fms.js'
import { EVENT_ONSET_200MS } from './event-onset-200ms-fms.js'
import { EVENT_ONSET_OFFSET_50MS_20PERC } from './event-onset-offset-50ms-20perc-fms.js'
import { countMatches, type EventCollars, matchEvents, UNMATCHED } from './match-events.js'

const COLLARS = [EVENT_ONSET_50MS, EVENT_ONSET_200MS, EVENT_ONSET_OFFSET_50MS_20PERC]

/** On a grid of 25 ms, so that differences of exactly a collar are common; two labels; some end before they start. */
const events = (maxLength: number, gridMs = 25) =>
  fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 16 }), fc.integer({ min: -1, max: 14 }))
      .map(([label, onset, length]): Event => {
        const start = onset * gridMs
        return { label, start, end: start + length * gridMs }
      }),
    { maxLength },
  )

function isHit(reference: Event, predicted: Event, { onsetCollarSec, offset }: EventCollars): boolean {
  if (reference.label !== predicted.label) return false
  const [start, end] = [secondsOf(reference.start), secondsOf(reference.end)]
  if (Math.abs(start - secondsOf(predicted.start)) > onsetCollarSec) return false
  if (offset === undefined) return true
  const collarSec = Math.max(offset.collarSec, offset.shareOfLength * (end - start))
  return Math.abs(end - secondsOf(predicted.end)) <= collarSec
}

/** The most pairs that any assignment reaches, all of them tried. */
function exhaustive(reference: Event[], predicted: Event[], collars: EventCollars): number {
  if (reference.length === 0) return 0
  const [first, ...rest] = reference
  let best = exhaustive(rest, predicted, collars)
  for (const [i, candidate] of predicted.entries())
    if (isHit(first, candidate, collars))
      best = Math.max(best, 1 + exhaustive(rest, predicted.toSpliced(i, 1), collars))
  return best
}

function matched(reference: Event[], predicted: Event[], collars: EventCollars) {
  const index = indexLabels([])
  const referenceList = listEvents(reference, 'a.wav', index)
  const predictedList = listEvents(predicted, 'a.wav', index)
  const partner = matchEvents(referenceList, predictedList, collars)
  const pairs = Array.from(partner, (p, r): [Event, Event] | undefined =>
    p === UNMATCHED ? undefined : [reference[referenceList.source[r]], predicted[predictedList.source[p]]],
  ).filter((pair) => pair !== undefined)
  return { count: countMatches(partner), pairs, partner }
}

describe.each(COLLARS)('matching under %o', (collars) => {
  it('finds as many pairs as trying every assignment of up to six events', () => {
    fc.assert(
      fc.property(events(6), events(6), (reference, predicted) => {
        expect(matched(reference, predicted, collars).count).toBe(exhaustive(reference, predicted, collars))
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  it('pairs only events that are close enough, each at most once', () => {
    fc.assert(
      fc.property(events(30), events(30), (reference, predicted) => {
        const { pairs, partner } = matched(reference, predicted, collars)
        for (const [r, p] of pairs) expect(isHit(r, p, collars)).toBe(true)
        const used = partner.filter((p) => p !== UNMATCHED)
        expect(new Set(used).size).toBe(used.length)
      }),
      { seed: 12, numRuns: 200 },
    )
  })

  it('finds the maximum where it needs long chains of reassignments', () => {
    fc.assert(
      fc.property(events(40, 10), events(40, 10), (reference, predicted) => {
        expect(matched(reference, predicted, collars).count).toBe(byAugmenting(reference, predicted, collars))
      }),
      { seed: 13, numRuns: 200 },
    )
  })
})

/** Kuhn's algorithm over all pairs, without sorting, labels or windows. */
function byAugmenting(reference: Event[], predicted: Event[], collars: EventCollars): number {
  const owner = new Map<number, number>()
  const place = (r: number, tried: Set<number>): boolean => {
    for (let p = 0; p < predicted.length; p++) {
      if (tried.has(p) || !isHit(reference[r], predicted[p], collars)) continue
      tried.add(p)
      if (!owner.has(p) || place(owner.get(p)!, tried)) {
        owner.set(p, r)
        return true
      }
    }
    return false
  }
  return reference.filter((_, r) => place(r, new Set())).length
}
