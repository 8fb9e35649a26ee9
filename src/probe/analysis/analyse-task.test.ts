import { describe, expect, it } from 'vitest'
import type { ClipPrediction } from '../../store/predictions.js'
import { type AnalysedRun, analyseTask } from './analyse-task.js'

const task: AnalysedRun['task'] = {
  name: 'tones',
  version: 'v1',
  mode: 'small',
  folder: 'tones-v1-small',
  embeddingType: 'scene',
  predictionType: 'multiclass',
  splitMode: 'trainvaltest',
  metrics: ['top1_acc'],
  classes: ['low', 'high'],
}
const fold = (name: string, accuracy: number) => ({
  name,
  seed: 42,
  epochsRun: 1,
  figures: { test_score: accuracy, test_top1_acc: accuracy },
})
const run: AnalysedRun = {
  protocol: 'hear-2021',
  seeds: [42],
  task,
  model: { name: 'toy' },
  folds: [fold('test', 0.5)],
  aggregated: null,
  intervals: { top1_acc: { low: 0.25, high: 0.75, resamples: 1000, undefinedResamples: 0 } },
}
const PREDICTIONS: ClipPrediction[] = [
  { clip: 'a.wav', split: 'test', labels: ['low'], probabilities: [0.75, 0.25] },
  { clip: 'b.wav', split: 'test', labels: ['high'], probabilities: [0.75, 0.25] },
]

describe('analyseTask', () => {
  it('says whose result it is, and what it says', () => {
    const analysis = analyseTask(run, PREDICTIONS, 'results/toy')
    expect(analysis).toMatchObject({
      format: 'hearkit-analysis/1',
      task: 'tones',
      folder: 'tones-v1-small',
      model: 'toy',
      protocol: 'hear-2021',
      scores: [{ metric: 'top1_acc', score: 0.5, std: null, interval: { low: 0.25, high: 0.75 } }],
      folds: ['test'],
      seeds: [42],
      clips: 2,
      tests: 2,
    })
    expect(analysis.detail).toMatchObject({ kind: 'multiclass', hardestClips: [{ clip: 'b.wav' }] })
    expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
  })

  it('takes the mean over folds where there are several', () => {
    const folded: AnalysedRun = {
      ...run,
      folds: [fold('fold00', 1), fold('fold01', 0)],
      aggregated: { test_top1_acc_mean: 0.5, test_top1_acc_std: Math.SQRT1_2 },
      intervals: {},
    }
    const predictions = PREDICTIONS.map((prediction, i) => ({ ...prediction, split: `fold0${i}` }))
    expect(analyseTask(folded, predictions, 'results/toy')).toMatchObject({
      scores: [{ metric: 'top1_acc', score: 0.5, std: Math.SQRT1_2, interval: null }],
      folds: ['fold00', 'fold01'],
    })
  })

  it('analyses a multilabel and an event task by their kind', () => {
    const figures = { test_mAP: 1 }
    const multilabel: AnalysedRun = {
      ...run,
      task: { ...task, predictionType: 'multilabel', metrics: ['mAP'] },
      folds: [{ ...run.folds[0], figures }],
    }
    const ranked = [PREDICTIONS[0], { ...PREDICTIONS[1], probabilities: [0.25, 0.75] }] as ClipPrediction[]
    expect(analyseTask(multilabel, ranked, 'results/toy').detail.kind).toBe('multilabel')
    const event: AnalysedRun = {
      ...run,
      task: { ...task, embeddingType: 'event', predictionType: 'multilabel', metrics: ['segment_1s_er'] },
      folds: [{ ...run.folds[0], figures: { test_segment_1s_er: 1 } }],
    }
    const missed = [
      { clip: 'a.wav', split: 'test', labels: [{ label: 'low', start: 0, end: 900 }], events: [] },
    ]
    expect(analyseTask(event, missed, 'results/toy').detail).toMatchObject({
      kind: 'events',
      total: { misses: 1 },
    })
  })

  it('refuses predictions that are not those that were scored', () => {
    expect(() => analyseTask(run, PREDICTIONS.slice(1), 'results/toy')).toThrow(
      '"results/toy" is not as it was written',
    )
  })
})
