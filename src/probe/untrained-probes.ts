import { type Figure, hear2026Figure, type Prepared } from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import type { DataSplit } from './data-splits.js'
import type { EvaluationOptions } from './evaluation.js'
import type { EventPostprocessing } from './events/frame-events.js'
import { fewShot } from './few-shot/few-shot.js'
import { mean, standardDeviation } from './fold-aggregate.js'
import { knnProbe } from './knn/knn.js'
import { bootstrapInterval } from './statistics/bootstrap.js'
import type { Interval } from './statistics/recentred-interval.js'
import { predictedEvents, prepareMetric } from './test-fold.js'
import { SplitScorer } from './training/score-split.js'
import type { ProbeTask, SplitData } from './training/split-data.js'
import { splitsNamed } from './training/train-probe.js'

/** What k nearest neighbours scored, by the primary metric. */
export interface KnnScore {
  readonly score: Figure
  readonly interval: Interval
  /** Neighbours and scaling that validation chose; undefined where it could not. */
  readonly chosen?: { readonly k: number; readonly scaling: string }
}

/** What prototypes of a few clips a class scored, by the primary metric. */
export interface FewShotScore {
  /** Clips a class. */
  readonly shots: number
  /** Mean over draws, then folds. */
  readonly score: Figure
  /** Over draws, the mean over folds; 0 where undefined. */
  readonly standardDeviation: number
}

type Options = Pick<EvaluationOptions, 'gemm' | 'seed'>

interface Fold {
  readonly train: SplitData[]
  readonly valid: SplitData
  readonly test: SplitData
}

function foldsOf(task: ProbeTask, splits: readonly DataSplit[]): Fold[] {
  return splits.map((split) => ({
    train: splitsNamed(task, split.train),
    valid: splitsNamed(task, split.valid)[0],
    test: splitsNamed(task, split.test)[0],
  }))
}

/** The kNN probe over all folds of a task, with its interval. */
export function knnOfTask(task: ProbeTask, splits: readonly DataSplit[], { gemm, seed }: Options): KnnScore {
  const folds = foldsOf(task, splits)
  const scorers = folds.map(({ valid }) => new SplitScorer(task, valid))
  const { maximize, range } = metricById(task.metrics[0])
  const figure = (score: number): Figure =>
    Number.isNaN(score)
      ? { kind: 'undefined', reason: 'the validation score is undefined' }
      : { kind: 'value', value: score }
  const result = knnProbe({
    embeddingType: task.embeddingType,
    folds: folds.map((fold, f) => ({
      ...fold,
      scoreValidation: (probabilities) => figure(scorers[f].score(probabilities).score),
    })),
    labels: task.labels.length,
    maximize,
    gemm,
  })
  if (result.kind === 'undefined') {
    const { reason } = result
    return { score: { kind: 'undefined', reason }, interval: { kind: 'undefined', reason } }
  }
  const prepared = result.folds.map(({ validProbabilities, testProbabilities }, f) => {
    const { postprocessing } = scorers[f].score(validProbabilities)
    return primary(task, folds[f].test, testProbabilities, postprocessing)
  })
  return {
    score: meanFigure(prepared.map((one) => hear2026Figure(one.evaluate()))),
    interval: bootstrapInterval({ runs: [prepared], seed: `${seed}/knn`, range }),
    chosen: result.chosen,
  }
}

/** Few-shot prototypes over all folds of a task: one result for each number of clips a class. */
export function fewShotOfTask(
  task: ProbeTask,
  splits: readonly DataSplit[],
  { gemm, seed }: Options,
): FewShotScore[] {
  const byFold = foldsOf(task, splits).map(({ train, test }, f) =>
    fewShot({
      embeddingType: task.embeddingType,
      train,
      test,
      labels: task.labels,
      scoreTest: (scores) => hear2026Figure(primary(task, test, scores, undefined).evaluate()),
      seed: `${seed}/few-shot/${f}`,
      gemm,
    }),
  )
  return byFold[0].map(({ shots }, i) => {
    const results = byFold.map((fold) => fold[i])
    const score = meanFigure(
      results.map((one): Figure => (one.kind === 'undefined' ? one : { kind: 'value', value: one.mean })),
    )
    const deviations = results.flatMap((one) =>
      one.kind === 'few-shot' ? [standardDeviation([...one.scores])] : [],
    )
    return { shots, score, standardDeviation: score.kind === 'value' ? mean(deviations) : 0 }
  })
}

function primary(
  task: ProbeTask,
  split: SplitData,
  probabilities: Float32Array,
  postprocessing: EventPostprocessing | undefined,
): Prepared {
  const events = predictedEvents(task, split, probabilities, postprocessing)
  return prepareMetric(task, split, task.metrics[0], probabilities, events)
}

/** The mean, or the first reason why there is none. */
function meanFigure(figures: readonly Figure[]): Figure {
  const undefinedOne = figures.find((one) => one.kind === 'undefined')
  if (undefinedOne !== undefined) return undefinedOne
  return { kind: 'value', value: mean(figures.map((one) => (one.kind === 'value' ? one.value : Number.NaN))) }
}
