import { describe, expect, it } from 'vitest'
import type { Prepared } from '../../metrics/metric.js'
import { clipMetricById, eventMetricById } from '../../metrics/registry.js'
import { Random } from '../../num/random.js'
import { comparePaired, type PairedOptions } from './compare.js'
import type { ScoredModel } from './pair-units.js'

function accuracyOf(correct: readonly number[]): Prepared {
  return clipMetricById('top1_acc').prepare({
    predictions: Float32Array.from(correct.flatMap((right) => (right ? [1, 0] : [0, 1]))),
    targets: { kind: 'multiclass', classIndex: new Int32Array(correct.length) },
    rows: correct.length,
    classes: 2,
  })
}

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `${i}.wav`)
const model = (...folds: number[][]): ScoredModel => ({
  runs: [folds.map(accuracyOf)],
  unitNames: folds.map(({ length }) => namesOf(length)),
})
function compare(a: ScoredModel, b: ScoredModel, options: Partial<PairedOptions> = {}) {
  const comparison = comparePaired({ a, b, maximize: true, seed: 1, resamples: 200, ...options })
  if (comparison.kind === 'undefined') throw new Error(comparison.reason)
  return comparison
}

const repeat = (value: number, count: number): number[] => Array(count).fill(value)

describe('two accuracies', () => {
  it('are compared by McNemar’s exact test, positive where the first is better', () => {
    // 9 clips that only the first gets right, 1 that only the second does, 90 alike.
    const a = model([...repeat(1, 9), 0, ...repeat(1, 90)])
    const b = model([...repeat(0, 9), 1, ...repeat(1, 90)])
    const found = compare(a, b)
    expect(found).toMatchObject({ test: 'exact sign flips', pValue: 22 / 1024 })
    expect(found.effect).toBeCloseTo(0.08, 12)
    expect(found.difference).toBe(found.effect)
    expect(found.interval.low).toBeGreaterThan(0)
    expect(found.interval.low).toBeLessThan(0.08)
    expect(found.interval.high).toBeGreaterThan(0.08)
    const reversed = compare(b, a)
    expect(reversed.effect).toBe(-found.effect)
    expect(reversed.pValue).toBe(found.pValue)
    expect(compare(a, b, { maximize: false }).effect).toBe(-found.difference)
  })

  it('of the same predictions differ by nothing, with p = 1', () => {
    const a = model([1, 0, 1, 1], [0, 1])
    expect(compare(a, a)).toMatchObject({ effect: 0, pValue: 1, interval: { low: 0, high: 0 } })
  })

  it('are paired by name, in whatever order the clips come', () => {
    const random = new Random(2)
    const [a, b] = [0.8, 0.6].map((chance) =>
      Array.from({ length: 60 }, () => (random.uniform() < chance ? 1 : 0)),
    )
    const order = random.shuffle(a.map((_, i) => i))
    const shuffled: ScoredModel = {
      runs: [[accuracyOf(order.map((i) => b[i]))]],
      unitNames: [order.map((i) => `${i}.wav`)],
    }
    expect(compare(model(a), shuffled)).toEqual(compare(model(a), model(b)))
  })

  it('are averaged over folds and probe seeds, which need not be as many', () => {
    const a: ScoredModel = {
      runs: [
        [accuracyOf([1, 1, 0, 1]), accuracyOf([1, 0])],
        [accuracyOf([1, 0, 0, 1]), accuracyOf([1, 1])],
      ],
      unitNames: [namesOf(4), namesOf(2)],
    }
    const b = model([0, 1, 0, 0], [1, 0])
    const found = compare(a, b)
    // a: ((3/4 + 1/2) / 2 + (2/4 + 1) / 2) / 2 = 0.6875; b: (1/4 + 1/2) / 2 = 0.375.
    expect(found.difference).toBeCloseTo(0.3125, 12)
    // Terms by clip, in sixteenths: 2, -1, 0, 2 in the first fold, 0, 2 in the second; the sum is 5. Of the patterns
    // of three twos and a one, a sum of 5 or more is +++ with either sign of the one: 2 of 8, both directions alike.
    expect(found.pValue).toBe(0.25)
  })

  it('that do not differ are rarely found to differ', () => {
    const random = new Random('null')
    let found = 0
    let held = 0
    for (let experiment = 0; experiment < 200; experiment++) {
      const [a, b] = [1, 2].map(() => Array.from({ length: 80 }, () => (random.uniform() < 0.75 ? 1 : 0)))
      const { pValue, interval } = compare(model(a), model(b), { seed: experiment, permutations: 199 })
      if (pValue <= 0.05) found++
      if (interval.low <= 0 && 0 <= interval.high) held++
    }
    // 5 % of 200 and four standard deviations.
    expect(found).toBeLessThanOrEqual(22)
    expect(held).toBeGreaterThanOrEqual(0.88 * 200)
    expect(held).toBeLessThan(200)
  })
})

describe('two metrics that are no mean over clips', () => {
  const hotOf = (random: Random) =>
    Uint8Array.from({ length: 80 * 4 }, () => (random.uniform() < 0.25 ? 1 : 0))
  const mAP = (hot: Uint8Array, random: Random, distance: number): ScoredModel => {
    const predictions = Float32Array.from(hot, (label) => random.normal() + distance * label)
    const input = { predictions, targets: { kind: 'multilabel' as const, hot }, rows: 80, classes: 4 }
    return { runs: [[clipMetricById('mAP').prepare(input)]], unitNames: [namesOf(80)] }
  }

  it('are compared by the shifted bootstrap, which rarely errs and sees a large difference', () => {
    const random = new Random('mAP')
    let found = 0
    for (let experiment = 0; experiment < 150; experiment++) {
      const hot = hotOf(random)
      const { pValue, test } = compare(mAP(hot, random, 1), mAP(hot, random, 1), { seed: experiment })
      expect(test).toBe('shifted bootstrap')
      if (pValue <= 0.05) found++
    }
    // 5 % of 150 and four standard deviations.
    expect(found).toBeLessThanOrEqual(18)
    const hot = hotOf(random)
    const clear = compare(mAP(hot, random, 2.5), mAP(hot, random, 0.5))
    // No resample reaches the difference, so p is the one that is added.
    expect(clear.pValue).toBe(1 / 201)
    expect(clear.interval.low).toBeGreaterThan(0)
  })

  it('are 1 for the same predictions', () => {
    const random = new Random(7)
    const one = mAP(hotOf(random), random, 1)
    expect(compare(one, one)).toMatchObject({ effect: 0, pValue: 1 })
  })

  it('take the clips of events by their own names, and a lower error rate as better', () => {
    const event = { label: 'a', start: 0, end: 900 }
    const late = { label: 'a', start: 2000, end: 2900 }
    const names = namesOf(8)
    const targets = eventMetricById('segment_1s_er').prepareTargets(
      new Map(names.map((name) => [name, [event]])),
      ['a'],
    )
    const perfect = { runs: [[targets.prepare(new Map(names.map((name) => [name, [event]])))]] }
    const wrong = {
      runs: [
        [targets.prepare(new Map(names.toReversed().map((name, i) => [name, i < 6 ? [late] : [event]])))],
      ],
    }
    const found = compare(perfect, wrong, { maximize: false })
    expect(found.difference).toBeLessThan(0)
    expect(found.effect).toBeCloseTo(1.5, 9)
    expect(found.test).toBe('shifted bootstrap')
  })
})

describe('reasons and errors', () => {
  it('are given for scores that are undefined and for one clip', () => {
    const silent = clipMetricById('mAP').prepare({
      predictions: new Float32Array(2),
      targets: { kind: 'multilabel', hot: new Uint8Array(2) },
      rows: 2,
      classes: 1,
    })
    const a = { runs: [[silent]], unitNames: [namesOf(2)] }
    expect(comparePaired({ a, b: a, maximize: true, seed: 1 })).toEqual({
      kind: 'undefined',
      reason: 'class 0 without positive rows',
    })
    expect(comparePaired({ a: model([1]), b: model([0]), maximize: true, seed: 1 })).toEqual({
      kind: 'undefined',
      reason: 'one clip does not show how differences vary from clip to clip',
    })
  })

  it('name the clips that only one model has', () => {
    const named = (...names: string[]): ScoredModel => ({
      runs: [[accuracyOf(repeat(1, names.length))]],
      unitNames: [names],
    })
    const unnamed = { runs: [[accuracyOf([1, 1])]] }
    const short = { runs: [[accuracyOf([1, 1])]], unitNames: [['a']] }
    const sentences = [
      [named('a', 'b'), named('b', 'c')],
      [named('a', 'b', 'c', 'd', 'e'), named('e')],
      [model([1, 0], [1, 1]), model([1, 0], [1])],
      [named('a', 'a'), named('a', 'b')],
      [model([1], [1]), model([1])],
      [unnamed, named('a', 'b')],
      [named('a', 'b'), short],
    ].map(([a, b]) => {
      try {
        return compare(a, b)
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(sentences).toMatchInlineSnapshot(`
      [
        "Expected test predictions of two models for the same clips, found "a" only for the first and found "c" only for the second.",
        "Expected test predictions of two models for the same clips, found "a", "b", "c" and 1 more only for the first.",
        "Expected test predictions of two models for the same clips, found "1.wav" only for the first in fold 2.",
        "Expected test predictions of two models for the same clips, found "a" twice for the first model.",
        "Expected test predictions of two models for the same clips, found 2 folds for the first and 1 for the second.",
        "Expected test predictions of two models for the same clips, found no clip names for the first model.",
        "Expected test predictions of two models for the same clips, found 1 names for 2 clips of the second model.",
      ]
    `)
  })
})
