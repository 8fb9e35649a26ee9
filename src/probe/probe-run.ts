import type { DataSplit } from './data-splits.js'
import type { EvaluationOptions, TestedFold, TriedPoint } from './evaluation.js'
import type { GridPoint } from './grid.js'
import type { ProbeSnapshot } from './net/probe-net.js'
import { TrainingProgress } from './progress.js'
import { testedFold } from './test-fold.js'
import type { ProbeTask } from './training/split-data.js'
import { TrainPool } from './training/train-pool.js'
import type { Prediction, TrainingOutcome, TrainingRequest } from './training/train-probe.js'

/** A training that was timed. */
export interface TimedTraining {
  readonly point: GridPoint
  readonly split: DataSplit
  readonly outcome: Omit<TrainingOutcome, 'snapshot' | 'prediction'>
  readonly seconds: number
  /** The state of the best validation; drop it (some 8 to 20 MB) when it will not be tested. */
  snapshot: ProbeSnapshot | undefined
  readonly prediction: Prediction | undefined
}

/** What the two protocols do differently in a training. */
export interface TrainingStyle {
  readonly reshuffles: boolean
  readonly survivesUndefined: boolean
}

/** Trains and tests the probes of one evaluation on a pool of threads, and reports how far it is. */
export class ProbeRun {
  private readonly pool: TrainPool
  private readonly progress: TrainingProgress

  /** @param trainings how many there will be, for the progress. */
  constructor(
    private readonly task: ProbeTask,
    private readonly options: EvaluationOptions,
    private readonly style: TrainingStyle,
    trainings: number,
  ) {
    this.pool = new TrainPool(task, options.workers, options.signal)
    this.progress = new TrainingProgress(trainings, options.onProgress)
  }

  /** @param seed everything random in this training comes from it. */
  async train(
    split: DataSplit,
    point: GridPoint,
    seed: string,
    wants: TrainingRequest['wants'],
  ): Promise<TimedTraining> {
    const { now, gemm } = this.options
    const report = this.progress.start()
    let started = now()
    const { train, valid } = split
    const request = { train, valid: valid[0], point, seed, gemm, wants, ...this.style }
    const outcome = await this.pool.train(request, report.epoch, () => {
      started = now()
    })
    report.done()
    const { snapshot, prediction, ...rest } = outcome
    return { point, split, outcome: rest, seconds: (now() - started) / 1000, snapshot, prediction }
  }

  /** Tests the best state of a training on the test split that belongs to it. */
  async test(training: TimedTraining, seed: number): Promise<TestedFold> {
    const { point, split, outcome, seconds, snapshot } = training
    const name = split.test[0]
    let { prediction } = training
    if (prediction === undefined) {
      if (snapshot === undefined) throw new Error('the state of this training was dropped')
      prediction = await this.pool.predict({ split: name, point, snapshot, gemm: this.options.gemm })
    }
    const data = this.task.splits.get(name)
    if (data === undefined) throw new Error(`split ${name} was predicted but is not there`)
    return testedFold(this.task, name, data, prediction, { ...outcome, minutes: seconds / 60, seed })
  }

  close(): Promise<void> {
    return this.pool.close()
  }
}

/** The record of a training of the grid search. */
export function triedPoint({ point, split, outcome, seconds }: TimedTraining): TriedPoint {
  const { bestScore: validationScore, bestEpoch, epochsRun, validations, postprocessing } = outcome
  const fold = split.test[0]
  return { point, fold, validationScore, bestEpoch, epochsRun, validations, postprocessing, seconds }
}

/** The order to start trainings in: deeper nets first, since they take longest, so that threads end together. */
export function startOrder(points: readonly GridPoint[]): number[] {
  const cost = (i: number) => points[i].hiddenLayers * points[i].hiddenDim
  return points.map((_, i) => i).sort((a, b) => cost(b) - cost(a) || a - b)
}
