import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClipMetricInput, Prepared } from '../../metrics/metric.js'
import { clipMetricById, eventMetricById } from '../../metrics/registry.js'
import { Random } from '../../num/random.js'
import { bootstrapInterval } from './bootstrap.js'
import type { Interval } from './recentred-interval.js'

/** Two classes; a row is right or wrong as told. */
function accuracyOf(correct: readonly number[]): Prepared {
  return clipMetricById('top1_acc').prepare({
    predictions: Float32Array.from(correct.flatMap((right) => (right ? [1, 0] : [0, 1]))),
    targets: { kind: 'multiclass', classIndex: new Int32Array(correct.length) },
    rows: correct.length,
    classes: 2,
  })
}

const coins = (random: Random, count: number, chance: number) =>
  Array.from({ length: count }, () => (random.uniform() < chance ? 1 : 0))

function ends(interval: Interval): { low: number; high: number } {
  if (interval.kind === 'undefined') throw new Error(interval.reason)
  return interval
}

function multilabelRows(random: Random, rows: number, classes: number, share: number, distance: number) {
  const hot = Uint8Array.from({ length: rows * classes }, () => (random.uniform() < share ? 1 : 0))
  const predictions = Float32Array.from(hot, (label) => random.normal() + distance * label)
  return { predictions, targets: { kind: 'multilabel' as const, hot }, rows, classes }
}

describe('coverage', () => {
  it.each([
    { clips: 100, chance: 0.7 },
    { clips: 40, chance: 0.95 },
    { clips: 30, chance: 0.98 },
  ])('of 95 % intervals of an accuracy is near 95 % ($clips clips, $chance)', ({ clips, chance }) => {
    const random = new Random('clips')
    let covered = 0
    for (let experiment = 0; experiment < 200; experiment++) {
      const runs = [[accuracyOf(coins(random, clips, chance))]]
      const { low, high } = ends(bootstrapInterval({ runs, resamples: 200, seed: experiment }))
      if (low <= chance && chance <= high) covered++
    }
    expect(covered / 200).toBeGreaterThanOrEqual(0.88)
    // Wilson's interval never falls short at proportions near 1, which makes it cautious there.
    expect(covered / 200).toBeLessThanOrEqual(chance > 0.9 ? 1 : 0.99)
  })

  it('holds where folds and probe seeds differ by more than their clips', () => {
    const random = new Random('folds')
    let covered = 0
    for (let experiment = 0; experiment < 200; experiment++) {
      const chances = Array.from({ length: 5 }, () => 0.7 + 0.04 * random.normal())
      const runs = Array.from({ length: 3 }, () => {
        const luck = 0.01 * random.normal()
        return chances.map((chance) => accuracyOf(coins(random, 60, chance + luck)))
      })
      const { low, high } = ends(bootstrapInterval({ runs, resamples: 200, seed: experiment }))
      if (low <= 0.7 && 0.7 <= high) covered++
    }
    expect(covered / 200).toBeGreaterThanOrEqual(0.88)
  })

  it('of mAP does not suffer from clips that are drawn twice', () => {
    const random = new Random('mAP')
    const mAP = () => clipMetricById('mAP').prepare(multilabelRows(random, 120, 8, 0.15, 1.2))
    let expected = 0
    for (let i = 0; i < 2000; i++) {
      const result = mAP().evaluate()
      if (result.kind === 'value') expected += result.value / 2000
    }
    let covered = 0
    for (let experiment = 0; experiment < 200; experiment++) {
      const { low, high } = ends(bootstrapInterval({ runs: [[mAP()]], resamples: 200, seed: experiment }))
      if (low <= expected && expected <= high) covered++
    }
    expect(covered / 200).toBeGreaterThanOrEqual(0.88)
    expect(covered / 200).toBeLessThanOrEqual(0.99)
  })
})

describe('the interval', () => {
  it('equals a slow twin that copies rows, for clips alone', () => {
    const random = new Random(3)
    const input: ClipMetricInput = multilabelRows(random, 30, 3, 0.5, 1)
    const interval = ends(
      bootstrapInterval({ runs: [[clipMetricById('aucroc').prepare(input)]], resamples: 100, seed: 8 }),
    )
    const score = (rows: readonly number[]) => {
      const take = <T extends Float32Array | Uint8Array>(matrix: T) =>
        rows.flatMap((row) => [...matrix.subarray(row * 3, row * 3 + 3)])
      const result = clipMetricById('aucroc')
        .prepare({
          predictions: Float32Array.from(take(input.predictions as Float32Array)),
          targets: {
            kind: 'multilabel',
            hot: Uint8Array.from(take((input.targets as { hot: Uint8Array }).hot)),
          },
          rows: rows.length,
          classes: 3,
        })
        .evaluate()
      if (result.kind === 'undefined') throw new Error(result.reason)
      return result.value
    }
    const draws = new Random(8)
    const scores = Array.from({ length: 100 }, () =>
      score(Array.from({ length: 30 }, () => draws.int(30))),
    ).sort((x, y) => x - y)
    const bias =
      scores.reduce((sum, value) => sum + value, 0) / 100 - score(Array.from({ length: 30 }, (_, i) => i))
    // The 2.5 and 97.5 % points of 100 ordered values lie between their neighbours: 0.025 x 99 = 2.475.
    expect(interval.low).toBeCloseTo(scores[2] + 0.475 * (scores[3] - scores[2]) - bias, 10)
    expect(interval.high).toBeCloseTo(scores[96] + 0.525 * (scores[97] - scores[96]) - bias, 10)
  })

  it('draws the same clips for every probe seed, and so is not narrower for a seed that repeats itself', () => {
    const run = [accuracyOf(coins(new Random(4), 80, 0.6))]
    const one = bootstrapInterval({ runs: [run], seed: 1 })
    const three = bootstrapInterval({ runs: [run, run, run], seed: 1 })
    expect(ends(three).high - ends(three).low).toBeCloseTo(ends(one).high - ends(one).low, 1)
    expect(ends(three).high - ends(three).low).toBeGreaterThan(0.9 * (ends(one).high - ends(one).low))
  })

  it('holds the score, repeats itself for a seed, and does not depend on the order of clips', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 2, maxLength: 30 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer(),
        (folds, seed) => {
          const runs = [folds.map(accuracyOf)]
          const interval = bootstrapInterval({ runs, resamples: 100, seed })
          const score =
            folds.reduce((sum, fold) => sum + fold.reduce((x, y) => x + y, 0) / fold.length, 0) / folds.length
          expect(ends(interval).low).toBeLessThanOrEqual(score + 1e-12)
          expect(ends(interval).high).toBeGreaterThanOrEqual(score - 1e-12)
          expect(bootstrapInterval({ runs, resamples: 100, seed })).toEqual(interval)
        },
      ),
      { seed: 5, numRuns: 60 },
    )
    const clips = coins(new Random(6), 200, 0.6)
    const forward = ends(bootstrapInterval({ runs: [[accuracyOf(clips)]], resamples: 4000, seed: 1 }))
    const sorted = ends(
      bootstrapInterval({ runs: [[accuracyOf(clips.toSorted())]], resamples: 4000, seed: 1 }),
    )
    // Two draws of 4000: their ends differ by about a tenth of a standard deviation of the score (0.035).
    expect(sorted.low).toBeCloseTo(forward.low, 1.5)
    expect(sorted.high).toBeCloseTo(forward.high, 1.5)
  })

  it('has a width where all clips are right, as Wilson’s has', () => {
    const interval = ends(bootstrapInterval({ runs: [[accuracyOf(Array(20).fill(1))]], seed: 1 }))
    expect(interval.high).toBe(1)
    // Wilson's lower end at 20 of 20 is n / (n + z^2).
    expect(interval.low).toBeCloseTo(20 / (20 + 1.959963984540054 ** 2), 12)
  })

  it('stays within the range of the score', () => {
    const random = new Random(9)
    const runs = [[clipMetricById('mAP').prepare(multilabelRows(random, 12, 2, 0.2, 0))]]
    const free = ends(bootstrapInterval({ runs, seed: 1, level: 0.99 }))
    const clipped = ends(bootstrapInterval({ runs, seed: 1, level: 0.99, range: [0.2, 0.21] }))
    expect(free.low).toBeLessThan(0.2)
    expect(clipped).toMatchObject({ low: 0.2, high: 0.21 })
  })
})

describe('reasons', () => {
  it('are given for one clip, but not for one clip in each of several folds', () => {
    expect(bootstrapInterval({ runs: [[accuracyOf([1])]], seed: 1 })).toEqual({
      kind: 'undefined',
      reason: 'one clip does not show how scores vary from clip to clip',
    })
    expect(
      bootstrapInterval({ runs: [[accuracyOf([1]), accuracyOf([0]), accuracyOf([1])]], seed: 1 }),
    ).toMatchObject({ kind: 'interval', undefinedResamples: 0, resamples: 1000 })
  })

  it('are given where the score itself is undefined', () => {
    const none = clipMetricById('mAP').prepare({
      predictions: new Float32Array(4),
      targets: { kind: 'multilabel', hot: new Uint8Array(4) },
      rows: 4,
      classes: 1,
    })
    expect(bootstrapInterval({ runs: [[none]], seed: 1 })).toEqual({
      kind: 'undefined',
      reason: 'class 0 without positive rows',
    })
  })

  it('are given where too many resamples have no score, and few such are counted', () => {
    const f = (silentClips: number, clips: number) => {
      const event = { label: 'a', start: 0, end: 500 }
      const names = Array.from({ length: clips }, (_, i) => `${i}.wav`)
      const events = new Map(names.map((name, i) => [name, i < silentClips ? [] : [event]]))
      return eventMetricById('event_onset_200ms_fms').prepareTargets(events, ['a']).prepare(events)
    }
    // Of 3 clips, a resample misses the one with events in (2/3)^3 = 30 % of draws.
    const rare = bootstrapInterval({ runs: [[f(2, 3)]], seed: 1 })
    expect(rare.kind === 'undefined' && rare.reason).toMatch(
      /^\d{3} of 1000 resamples have no score, more than 5 %$/,
    )
    // Of 8 clips, all four with events are missed in (1/2)^8 = 0.4 % of draws.
    const common = bootstrapInterval({ runs: [[f(4, 8)]], seed: 1 })
    if (common.kind === 'undefined') throw new Error(common.reason)
    expect(common.undefinedResamples).toBeGreaterThan(0)
    expect(common.undefinedResamples).toBeLessThan(20)
    expect(common).toMatchObject({ low: 1, high: 1 })
  })
})

describe('errors', () => {
  it('name what is wrong with the runs or the numbers asked for', () => {
    const two = accuracyOf([1, 0])
    const three = accuracyOf([1, 0, 1])
    const sentences = [
      { runs: [] },
      { runs: [[two], [two, two]] },
      {
        runs: [
          [two, two],
          [two, three],
        ],
      },
      { runs: [[accuracyOf([])]] },
      { runs: [[two]], resamples: 20 },
      { runs: [[two]], level: 95 },
    ].map((options) => {
      try {
        return bootstrapInterval({ seed: 1, ...options })
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(sentences).toMatchInlineSnapshot(`
      [
        "Expected test predictions by probe seed and fold, found none.",
        "Expected test predictions by probe seed and fold, found 1 folds under the first seed and 2 under seed 2.",
        "Expected test predictions by probe seed and fold, found 2 clips in fold 2 under the first seed and 3 under seed 2.",
        "Expected test predictions by probe seed and fold, found no clip in fold 1.",
        "Expected at least 40 resamples for an interval of level 0.95, found 20.",
        "Expected a level between 0 and 1, found 95.",
      ]
    `)
  })
})
