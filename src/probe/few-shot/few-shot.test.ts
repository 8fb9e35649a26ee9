import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClipTargets } from '../../metrics/metric.js'
import { clipMetricById } from '../../metrics/registry.js'
import { Random } from '../../num/random.js'
import { allRows, type LabelledSplit, labelledRows } from '../features/feature-rows.js'
import { FeatureScaler } from '../features/feature-scaler.js'
import { drawFewShot, rowsByLabel } from './draw-few-shot.js'
import { type FewShotOptions, fewShot } from './few-shot.js'
import { prototypeProbabilities } from './prototypes.js'

const multiclass = (...classes: number[]): ClipTargets => ({
  kind: 'multiclass',
  classIndex: Int32Array.from(classes),
})
const LABELS = ['cat', 'dog', 'owl']

describe('a draw', () => {
  it('holds the wanted number of clips of every class, each once, and repeats itself for a seed', () => {
    const classes = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(classes, fc.integer({ min: 1, max: 5 }), fc.integer(), (rows, shots, seed) => {
        const rowsOfLabel = rowsByLabel(multiclass(...rows), rows.length, 3)
        const draw = drawFewShot({ rowsOfLabel, labels: LABELS, shots, seed })
        const counts = [0, 1, 2].map((c) => rows.filter((other) => other === c).length)
        expect(rowsOfLabel.map(({ length }) => length)).toEqual(counts)
        expect(draw.kind).toBe(counts.every((count) => count >= shots) ? 'rows' : 'undefined')
        if (draw.kind === 'undefined') return
        expect(new Set(draw.rows).size).toBe(3 * shots)
        for (let c = 0; c < 3; c++)
          expect([...draw.rows].filter((row) => rows[row] === c)).toHaveLength(shots)
        expect([...draw.rows]).toEqual([...draw.rows].sort((x, y) => x - y))
        expect(drawFewShot({ rowsOfLabel, labels: LABELS, shots, seed })).toEqual(draw)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('takes every clip equally often', () => {
    const rowsOfLabel = [Int32Array.of(3, 5, 6, 8, 9)]
    const times = new Map<number, number>()
    for (let seed = 0; seed < 2000; seed++) {
      const draw = drawFewShot({ rowsOfLabel, labels: ['a'], shots: 2, seed })
      if (draw.kind === 'undefined') throw new Error(draw.reason)
      for (const row of draw.rows) times.set(row, (times.get(row) ?? 0) + 1)
    }
    expect([...times.keys()].sort()).toEqual([3, 5, 6, 8, 9])
    // 2 of 5 in each of 2000 draws: 800, with a standard deviation of 22.
    for (const count of times.values()) expect(Math.abs(count - 800)).toBeLessThan(5 * 22)
  })

  it('gives every label of a multilabel task its clips, some of which several labels share', () => {
    const hot = Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1)
    const rowsOfLabel = rowsByLabel({ kind: 'multilabel', hot }, 4, 3)
    expect(rowsOfLabel.map((rows) => [...rows])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
    ])
    for (let seed = 0; seed < 30; seed++) {
      const draw = drawFewShot({ rowsOfLabel, labels: LABELS, shots: 1, seed })
      if (draw.kind === 'undefined') throw new Error(draw.reason)
      for (let c = 0; c < 3; c++) expect([...draw.rows].some((row) => hot[row * 3 + c] === 1)).toBe(true)
    }
    expect(drawFewShot({ rowsOfLabel, labels: LABELS, shots: 2, seed: 1 })).toEqual({
      kind: 'rows',
      rows: Int32Array.of(0, 1, 2, 3),
    })
  })

  it('names the class that has too few clips', () => {
    const draw = (shots: number) =>
      drawFewShot({ rowsOfLabel: rowsByLabel(multiclass(0, 0, 1), 3, 3), labels: LABELS, shots, seed: 1 })
    expect(draw(2)).toEqual({
      kind: 'undefined',
      reason: 'class dog has 1 training clip, fewer than 2 (and 1 more class fewer than 2)',
    })
    expect(draw(1)).toEqual({ kind: 'undefined', reason: 'class owl has 0 training clips, fewer than 1' })
    expect(() => draw(0)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected 1 or more clips a class, found 0.]`,
    )
  })
})

function someRows(random: Random, name: string, rows: number, targets: ClipTargets): LabelledSplit {
  const embeddings = Float32Array.from({ length: rows * 4 }, () => 3 + random.normal())
  return { name, rows, inputSize: 4, embeddings, targets }
}

describe('prototypes', () => {
  const random = new Random(2)
  const queries = someRows(random, 'test', 7, multiclass(...Array(7).fill(0)))
  const scaledRow = (scaler: FeatureScaler, split: LabelledSplit, row: number) => {
    const into = new Float32Array(4)
    scaler.write(allRows([split]), row, into)
    return [...into]
  }
  const meanOf = (rows: number[][]) =>
    rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length)

  it('of classes equal a slow twin: softmax of minus squared distances', () => {
    const classes = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    const split = someRows(random, 'train', 10, multiclass(...classes))
    const train = labelledRows([split], 3)
    const scaler = FeatureScaler.fit(train, 'centred')
    const support = Int32Array.of(0, 1, 2, 3, 5, 8)
    const found = prototypeProbabilities({
      train,
      support,
      queries: allRows([queries]),
      scaler,
      labels: 3,
      gemm: 'auto',
    })
    const prototypes = [0, 1, 2].map((c) =>
      meanOf([...support].filter((row) => classes[row] === c).map((row) => scaledRow(scaler, split, row))),
    )
    for (let q = 0; q < 7; q++) {
      const query = scaledRow(scaler, queries, q)
      const weights = prototypes.map((p) =>
        Math.exp(-p.reduce((sum, value, d) => sum + (value - query[d]) ** 2, 0) / 4),
      )
      const all = weights.reduce((x, y) => x + y)
      for (let c = 0; c < 3; c++) expect(found[q * 3 + c]).toBeCloseTo(weights[c] / all, 5)
    }
  })

  it('of labels equal a slow twin: cosine with the mean of positives less the mean of all', () => {
    const hot = Uint8Array.of(1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1)
    const split = someRows(random, 'train', 5, { kind: 'multilabel', hot })
    const train = labelledRows([split], 3)
    const scaler = FeatureScaler.fit(train, 'standardised')
    const support = Int32Array.of(0, 1, 3, 4)
    const found = prototypeProbabilities({
      train,
      support,
      queries: allRows([queries]),
      scaler,
      labels: 3,
      gemm: 'wasm',
    })
    const scaled = new Map(Array.from(support, (row) => [row, scaledRow(scaler, split, row)]))
    const mean = meanOf([...scaled.values()])
    const length = (x: number[]) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0))
    for (let c = 0; c < 2; c++) {
      const positives = [...scaled].filter(([row]) => hot[row * 3 + c] === 1).map(([, values]) => values)
      const direction = meanOf(positives).map((value, d) => value - mean[d])
      for (let q = 0; q < 7; q++) {
        const query = scaledRow(scaler, queries, q)
        const dot = query.reduce((sum, value, d) => sum + value * direction[d], 0)
        expect(found[q * 3 + c]).toBeCloseTo(dot / (length(query) * length(direction)), 5)
      }
    }
    // Every support row has the last label, so nothing sets it apart.
    for (let q = 0; q < 7; q++) expect(found[q * 3 + 2]).toBe(0)
  })
})

describe('few shots', () => {
  const random = new Random(3)
  const split = (name: string, rows: number): LabelledSplit => {
    const made = someRows(random, name, rows, multiclass(...Array.from({ length: rows }, (_, i) => i % 3)))
    for (let row = 0; row < rows; row++) made.embeddings[row * 4 + (row % 3)] += 3
    return made
  }
  const test = split('test', 90)
  const scoreTest: FewShotOptions['scoreTest'] = (predictions) =>
    clipMetricById('top1_acc')
      .prepare({ predictions, targets: test.targets, rows: 90, classes: 3 })
      .evaluate()
  const options: FewShotOptions = {
    embeddingType: 'scene',
    train: [split('fold00', 30), split('fold01', 30)],
    test,
    labels: LABELS,
    scoreTest,
    seed: 1,
    gemm: 'auto',
  }

  it('score better with more clips, and say what they cannot', () => {
    const results = fewShot(options)
    expect(results.map(({ shots, kind }) => [shots, kind])).toEqual([
      [1, 'few-shot'],
      [5, 'few-shot'],
      [10, 'few-shot'],
      [50, 'undefined'],
    ])
    const [one, five, ten, fifty] = results
    if (one.kind !== 'few-shot' || five.kind !== 'few-shot' || ten.kind !== 'few-shot')
      throw new Error('expected scores')
    expect(one.scores).toHaveLength(10)
    expect(new Set(one.scores).size).toBeGreaterThan(1)
    const mean = one.scores.reduce((x, y) => x + y) / 10
    expect(one.mean).toBeCloseTo(mean, 12)
    expect(one.standardDeviation ** 2 * 9).toBeCloseTo(
      one.scores.reduce((sum, score) => sum + (score - mean) ** 2, 0),
      12,
    )
    expect(ten.mean).toBeGreaterThan(one.mean)
    expect(ten.mean).toBeGreaterThan(0.85)
    expect(ten.standardDeviation).toBeLessThan(one.standardDeviation)
    expect(fifty).toMatchObject({
      reason: 'class cat has 20 training clips, fewer than 50 (and 2 more classes fewer than 50)',
    })
    expect(fewShot(options)).toEqual(results)
    expect(fewShot({ ...options, seed: 2 })).not.toEqual(results)
  })

  it('do not exist for events, nor without a score', () => {
    const events = fewShot({ ...options, embeddingType: 'event', shots: [1, 5] })
    const reason =
      'frames of one clip are no independent examples, so few-shot results exist for scene tasks only'
    expect(events).toEqual([
      { kind: 'undefined', shots: 1, reason },
      { kind: 'undefined', shots: 5, reason },
    ])
    const silent = () => ({ kind: 'undefined' as const, reason: 'there are no rows to score' })
    expect(fewShot({ ...options, scoreTest: silent, shots: [5] })).toEqual([
      { kind: 'undefined', shots: 5, reason: 'there are no rows to score' },
    ])
    expect(() => fewShot({ ...options, draws: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected 2 or more draws a shot count, found 1.]`,
    )
  })
})
