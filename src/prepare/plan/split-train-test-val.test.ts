import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { splitTrainTestVal } from './split-train-test-val.js'

interface Input {
  rows: { split: string; split_key: string | number }[]
  config: { split_percentage?: Record<string, number> }
}
type Expected = { value: string[] } | { error: unknown }

/** Keys are texts here: integers become texts that sort as the integers do. */
const keyText = (key: string | number) => (typeof key === 'number' ? String(key).padStart(8, '0') : key)

const cases = fixtureCases<Input, Expected>('prepare/vectors/split_train_test_val')

describe('splitTrainTestVal', () => {
  it.each(cases)('splits $id as hear-preprocess does', ({ input, expected }) => {
    const rows = input.rows.map((row) => ({ split: row.split, splitKey: keyText(row.split_key) }))
    const split = () => splitTrainTestVal(rows, input.config.split_percentage).map((row) => row.split)
    if ('error' in expected) expect(split).toThrowError(expect.objectContaining({ name: 'HearError' }))
    else expect(split()).toEqual(expected.value)
  })

  it('says what to do about splits that cannot be made', () => {
    const rows = [1, 2, 3].map((key) => ({ split: 'train', splitKey: `key${key}` }))
    expect(() => splitTrainTestVal(rows)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: 10 % of 3 split keys of train leave none for valid.]`,
    )
    expect(() =>
      splitTrainTestVal(rows, { train: 60, valid: 20, test: 10 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected percentages that make 100, found train 60, valid 20, test 10 (90).]`,
    )
    expect(() => splitTrainTestVal([{ split: 'fold00', splitKey: 'a' }])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected the split train, found fold00.]`,
    )
  })
})
