import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClipTargets } from '../../metrics/metric.js'
import { clipMetricById } from '../../metrics/registry.js'
import { Random } from '../../num/random.js'
import { allRows, type LabelledSplit, labelledRows } from '../features/feature-rows.js'
import { FeatureScaler } from '../features/feature-scaler.js'
import { chooseCandidate, meanFigure } from './candidates.js'
import { type KnnFold, knnProbe } from './knn.js'
import { type Neighbours, nearestRows } from './nearest-rows.js'
import { voteProbabilities } from './votes.js'

/** Two clouds, or as many as there are classes, in a random space. */
function clouds(
  random: Random,
  name: string,
  rows: number,
  classes: number,
  distance: number,
): LabelledSplit {
  const inputSize = 6
  const classIndex = Int32Array.from({ length: rows }, (_, row) => row % classes)
  const embeddings = new Float32Array(rows * inputSize)
  for (let i = 0; i < embeddings.length; i++) {
    const [row, d] = [Math.floor(i / inputSize), i % inputSize]
    // An offset that all rows share and a feature of another scale: neither may drown the rest.
    embeddings[i] = 5 + random.normal() * (d === 0 ? 3 : 1) + (d === classIndex[row] + 1 ? distance : 0)
  }
  return { name, rows, inputSize, embeddings, targets: { kind: 'multiclass', classIndex } }
}

describe('nearest rows', () => {
  it('are those of a slow twin that sorts all cosines, in any blocks', () => {
    const random = new Random(1)
    const [train, queries] = [clouds(random, 'train', 40, 3, 1), clouds(random, 'test', 13, 3, 1)]
    for (const scaling of ['centred', 'standardised'] as const) {
      const column = (d: number) => Array.from({ length: 40 }, (_, i) => train.embeddings[i * 6 + d])
      const means = Array.from({ length: 6 }, (_, d) => column(d).reduce((x, y) => x + y) / 40)
      const scales = means.map((mean, d) =>
        scaling === 'centred' ? 1 : Math.sqrt(column(d).reduce((sum, x) => sum + (x - mean) ** 2, 0) / 40),
      )
      const scaled = ({ embeddings }: LabelledSplit, row: number) =>
        means.map((mean, d) => (embeddings[row * 6 + d] - mean) / scales[d])
      const dot = (x: number[], y: number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0)
      const cosine = (x: number[], y: number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
      const known = allRows([train])
      const scaler = FeatureScaler.fit(known, scaling)
      for (const blocks of [undefined, { left: 5, right: 7 }, { left: 13, right: 11 }]) {
        const found = nearestRows({
          queries: allRows([queries]),
          train: known,
          scaler,
          count: 9,
          gemm: 'auto',
          blocks,
        })
        for (let q = 0; q < 13; q++) {
          const cosines = Array.from({ length: 40 }, (_, i) => cosine(scaled(queries, q), scaled(train, i)))
          const order = cosines.map((_, i) => i).sort((i, j) => cosines[j] - cosines[i])
          expect([...found.index.subarray(q * 9, q * 9 + 9)]).toEqual(order.slice(0, 9))
          for (let i = 0; i < 9; i++) expect(found.similarity[q * 9 + i]).toBeCloseTo(cosines[order[i]], 5)
        }
      }
    }
  })

  it('of equal similarity come in the order of the training rows', () => {
    const rows = [
      [1, 0],
      [0, 1],
      [1, 0],
      [-1, 0],
      [0, -1],
      [-1, 0],
    ]
    const train = allRows([
      { name: 'train', rows: 6, inputSize: 2, embeddings: Float32Array.from(rows.flat()) },
    ])
    const queries = allRows([{ name: 'q', rows: 1, inputSize: 2, embeddings: Float32Array.of(3, 0) }])
    const scaler = FeatureScaler.fit(train, 'centred')
    for (const right of [6, 2, 1]) {
      const blocks = { left: 1, right }
      const found = nearestRows({ queries, train, scaler, count: 6, gemm: 'auto', blocks })
      expect([...found.index]).toEqual([0, 2, 1, 4, 3, 5])
      for (const [i, cosine] of [1, 1, 0, 0, -1, -1].entries())
        expect(found.similarity[i]).toBeCloseTo(cosine, 6)
    }
  })
})

const found = (index: number[], similarity: number[]): Neighbours => ({
  rows: 1,
  count: index.length,
  index: Int32Array.from(index),
  similarity: Float32Array.from(similarity),
  gemm: '',
})

describe('votes', () => {
  it('are shares, and the more similar neighbours win a tie', () => {
    const targets: ClipTargets = { kind: 'multiclass', classIndex: Int32Array.of(0, 1, 1, 0) }
    const four = found([0, 1, 2, 3], [0.8, 0.6, 0.2, 0.1])
    expect([...voteProbabilities(four, targets, 3, 1)]).toEqual([1, 0, 0])
    const tied = voteProbabilities(four, targets, 3, 2)
    // Closeness 0.9 and 0.8: (1 + 0.9 / 3.4) / 2.5 and (1 + 0.8 / 3.4) / 2.5.
    expect(tied[0]).toBeCloseTo(0.50588, 5)
    expect(tied[1]).toBeCloseTo(0.49412, 5)
    expect(voteProbabilities(four, targets, 3, 3)[1]).toBeGreaterThan(0.5)
    // Two against two: 0.8 + 0.1 against 0.6 + 0.2.
    const all = voteProbabilities(four, targets, 3, 4)
    expect(all[0]).toBeGreaterThan(all[1])
  })

  it('never let similarity outweigh a vote, stay in [0, 1], and add up to 1 for one class a row', () => {
    const someVotes = fc.array(
      fc.record({
        class: fc.integer({ min: 0, max: 3 }),
        cosine: fc.float({ min: -1, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(someVotes, (votes) => {
        const sorted = votes.toSorted((x, y) => y.cosine - x.cosine)
        const neighbours = found(
          sorted.map((_, i) => i),
          sorted.map(({ cosine }) => cosine),
        )
        const classIndex = Int32Array.from(sorted, (vote) => vote.class)
        const one = voteProbabilities(neighbours, { kind: 'multiclass', classIndex }, 4, votes.length)
        const hot = Uint8Array.from(
          sorted.flatMap((vote) => [0, 1, 2, 3].map((c) => (c === vote.class ? 1 : 0))),
        )
        expect(voteProbabilities(neighbours, { kind: 'multilabel', hot }, 4, votes.length)).toEqual(one)
        const counts = [0, 1, 2, 3].map((c) => votes.filter((vote) => vote.class === c).length)
        expect(one.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6)
        for (let c = 0; c < 4; c++) {
          expect(one[c]).toBeGreaterThanOrEqual(0)
          expect(one[c]).toBeLessThanOrEqual(1)
          if (counts[c] * 2 > votes.length) expect(one[c]).toBeGreaterThan(0.5)
          if (counts[c] * 2 < votes.length) expect(one[c]).toBeLessThan(0.5)
          for (let d = 0; d < 4; d++) if (counts[c] > counts[d]) expect(one[c]).toBeGreaterThan(one[d])
        }
      }),
      { seed: 4, numRuns: 300 },
    )
  })
})

describe('the choice of a candidate', () => {
  const scored = (k: number, scaling: 'centred' | 'standardised', value?: number) => ({
    k,
    scaling,
    score:
      value === undefined
        ? ({ kind: 'undefined', reason: `none for ${k}` } as const)
        : ({ kind: 'value', value } as const),
  })

  it('is the best score, ties to fewer neighbours, then centred, and passes over what has none', () => {
    const candidates = [
      scored(1, 'centred'),
      scored(3, 'centred', 0.5),
      scored(5, 'centred', 0.7),
      scored(5, 'standardised', 0.7),
      scored(3, 'standardised', 0.7),
      scored(10, 'standardised', 0.2),
    ]
    expect(chooseCandidate(candidates, true)).toEqual({ kind: 'chosen', candidate: candidates[4] })
    expect(chooseCandidate(candidates.slice(0, 4), true)).toEqual({
      kind: 'chosen',
      candidate: candidates[2],
    })
    expect(chooseCandidate(candidates, false)).toEqual({ kind: 'chosen', candidate: candidates[5] })
    expect(chooseCandidate([scored(3, 'centred'), scored(1, 'standardised')], true)).toEqual({
      kind: 'undefined',
      reason: 'none for 1',
    })
    expect(meanFigure([scored(1, 'centred', 1).score, scored(1, 'centred', 2).score])).toEqual({
      kind: 'value',
      value: 1.5,
    })
    expect(meanFigure([scored(1, 'centred', 1).score, scored(3, 'centred').score])).toMatchObject({
      reason: 'none for 3',
    })
  })
})

describe('the probe', () => {
  const scoreOf = ({ targets, rows }: LabelledSplit) => {
    return (predictions: Float32Array) =>
      clipMetricById('top1_acc').prepare({ predictions, targets, rows, classes: 3 }).evaluate()
  }
  const foldOf = (random: Random, distance: number): KnnFold & { tested: LabelledSplit } => {
    const valid = clouds(random, 'valid', 40, 3, distance)
    const tested = clouds(random, 'test', 60, 3, distance)
    const train = [clouds(random, 'fold00', 90, 3, distance), clouds(random, 'fold01', 31, 3, distance)]
    return { train, valid, test: tested, tested, scoreValidation: scoreOf(valid) }
  }

  it('tells clouds apart, chooses one candidate for all folds, and says how many rows it used', () => {
    const random = new Random(2)
    const folds = [foldOf(random, 4), foldOf(random, 4)]
    const result = knnProbe({ embeddingType: 'scene', folds, labels: 3, maximize: true, gemm: 'auto' })
    if (result.kind === 'undefined') throw new Error(result.reason)
    expect(result.validation.map(({ k }) => k)).toEqual([1, 3, 5, 10, 20, 50, 1, 3, 5, 10, 20, 50])
    const best = Math.max(...result.validation.map(({ score }) => (score.kind === 'value' ? score.value : 0)))
    expect(
      result.validation.find((c) => c.k === result.chosen.k && c.scaling === result.chosen.scaling),
    ).toEqual({
      ...result.chosen,
      score: { kind: 'value', value: best },
    })
    for (const [f, fold] of result.folds.entries()) {
      expect(fold).toMatchObject({ availableTrainRows: 121, trainRows: 121 })
      expect(scoreOf(folds[f].tested)(fold.testProbabilities)).toMatchObject({ kind: 'value' })
      const score = scoreOf(folds[f].tested)(fold.testProbabilities)
      expect(score.kind === 'value' && score.value).toBeGreaterThan(0.85)
    }
    const valids = result.folds.map((fold, f) => folds[f].scoreValidation(fold.validProbabilities))
    expect(meanFigure(valids)).toEqual({ kind: 'value', value: best })
  })

  it('guesses where there is nothing to hear', () => {
    const fold = foldOf(new Random(3), 0)
    const result = knnProbe({
      embeddingType: 'scene',
      folds: [fold],
      labels: 3,
      maximize: true,
      gemm: 'wasm',
    })
    if (result.kind === 'undefined') throw new Error(result.reason)
    const score = scoreOf(fold.tested)(result.folds[0].testProbabilities)
    // A third, and four standard deviations of 60 guesses.
    expect(score.kind === 'value' && Math.abs(score.value - 1 / 3)).toBeLessThan(0.25)
  })

  it('leaves out candidates with more neighbours than training rows, and reports a score that is undefined', () => {
    const random = new Random(4)
    const fold = { ...foldOf(random, 4), train: [clouds(random, 'train', 4, 3, 4)] }
    const options = { embeddingType: 'scene' as const, labels: 3, maximize: true, gemm: 'auto' as const }
    const result = knnProbe({ ...options, folds: [fold] })
    expect(result.validation.map(({ k }) => k)).toEqual([1, 3, 1, 3])
    const silent = { ...fold, scoreValidation: () => ({ kind: 'undefined' as const, reason: 'no events' }) }
    expect(knnProbe({ ...options, folds: [fold, silent] })).toMatchObject({
      kind: 'undefined',
      reason: 'no events',
    })
  })

  it('thins the frames of an event task to 50,000, and no others', () => {
    const rows = 50_001
    const train: LabelledSplit = {
      name: 'train',
      rows,
      inputSize: 1,
      embeddings: Float32Array.from({ length: rows }, (_, i) => i),
      targets: {
        kind: 'multilabel',
        hot: Uint8Array.from({ length: rows }, (_, i) => (i >= 25_000 ? 1 : 0)),
      },
    }
    const query = { name: 'valid', rows: 2, inputSize: 1, embeddings: Float32Array.of(3, 49_000) }
    const folds: KnnFold[] = [
      { train: [train], valid: query, test: query, scoreValidation: () => ({ kind: 'value', value: 1 }) },
    ]
    for (const [embeddingType, trainRows] of [
      ['event', 50_000],
      ['scene', rows],
    ] as const) {
      const result = knnProbe({ embeddingType, folds, labels: 1, maximize: true, gemm: 'auto' })
      expect(result).toMatchObject({ chosen: { k: 1, scaling: 'centred' } })
      if (result.kind === 'undefined') throw new Error(result.reason)
      expect(result.folds[0]).toMatchObject({ trainRows, availableTrainRows: rows })
      expect([...result.folds[0].testProbabilities]).toEqual([0, 1])
    }
    expect(labelledRows([train], 1, 50_000).row(49_999)[0]).toBe(49_999)
  })
})
