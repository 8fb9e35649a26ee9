import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { abxTriplets, type EmbeddingMatrix, samePairs } from '../metrics/pairwise.js'
import { Random } from '../num/random.js'
import type { Comparisons } from '../store/pairwise-task.js'
import { preparePairwiseFigures } from './pairwise-figures.js'
import { type PairwiseScore, scorePairwise } from './pairwise-task.js'
import { wilsonInterval } from './statistics/wilson.js'

const line = (...values: number[]): EmbeddingMatrix => ({
  data: Float32Array.from(values),
  rows: values.length,
  dimension: 1,
})
const pairs = (...list: [number, number, 0 | 1][]): Comparisons => ({
  kind: 'pairs',
  rows: Int32Array.from(list.flatMap((pair) => pair.slice(0, 2))),
  same: Uint8Array.from(list, ([, , mark]) => mark),
})
const triplets = (...list: [number, number, number][]): Comparisons => ({
  kind: 'triplets',
  rows: Int32Array.from(list.flat()),
})

function ends({ interval }: PairwiseScore): { low: number; high: number } {
  if (interval.kind === 'undefined') throw new Error(interval.reason)
  return interval
}

/** Clips of some categories on a line; pairs of all of them. */
function allPairs(random: Random, clips: number, categories: number, distance: number) {
  const values = Array.from({ length: clips }, (_, i) => (i % categories) * distance + random.normal())
  const list: [number, number, 0 | 1][] = []
  for (let i = 0; i < clips; i++)
    for (let j = 0; j < i; j++) list.push([i, j, i % categories === j % categories ? 1 : 0])
  return { embeddings: line(...values), comparisons: pairs(...list) }
}

describe('weighted figures', () => {
  const clip = fc.integer({ min: 0, max: 5 })
  const values = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 6, maxLength: 6 })
  const weight = fc.integer({ min: 0, max: 3 })
  const value = (figure: { kind: string; value?: number }) =>
    figure.kind === 'value' ? figure.value : undefined

  it('of pairs equal those of repeated pairs', () => {
    const list = fc.array(fc.tuple(clip, clip, fc.constantFrom<0 | 1>(0, 1), weight), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(values, list, (positions, weighted) => {
        const embeddings = line(...positions)
        const figures = preparePairwiseFigures(
          embeddings,
          pairs(...weighted.map(([a, b, mark]): [number, number, 0 | 1] => [a, b, mark])),
        )
        const weights = weighted.map(([, , , times]) => times)
        const repeated = weighted.flatMap(([a, b, mark, times]) =>
          Array<[number, number, 0 | 1]>(times).fill([a, b, mark]),
        )
        const { rows, same } = pairs(...repeated) as { rows: Int32Array; same: Uint8Array }
        const expected = samePairs(embeddings, rows, same)
        const [rate, area] = [value(expected.equalErrorRate), value(expected.areaUnderCurve)]
        if (rate === undefined || area === undefined) {
          expect(figures.errorRate(weights)).toBeUndefined()
          expect(figures.areaUnderCurve(weights)).toBeUndefined()
        } else {
          expect(figures.errorRate(weights)).toBeCloseTo(rate, 12)
          expect(figures.areaUnderCurve(weights)).toBeCloseTo(area, 12)
        }
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('of triplets equal those of repeated triplets', () => {
    const list = fc.array(fc.tuple(clip, clip, clip, weight), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(values, list, (positions, weighted) => {
        const embeddings = line(...positions)
        const figures = preparePairwiseFigures(
          embeddings,
          triplets(...weighted.map(([a, b, x]): [number, number, number] => [a, b, x])),
        )
        const repeated = weighted.flatMap(([a, b, x, times]) => Array<number[]>(times).fill([a, b, x]))
        const expected = abxTriplets(embeddings, Int32Array.from(repeated.flat()))
        const weights = weighted.map(([, , , times]) => times)
        const [rate, area] = [value(expected.errorRate), value(expected.areaUnderCurve)]
        if (rate === undefined || area === undefined) {
          expect(figures.errorRate(weights)).toBeUndefined()
          expect(figures.areaUnderCurve(weights)).toBeUndefined()
        } else {
          expect(figures.errorRate(weights)).toBeCloseTo(rate, 12)
          expect(figures.areaUnderCurve(weights)).toBeCloseTo(area, 12)
        }
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})

describe('scores of a pairwise task', () => {
  it('are those of the distances, with intervals around them', () => {
    const { embeddings, comparisons } = allPairs(new Random(1), 40, 4, 2)
    const scores = scorePairwise({ embeddings, comparisons, seed: 1 })
    if (comparisons.kind !== 'pairs') throw new Error('expected pairs')
    const expected = samePairs(embeddings, comparisons.rows, comparisons.same)
    expect(scores).toMatchObject({ resampled: 'clips', comparisons: 780 })
    expect(scores.errorRate.score).toEqual(expected.equalErrorRate)
    expect(scores.areaUnderCurve.score).toEqual(expected.areaUnderCurve)
    for (const figure of [scores.errorRate, scores.areaUnderCurve]) {
      const score = figure.score.kind === 'value' ? figure.score.value : Number.NaN
      expect(ends(figure).low).toBeLessThan(score)
      expect(ends(figure).high).toBeGreaterThan(score)
    }
    expect(scorePairwise({ embeddings, comparisons, seed: 1 })).toEqual(scores)
  })

  it('have intervals that hold the true area where pairs share clips', () => {
    const random = new Random('coverage')
    let area = 0
    for (let i = 0; i < 400; i++) {
      const { embeddings, comparisons } = allPairs(random, 40, 4, 1)
      const found = preparePairwiseFigures(embeddings, comparisons).areaUnderCurve()
      area += (found as number) / 400
    }
    let covered = 0
    for (let experiment = 0; experiment < 200; experiment++) {
      const given = allPairs(random, 40, 4, 1)
      const { low, high } = ends(scorePairwise({ ...given, seed: experiment, resamples: 100 }).areaUnderCurve)
      if (low <= area && area <= high) covered++
    }
    expect(covered / 200).toBeGreaterThanOrEqual(0.88)
  })

  it('draw comparisons where no clip is in two of them, with Wilson’s interval for the errors of triplets', () => {
    // Twelve triplets of which all are right.
    const list = Array.from({ length: 12 }, (_, i): [number, number, number] => [3 * i, 3 * i + 1, 3 * i + 2])
    const embeddings = line(...list.flatMap(() => [0, 9, 1]))
    const scores = scorePairwise({ embeddings, comparisons: triplets(...list), seed: 1 })
    expect(scores).toMatchObject({ resampled: 'comparisons', comparisons: 12 })
    expect(scores.errorRate.score).toEqual({ kind: 'value', value: 0 })
    expect(ends(scores.errorRate)).toMatchObject({ low: 0, high: wilsonInterval(0, 12, 0.95)[1] })
    expect(scores.areaUnderCurve.score).toEqual({ kind: 'value', value: 1 })
  })

  it('give reasons where there is nothing to compare', () => {
    const only = scorePairwise({ embeddings: line(0, 1), comparisons: pairs([0, 1, 1]), seed: 1 })
    const reason = 'there are no different pairs'
    expect(only.errorRate).toEqual({
      score: { kind: 'undefined', reason },
      interval: { kind: 'undefined', reason },
    })
    const one = scorePairwise({ embeddings: line(0, 1, 3), comparisons: triplets([0, 2, 1]), seed: 1 })
    expect(one.errorRate).toEqual({
      score: { kind: 'value', value: 0 },
      interval: { kind: 'undefined', reason: 'one comparison does not show how scores vary' },
    })
    const few = scorePairwise({
      embeddings: line(0, 1, 3),
      comparisons: pairs([0, 1, 1], [0, 2, 0]),
      seed: 1,
    })
    expect(few.errorRate.interval.kind === 'undefined' && few.errorRate.interval.reason).toMatch(
      /^\d{3} of 1000 resamples have no score, more than 5 %$/,
    )
    const infinite = line(0, Number.POSITIVE_INFINITY, 3)
    expect(
      scorePairwise({ embeddings: infinite, comparisons: triplets([0, 2, 1]), seed: 1 }).areaUnderCurve.score,
    ).toEqual({ kind: 'undefined', reason: 'a distance of triplet 0 (rows 0, 2, 1) is not finite' })
    expect(() =>
      scorePairwise({ embeddings: line(0, 1), comparisons: pairs([0, 2, 1]), seed: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(`[HearError: Expected rows from 0 to 1, found 2.]`)
  })
})
