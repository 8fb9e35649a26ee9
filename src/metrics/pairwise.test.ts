import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HearError } from '../base/errors.js'
import { abxTriplets, type EmbeddingMatrix, l1Distance, samePairs } from './pairwise.js'

/** One number a row: distances are differences. */
const line = (...values: number[]): EmbeddingMatrix => ({
  data: Float32Array.from(values),
  rows: values.length,
  dimension: 1,
})

/** Pairs of row 0 at 0 with rows at these distances. */
function atDistances(same: number[], different: number[]) {
  const distances = [...same, ...different]
  return samePairs(
    line(0, ...distances),
    Int32Array.from(distances.flatMap((_, i) => [0, i + 1])),
    Uint8Array.from(distances, (_, i) => (i < same.length ? 1 : 0)),
  )
}

const value = (expected: number) => ({ kind: 'value', value: expect.closeTo(expected, 12) })

describe('l1Distance', () => {
  it('adds absolute differences and normalises nothing', () => {
    const embeddings = { data: Float32Array.of(1, 2, 3, -1, 2, 5), rows: 2, dimension: 3 }
    expect(l1Distance(embeddings, 0, 1)).toBe(4)
    expect(l1Distance(embeddings, 1, 0)).toBe(4)
    expect(l1Distance(embeddings, 1, 1)).toBe(0)
  })
})

describe('samePairs', () => {
  it('has no errors where every same pair is closer than every different pair', () => {
    expect(atDistances([1, 2], [3, 4, 5])).toEqual({ equalErrorRate: value(0), areaUnderCurve: value(1) })
  })

  it('is wrong throughout where every same pair is further apart', () => {
    expect(atDistances([3, 4], [1, 2])).toEqual({ equalErrorRate: value(1), areaUnderCurve: value(0) })
  })

  it('is at chance where all distances are equal', () => {
    expect(atDistances([1, 1, 1], [1, 1])).toEqual({ equalErrorRate: value(0.5), areaUnderCurve: value(0.5) })
  })

  it('finds the threshold at which both errors are equal', () => {
    // Accepting up to 2.5 misses one same pair of four and accepts one different pair of four.
    expect(atDistances([1, 1.5, 2, 3], [2.5, 4, 5, 6])).toEqual({
      equalErrorRate: value(0.25),
      areaUnderCurve: value(15 / 16),
    })
  })

  it('lies within both error rates of any threshold, by a scan of all thresholds', () => {
    const distances = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(distances, distances, (same, different) => {
        const { equalErrorRate } = atDistances(same, different)
        if (equalErrorRate.kind !== 'value') throw new Error(equalErrorRate.reason)
        for (let threshold = -1; threshold <= 9; threshold++) {
          const missed = same.filter((d) => d > threshold).length / same.length
          const accepted = different.filter((d) => d <= threshold).length / different.length
          expect(equalErrorRate.value).toBeGreaterThanOrEqual(Math.min(missed, accepted) - 1e-12)
          expect(equalErrorRate.value).toBeLessThanOrEqual(Math.max(missed, accepted) + 1e-12)
        }
      }),
      { seed: 31, numRuns: 200 },
    )
  })

  it('gives reasons where there is nothing to compare', () => {
    expect(atDistances([], [1]).equalErrorRate).toEqual({
      kind: 'undefined',
      reason: 'there are no same pairs',
    })
    expect(atDistances([1], []).areaUnderCurve).toEqual({
      kind: 'undefined',
      reason: 'there are no different pairs',
    })
    expect(atDistances([1, Number.NaN], [1]).equalErrorRate).toEqual({
      kind: 'undefined',
      reason: 'the distance between rows 0 and 2 is not finite',
    })
  })

  it('refuses rows and marks that do not fit', () => {
    expect(() =>
      samePairs(line(1, 2), Int32Array.of(0, 2), Uint8Array.of(1)),
    ).toThrowErrorMatchingInlineSnapshot(`[HearError: Expected rows from 0 to 1, found 2.]`)
    expect(() =>
      samePairs(line(1, 2), Int32Array.of(0, 1, 1), Uint8Array.of(1)),
    ).toThrowErrorMatchingInlineSnapshot(`[HearError: Expected rows in groups of 2, found 3 rows.]`)
    expect(() =>
      samePairs(line(1, 2), Int32Array.of(0, 1), Uint8Array.of(1, 0)),
    ).toThrowErrorMatchingInlineSnapshot(`[HearError: Expected 1 same-or-different marks, found 2.]`)
    expect(() => samePairs({ ...line(1, 2), rows: 3 }, Int32Array.of(0, 1), Uint8Array.of(1))).toThrow(
      HearError,
    )
  })
})

describe('abxTriplets', () => {
  // Rows 0 and 1 of one category, rows 2 and 3 of another.
  const embeddings = line(0, 1, 4, 2)

  it('counts triplets whose X is closer to B, ties as half', () => {
    const triplets = Int32Array.of(
      // |0 - 1| = 1 < |4 - 1| = 3: right.
      ...[0, 2, 1],
      // |1 - 0| = 1 < |2 - 0| = 2: right.
      ...[1, 3, 0],
      // |0 - 1| = 1 = |2 - 1|: a tie.
      ...[0, 3, 1],
      // |4 - 2| = 2 > |1 - 2| = 1: wrong.
      ...[2, 1, 3],
    )
    expect(abxTriplets(embeddings, triplets)).toEqual({
      errorRate: value(1.5 / 4),
      // Same 1, 1, 1, 2 against different 3, 2, 1, 1: wins 2 + 2 x 0.5 thrice, then 1 + 0.5.
      areaUnderCurve: value((3 * 3 + 1.5) / 16),
    })
  })

  it('gives reasons where there is nothing to compare', () => {
    expect(abxTriplets(embeddings, new Int32Array(0)).errorRate).toEqual({
      kind: 'undefined',
      reason: 'there are no triplets',
    })
    expect(abxTriplets(line(0, Number.NaN, 1), Int32Array.of(0, 1, 2)).areaUnderCurve).toEqual({
      kind: 'undefined',
      reason: 'a distance of triplet 0 (rows 0, 1, 2) is not finite',
    })
  })

  it('refuses rows that do not fit', () => {
    expect(() => abxTriplets(embeddings, Int32Array.of(0, 1, -1))).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows from 0 to 3, found -1.]`,
    )
    expect(() => abxTriplets(embeddings, Int32Array.of(0, 1))).toThrow(HearError)
  })
})
