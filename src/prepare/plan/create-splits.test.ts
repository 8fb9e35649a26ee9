import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { createSplits } from './create-splits.js'
import type { ModeMetadata } from './mode-metadata.js'
import { partLengths, splitKFolds } from './split-k-folds.js'

interface Input {
  rows: { split: string; split_key: string | number; label: string | number }[]
  config: ModeMetadata
}
type Expected = { value: { split: string[]; seed: string } } | { error: unknown }

const keyText = (key: string | number) => (typeof key === 'number' ? String(key).padStart(8, '0') : key)
const folds = (n: number) => Array.from({ length: n }, (_, i) => `fold0${i}`)

const cases = fixtureCases<Input, Expected>('prepare/vectors/split_k_folds')

describe('folds', () => {
  it.each(cases)('of $id are those of hear-preprocess', ({ input, expected }) => {
    const rows = input.rows.map((row) => ({ ...row, splitKey: keyText(row.split_key) }))
    const create = () => createSplits(rows, input.config)
    if ('error' in expected) {
      expect(create).toThrowError(expect.objectContaining({ name: 'HearError' }))
      return
    }
    const { rows: split, foldSeed } = create()
    expect(split.map((row) => row.split)).toEqual(expected.value.split)
    // The recorded seed says in brackets where it was not judged; own folds have none at all.
    const seed = input.config.split_mode === 'presplit_kfold' ? null : expected.value.seed.split(' (')[0]
    expect(foldSeed).toBe(seed)
  })

  it('have the lengths that NumPy cuts', () => {
    for (const { input, expected, id } of fixtureCases<{ n: number; k: number }, number[]>(
      'prepare/vectors/array_split_sizes',
    ))
      expect(partLengths(input.n, input.k), id).toEqual(expected)
  })

  it('never part rows of one key, whatever the rows', () => {
    const row = fc.record({ splitKey: fc.constantFrom(...'abcdefgh'), label: fc.constantFrom('x', 'y') })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const nKeys = new Set(rows.map(({ splitKey }) => splitKey)).size
        const given = rows.map((one) => ({ ...one, split: 'train' }))
        const split = splitKFolds(given, folds(Math.min(3, nKeys)), false).rows
        const pairs = new Set(split.map((one) => `${one.splitKey} ${one.split}`))
        expect(pairs.size).toBe(nKeys)
        expect(split.map(({ label }) => label)).toEqual(rows.map(({ label }) => label))
      }),
      { seed: 1 },
    )
  })

  it('that cannot be made say what is missing', () => {
    const rows = ['a', 'b', 'c', 'd'].map((splitKey) => ({ splitKey, split: 'train', label: splitKey }))
    expect(() => splitKFolds(rows, folds(5), true)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected at least 5 split keys for 5 folds, found 4.]`,
    )
    expect(() => splitKFolds(rows, folds(2), true)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Each of 2 folds needs every label; of 4, 4 have fewer split keys than that: "a" (1), "b" (1), "c" (1), "d" (1).]`,
    )
    // Every label has keys enough, but a fold of one key has two labels of three.
    const pairs = ['a:x', 'b:x', 'b:y', 'c:y', 'a:z', 'c:z']
    const shared = pairs.map((pair) => ({ splitKey: pair[0], split: 'train', label: pair[2] }))
    expect(() => splitKFolds(shared, folds(2), true)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: None of 999 shuffles gives each of 2 folds every one of 3 labels.]`,
    )
  })

  it('that the corpus gives must be those of the task', () => {
    const config = {
      split_mode: 'presplit_kfold',
      splits: folds(3),
      mode: 'full',
      embedding_type: 'scene',
      prediction_type: 'multiclass',
    } as unknown as ModeMetadata
    const rows = ['fold00', 'fold01', 'fold03'].map((split) => ({ split, splitKey: split, label: 'x' }))
    expect(() => createSplits(rows, config)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected clips in fold00, fold01, fold02; found some in "fold03", found none in fold02.]`,
    )
  })
})
