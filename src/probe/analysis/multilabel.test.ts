import { describe, expect, it } from 'vitest'
import { analyseMultilabel } from './multilabel.js'
import type { ScenePrediction } from './probe-runs.js'

const CLASSES = ['cat', 'dog']
const test = (clip: string, labels: string[], probabilities: number[], split = 'test'): ScenePrediction => ({
  clip,
  split,
  labels,
  probabilities,
})

describe('analyseMultilabel', () => {
  it('ranks each label, and says why a figure is undefined', () => {
    const { perClass } = analyseMultilabel(CLASSES, [
      test('a', ['cat'], [0.9, 0.1]),
      test('b', [], [0.8, 0.2]),
      test('c', ['cat'], [0.7, 0.3]),
    ])
    expect(perClass).toEqual([
      { label: 'cat', support: 2, averagePrecision: (1 + 2 / 3) / 2, rocAuc: 0.5 },
      {
        label: 'dog',
        support: 0,
        averagePrecision: { undefined: 'no row has this class' },
        rocAuc: { undefined: 'no row has this class' },
      },
    ])
  })

  it('ranks each fold by itself and averages over those that have the label', () => {
    const { perClass } = analyseMultilabel(CLASSES, [
      test('a', ['cat'], [0.2, 0.9], 'fold00'),
      test('b', [], [0.1, 0.1], 'fold00'),
      test('c', ['cat', 'dog'], [0.7, 0.3], 'fold01'),
      test('d', [], [0.8, 0.2], 'fold01'),
    ])
    // Pooled, the two folds would give cat 5/6 and an area of 3/4.
    expect(perClass[0]).toEqual({ label: 'cat', support: 2, averagePrecision: (1 + 0.5) / 2, rocAuc: 0.5 })
    expect(perClass[1]).toEqual({ label: 'dog', support: 1, averagePrecision: 1, rocAuc: 1 })
  })

  it('puts the clip with the largest loss first and names the labels behind it', () => {
    const { hardestClips } = analyseMultilabel(CLASSES, [
      test('easy', ['cat'], [0.99, 0.01]),
      test('certain and wrong', ['dog'], [0.5, 0]),
      test('hard', [], [0.5, 0.75]),
    ])
    expect(hardestClips.map(({ clip }) => clip)).toEqual(['certain and wrong', 'hard', 'easy'])
    expect(hardestClips[0].loss).toBeCloseTo((100 + Math.LN2) / 2, 12)
    expect(hardestClips[0].worst[0]).toEqual({ label: 'dog', present: true, probability: 0 })
    expect(hardestClips[1].loss).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 12)
    expect(hardestClips[1].worst).toEqual([
      { label: 'dog', present: false, probability: 0.75 },
      { label: 'cat', present: false, probability: 0.5 },
    ])
  })
})
