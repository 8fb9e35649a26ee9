import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyseMulticlass } from './multiclass.js'
import type { ScenePrediction } from './probe-runs.js'

const CLASSES = ['cat', 'dog', 'owl']
const test = (
  clip: string,
  truth: string,
  probabilities: number[],
  of: { split?: string; seed?: number } = {},
) => ({ clip, split: of.split ?? 'test', seed: of.seed, labels: [truth], probabilities }) as ScenePrediction

describe('analyseMulticlass', () => {
  it('says who was taken for whom, class by class and clip by clip', () => {
    const analysis = analyseMulticlass(CLASSES, [
      test('a', 'cat', [0.8, 0.1, 0.1]),
      test('b', 'cat', [0.3, 0.6, 0.1]),
      test('c', 'dog', [0.2, 0.7, 0.1]),
      test('d', 'cat', [0.1, 0.9, 0]),
    ])
    expect(analysis.confusion).toEqual([
      [1, 2, 0],
      [0, 1, 0],
      [0, 0, 0],
    ])
    expect(analysis.perClass).toEqual([
      { label: 'cat', support: 3, predicted: 1, recall: 1 / 3, precision: 1, f1: 0.5 },
      { label: 'dog', support: 1, predicted: 3, recall: 1, precision: 1 / 3, f1: 0.5 },
      {
        label: 'owl',
        support: 0,
        predicted: 0,
        recall: { undefined: 'no row is of this class' },
        precision: { undefined: 'no row was taken for this class' },
        f1: { undefined: 'no row is of this class or was taken for it' },
      },
    ])
    expect(analysis.confusedPairs).toEqual([{ truth: 'cat', predicted: 'dog', count: 2, share: 2 / 3 }])
    expect(analysis.hardestClips.map(({ clip, probabilityOfTruth }) => [clip, probabilityOfTruth])).toEqual([
      ['d', 0.1],
      ['b', 0.3],
    ])
  })

  it('puts the tests of a clip under several seeds together, and clips of one name in two folds apart', () => {
    const { hardestClips } = analyseMulticlass(CLASSES, [
      test('a', 'cat', [0.2, 0.5, 0.3], { split: 'fold00', seed: 1 }),
      test('a', 'owl', [0, 0, 1], { split: 'fold01', seed: 1 }),
      test('a', 'cat', [0.9, 0.1, 0], { split: 'fold00', seed: 2 }),
      test('b', 'dog', [0.9, 0.1, 0], { split: 'fold01', seed: 1 }),
      test('a', 'cat', [0.1, 0.2, 0.7], { split: 'fold00', seed: 3 }),
      test('a', 'cat', [0.4, 0.1, 0.5], { split: 'fold00', seed: 4 }),
    ])
    expect(hardestClips).toEqual([
      {
        clip: 'b',
        split: 'fold01',
        tests: 1,
        wrong: 1,
        truth: 'dog',
        predicted: 'cat',
        probabilityOfTruth: 0.1,
      },
      {
        clip: 'a',
        split: 'fold00',
        tests: 4,
        wrong: 3,
        truth: 'cat',
        predicted: 'owl',
        probabilityOfTruth: (0.2 + 0.9 + 0.1 + 0.4) / 4,
      },
    ])
  })

  it('agrees with counting by hand, whatever is predicted', () => {
    const any = fc.array(
      fc.record({
        truth: fc.constantFrom(...CLASSES),
        probabilities: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
      }),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(any, (rows) => {
        const { confusion, confusedPairs, hardestClips, perClass } = analyseMulticlass(
          CLASSES,
          rows.map(({ truth, probabilities }, i) => test(String(i), truth, probabilities)),
        )
        const winner = (probabilities: number[]) => CLASSES[probabilities.indexOf(Math.max(...probabilities))]
        const wrong = rows.filter(({ truth, probabilities }) => winner(probabilities) !== truth)
        expect(hardestClips.length).toBe(wrong.length)
        expect(confusedPairs.reduce((sum, { count }) => sum + count, 0)).toBe(wrong.length)
        expect(confusion.flat().reduce((a, b) => a + b)).toBe(rows.length)
        expect(perClass.map(({ support }) => support)).toEqual(
          CLASSES.map((label) => rows.filter(({ truth }) => truth === label).length),
        )
      }),
      { seed: 3 },
    )
  })

  it('refuses a label that is none of the classes', () => {
    expect(() => analyseMulticlass(CLASSES, [test('a.wav', 'bog', [1, 0, 0])])).toThrow(
      'The clip "a.wav" has the label "bog"',
    )
  })
})
