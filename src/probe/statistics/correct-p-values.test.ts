import fc from 'fast-check'
import { expect, it } from 'vitest'
import { correctPValues } from './correct-p-values.js'

it('multiplies from the smallest up, by hand', () => {
  // 0.005 x 4, 0.01 x 3 = 0.03, 0.03 x 2 = 0.06, 0.04 x 1 raised to 0.06.
  expect(correctPValues([0.01, 0.04, 0.03, 0.005], 'holm')).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(correctPValues([0.5, 0.6], 'holm')).toEqual([1, 1])
  // Equal values: the larger multiple holds for all of them.
  expect(correctPValues([0.02, 0.02, 0.02], 'holm')).toEqual([0.06, 0.06, 0.06])
  expect(correctPValues([0, 1], 'holm')).toEqual([0, 1])
  expect(correctPValues([0.2], 'holm')).toEqual([0.2])
  expect(correctPValues([], 'holm')).toEqual([])
})

it('rejects what the step-down procedure rejects, at every level', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 99 }),
      (hundredths, levelHundredths) => {
        const pValues = hundredths.map((p) => p / 100)
        const level = levelHundredths / 100
        const corrected = correctPValues(pValues, 'holm')
        const rejected = new Set<number>()
        for (let left = pValues.length; left > 0; left--) {
          const smallest = Math.min(...pValues.filter((_, i) => !rejected.has(i)))
          if (smallest * left > level) break
          rejected.add(pValues.findIndex((p, i) => p === smallest && !rejected.has(i)))
        }
        expect(new Set(corrected.flatMap((p, i) => (p <= level ? [i] : [])))).toEqual(rejected)
      },
    ),
    { seed: 3, numRuns: 300 },
  )
})

it('refuses what is no p-value', () => {
  expect(() => correctPValues([0.5, Number.NaN], 'holm')).toThrowErrorMatchingInlineSnapshot(
    `[HearError: Expected p-values from 0 to 1, found NaN at position 2.]`,
  )
  expect(() => correctPValues([0.5], 'bonferroni' as 'holm')).toThrowErrorMatchingInlineSnapshot(
    `[HearError: Expected the correction "holm", found "bonferroni".]`,
  )
})
