import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision, rankByClass, rocAuc, rocPoints } from './ranking.js'

interface Row {
  score: number
  positive: boolean
  weight: number
}

/** Few distinct scores, so that ties are common; both zeros. */
const rows = fc.array(
  fc.record({
    score: fc.constantFrom(-1.5, -0.25, -0, 0, 0.25, 0.5, 3),
    positive: fc.boolean(),
    weight: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 25 },
)

function ranked(data: Row[], Scores: typeof Float32Array | typeof Float64Array) {
  const hot = Uint8Array.from(data, ({ positive }) => (positive ? 1 : 0))
  return rankByClass(new Scores(data.map(({ score }) => score)), hot, data.length, 1)
}

const repeated = (data: Row[]) => data.flatMap((row) => Array<Row>(row.weight).fill(row))

/** Every pair of a positive and a negative row. */
function slowAuc(data: Row[]): number | undefined {
  let wins = 0
  let pairs = 0
  for (const a of data)
    for (const b of data)
      if (a.positive && !b.positive) {
        pairs++
        wins += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0
      }
  return pairs === 0 ? undefined : wins / pairs
}

/** For each positive row, the precision among the rows that score at least as high. */
function slowAveragePrecision(data: Row[]): number | undefined {
  const positives = data.filter(({ positive }) => positive)
  if (positives.length === 0) return undefined
  const precisions = positives.map(({ score }) => {
    const above = data.filter((row) => row.score >= score)
    return above.filter(({ positive }) => positive).length / above.length
  })
  return precisions.reduce((a, b) => a + b) / positives.length
}

function expectSame(found: number | undefined, expected: number | undefined): void {
  if (expected === undefined) expect(found).toBeUndefined()
  // Sums of at most 75 terms below 1 in another order.
  else expect(Math.abs(found! - expected)).toBeLessThanOrEqual(1e-13)
}

describe.each([Float32Array, Float64Array])('a ranking of a %O', (Scores) => {
  it('has the ROC area of all pairs counted one by one', () => {
    fc.assert(
      fc.property(rows, (data) => expectSame(rocAuc(ranked(data, Scores), 0), slowAuc(data))),
      { seed: 1, numRuns: 300 },
    )
  })

  it('has the average precision of all positives looked up one by one', () => {
    fc.assert(
      fc.property(rows, (data) =>
        expectSame(averagePrecision(ranked(data, Scores), 0), slowAveragePrecision(data)),
      ),
      { seed: 2, numRuns: 300 },
    )
  })

  it('counts a weighted row as often as its weight says', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const ranking = ranked(data, Scores)
        const weights = data.map(({ weight }) => weight)
        expectSame(rocAuc(ranking, 0, weights), slowAuc(repeated(data)))
        expectSame(averagePrecision(ranking, 0, weights), slowAveragePrecision(repeated(data)))
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  it('orders every finite score, tiny and huge ones included', () => {
    const scores = [3e38, 1e-45, -1e-45, -3e38, 0, 1, -1, 1 + 2 ** -23]
    const ranking = rankByClass(Scores.from(scores), new Uint8Array(scores.length), scores.length, 1)
    const order = Array.from(ranking.row, (i) => scores[i])
    expect(order).toEqual([...scores].sort((a, b) => b - a))
  })
})

describe('rocPoints', () => {
  it('draws one point for each distinct score and encloses the ROC area', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const points = rocPoints(ranked(data, Float32Array), 0)
        const expected = slowAuc(data)
        if (expected === undefined) {
          expect(points).toEqual([])
          return
        }
        expect(points.length).toBe(1 + new Set(data.map(({ score }) => score + 0)).size)
        let area = 0
        for (const [i, point] of points.entries())
          if (i > 0) {
            const before = points[i - 1]
            const width = point.falsePositiveRate - before.falsePositiveRate
            area += (width * (point.truePositiveRate + before.truePositiveRate)) / 2
          }
        expectSame(area, expected)
      }),
      { seed: 4, numRuns: 200 },
    )
  })
})
