import { describe, expect, it } from 'vitest'
import type { ClipPrediction } from '../store/predictions.js'
import {
  compareTask,
  judge,
  planComparisons,
  type TaskComparison,
  type TaskResult,
  taskKey,
} from './compare-results.js'

type ClipOf = ClipPrediction & { probabilities: number[] }

const classes = ['cat', 'dog']

/** A result on 40 clips, of which the first `right` are. */
function resultOf(name: string, right: number, change: Partial<TaskResult['run']> = {}) {
  const predictions = Array.from({ length: 40 }, (_, i): ClipOf => {
    const label = i % 2
    const said = i < right ? label : 1 - label
    return {
      clip: `${i}.wav`,
      split: 'test',
      labels: [classes[label]],
      probabilities: [said === 0 ? 0.9 : 0.1, said === 1 ? 0.9 : 0.1],
    }
  })
  const result: TaskResult = {
    dir: `results/${name}`,
    run: {
      protocol: 'hear-2021',
      seeds: [1],
      task: {
        name,
        version: '1',
        mode: 'full',
        predictionType: 'multiclass',
        metrics: ['top1_acc', 'mAP'],
        classes,
      },
      folds: [{ name: 'test', seed: 1, figures: { test_top1_acc: Math.fround(right / 40) } }],
      ...change,
    },
  }
  return { result, predictions }
}

describe('planComparisons', () => {
  const { result } = resultOf('pets', 30)
  const changed = (change: object): TaskResult => ({
    dir: 'results/other',
    run: { ...result.run, ...change },
  })
  const task = result.run.task

  it('pairs results by task, version and mode, whatever their folders are called', () => {
    const { planned, notCompared } = planComparisons([result], [changed({})])
    expect(planned).toEqual([{ task: 'pets-1-full', metric: 'top1_acc', a: result, b: changed({}) }])
    expect(notCompared).toEqual([])
    expect(planComparisons([result], [result], 'mAP').planned[0].metric).toBe('mAP')
    expect(taskKey({ name: 'pets', version: '1', mode: null })).toBe('pets-1')
  })

  it.each([
    ['only in A', [result], []],
    ['only in B', [], [result]],
    ['2 results in B: results/pets, results/other', [result], [result, changed({})]],
    [
      'protocol hear-2021 in A, hear-2026 in B: protocols never mix',
      [result],
      [changed({ protocol: 'hear-2026' })],
    ],
    [
      'scored by top1_acc in A, by mAP in B',
      [result],
      [changed({ task: { ...task, metrics: ['mAP', 'top1_acc'] } })],
    ],
    ['other labels in A than in B', [result], [changed({ task: { ...task, classes: ['dog', 'cat'] } })]],
  ])('leaves out, since %s', (reason, a, b) => {
    expect(planComparisons(a, b)).toEqual({ planned: [], notCompared: [{ task: 'pets-1-full', reason }] })
  })
})

describe('compareTask', () => {
  const options = { resamples: 200, seed: 1 }
  const compare = (a: ReturnType<typeof resultOf>, b: ReturnType<typeof resultOf>) =>
    compareTask(planComparisons([a.result], [b.result]).planned[0], a.predictions, b.predictions, options)

  it('gives both scores and their paired difference', () => {
    const outcome = compare(resultOf('pets', 36), resultOf('pets', 30))
    expect(outcome).toMatchObject({ kind: 'compared', task: 'pets-1-full', metric: 'top1_acc', clips: 40 })
    if (outcome.kind !== 'compared') throw new Error(outcome.reason)
    expect([outcome.scoreA, outcome.scoreB]).toEqual([0.9, 0.75])
    expect(outcome.paired.effect).toBeCloseTo(0.15, 12)
    // Six clips differ, all in favour of a: 2 of 2^6 sign patterns reach that far.
    expect(outcome.paired).toMatchObject({ test: 'exact sign flips', pValue: 2 / 64 })
  })

  it('does not depend on the order of the clips of either', () => {
    const [a, b] = [resultOf('pets', 36), resultOf('pets', 30)]
    const reversed = { ...b, predictions: b.predictions.toReversed() }
    expect(compare(a, reversed)).toEqual(compare(a, b))
  })

  it('leaves out other folds, clips and reference labels, saying which', () => {
    const a = resultOf('pets', 40)
    const fold = resultOf('pets', 40, { folds: [{ ...a.result.run.folds[0], name: 'fold00' }] })
    const inFold = fold.predictions.map((prediction) => ({ ...prediction, split: 'fold00' }))
    expect(compare(a, { ...fold, predictions: inFold })).toMatchObject({
      kind: 'not compared',
      reason: 'tested on test in A, on fold00 in B',
    })
    const [first, ...rest] = a.predictions
    const renamed = [{ ...first, clip: 'new.wav' }, ...rest]
    expect(compare(a, { ...a, predictions: renamed })).toMatchObject({
      reason: 'other test clips: 1 only in A, 1 only in B ("0.wav" only in A)',
    })
    const relabelled = [{ ...first, labels: ['dog'], probabilities: [0.1, 0.9] }, ...rest]
    expect(compare(a, { ...a, predictions: relabelled })).toMatchObject({
      reason: 'other reference labels, of the clip "0.wav" among others: two versions of the task',
    })
  })

  it('leaves a score that is undefined out, with its reason', () => {
    const { result } = resultOf('pets', 40)
    const task = { ...result.run.task, predictionType: 'multilabel' as const, metrics: ['mAP'] }
    const folds = [{ name: 'test', seed: 1, figures: { test_mAP: { undefined: 'no dogs' } } }]
    const cats = resultOf('pets', 40, { protocol: 'hear-2026', task, folds })
    const onlyCats = {
      ...cats,
      predictions: cats.predictions.filter(({ labels }) => (labels as string[])[0] === 'cat'),
    }
    expect(compare(onlyCats, onlyCats)).toMatchObject({
      kind: 'not compared',
      reason: expect.stringContaining('class dog without'),
    })
  })
})

describe('judge', () => {
  const outcome = (pValue: number, effect: number, halfWidth = Math.abs(effect) / 2) =>
    ({
      paired: { pValue, effect, interval: { low: effect - halfWidth, high: effect + halfWidth } },
    }) as TaskComparison

  it('calls no model better whose interval holds 0, whatever the p-value', () => {
    const judged = judge([outcome(0.001, 0.2, 0.21), outcome(0.001, -0.2, 0.21), outcome(1, 0, 0)])
    expect(judged.map(({ verdict }) => verdict)).toEqual(judged.map(() => 'no difference shown'))
  })

  it('calls a model better only where the p-value holds over all tasks together', () => {
    const judged = judge([outcome(0.001, 0.2), outcome(0.03, 0.1), outcome(0.012, -0.1)])
    expect(judged.map(({ verdict }) => verdict)).toEqual(['A better', 'A better', 'B better'])
    const more = judge([outcome(0.001, 0.2), outcome(0.03, 0.1), outcome(0.012, -0.1), outcome(0.5, 0.01)])
    expect(more.map(({ correctedPValue }) => correctedPValue.toFixed(6))).toEqual([
      '0.004000',
      '0.060000',
      '0.036000',
      '0.500000',
    ])
    expect(more.map(({ verdict }) => verdict)).toEqual([
      'A better',
      'no difference shown',
      'B better',
      'no difference shown',
    ])
  })
})
