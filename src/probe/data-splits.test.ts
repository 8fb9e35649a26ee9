import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { dataSplitsFromFolds, dataSplitsOfTask } from './data-splits.js'

interface Expected {
  value?: object[]
  error?: { message: string }
}

test('folds rotate as in heareval', () => {
  for (const { id, input, expected } of fixtureCases<{ folds: string[] }, Expected>(
    'heareval/data_splits_from_folds',
  )) {
    if (expected.error) expect(() => dataSplitsFromFolds(input.folds), id).toThrow('named twice')
    else expect(dataSplitsFromFolds(input.folds), id).toEqual(expected.value)
  }
})

test('the split mode decides, and an unknown one is refused', () => {
  type Input = { metadata: { split_mode: string; splits: unknown[] } }
  for (const { id, input, expected } of fixtureCases<Input, Expected>('heareval/get_splits_from_metadata')) {
    if (expected.error) expect(() => dataSplitsOfTask(input.metadata), id).toThrow(/Expected/)
    else expect(dataSplitsOfTask(input.metadata), id).toEqual(expected.value)
  }
})
