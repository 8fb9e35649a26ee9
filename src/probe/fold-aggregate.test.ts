import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { aggregateFolds } from './fold-aggregate.js'

test('means and deviations over folds equal pandas’', () => {
  type Figures = Record<string, number | string>
  for (const { id, input, expected } of fixtureCases<
    { results: Record<string, Figures> },
    { value: Figures }
  >('heareval/aggregate_test_results')) {
    const folds = Object.values(input.results).map((fold) =>
      Object.fromEntries(Object.entries(fold).map(([name, value]) => [name, Number(value)])),
    )
    const aggregated = aggregateFolds(folds)
    expect(Object.keys(aggregated).sort(), id).toEqual(Object.keys(expected.value).sort())
    for (const [name, value] of Object.entries(expected.value)) {
      const ours = aggregated[name]
      if (Number.isNaN(Number(value))) expect(ours, `${id} ${name}`).toBeNaN()
      // sums in another order: the last digits of a double, relative to the numbers summed
      else
        expect(Math.abs(ours - Number(value)), `${id} ${name}`).toBeLessThan(
          1e-7 * Math.max(1, Math.abs(ours)),
        )
    }
  }
})
