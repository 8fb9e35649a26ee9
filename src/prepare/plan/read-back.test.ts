import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { sortedVocabulary, vocabularyCsvText } from '../../store/label-files.js'
import { pythonFloat } from '../../store/python-json.js'
import { readLabelsBack } from './read-back.js'

type Expected = { dtype: string; vocabulary_csv: { value: string } | { error: unknown } }
const cases = fixtureCases<(string | number)[], Expected>('prepare/vectors/label_csv_inference')

const rowsOf = (labels: readonly (string | number)[]) =>
  labels.map((label, i) => ({ path: `${i}.wav`, label }))

describe('readLabelsBack', () => {
  it.each(cases)(
    'gives $id the vocabulary that hear-preprocess writes, or refuses it',
    ({ input, expected }) => {
      const vocabulary = () => vocabularyCsvText(sortedVocabulary(readLabelsBack(rowsOf(input))))
      // JSON would lose digits of integers beyond 2^53.
      const refused = 'error' in expected.vocabulary_csv || input.some((label) => Number(label) > 2 ** 53)
      if (refused) expect(vocabulary).toThrowError(expect.objectContaining({ code: 'prepare/label' }))
      else expect(vocabulary()).toBe((expected.vocabulary_csv as { value: string }).value)
    },
  )

  it('makes one object of equal floats, so that labels can be told apart by identity', () => {
    const [a, b, c] = readLabelsBack(rowsOf(['1.0', '2.5', '1.00']))
    expect(a).toEqual(pythonFloat(1))
    expect(c).toBe(a)
    expect(b).not.toBe(a)
  })

  it('says which label means something else than it says', () => {
    const sentences = ['NA', '', '99999999999999999', 'inf'].map((label) => {
      try {
        return readLabelsBack(rowsOf([label, '1']))
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(sentences).toMatchInlineSnapshot(`
      [
        ""0.wav" has the label "NA", which pandas, and so HEAR, reads as a missing value.",
        ""0.wav" has the label "", which pandas, and so HEAR, reads as a missing value.",
        ""0.wav" has the label "99999999999999999", an integer beyond 2^53, which not every program reads.",
        ""0.wav" has the label "inf", which is read as an infinite number.",
      ]
    `)
  })
})
