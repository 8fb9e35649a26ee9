import { HearError } from '../../base/errors.js'
import type { GemmKind } from '../../num/gemm/gemm.js'
import type { KernelMemory } from '../../num/memory.js'
import { Random } from '../../num/random.js'
import { EarlyStopping, type ScoreMode, validatesAfter } from '../early-stopping.js'
import type { EventPostprocessing } from '../events/frame-events.js'
import { planPostprocessing } from '../events/postprocessing.js'
import type { GridPoint } from '../grid.js'
import { ProbeNet, type ProbeSnapshot } from '../net/probe-net.js'
import { inRecordedPrecision } from '../score-precision.js'
import { planBatches, RowFeeder } from './row-feeder.js'
import { SplitScorer } from './score-split.js'
import type { ProbeTask, SplitData } from './split-data.js'

/** One training of one probe. */
export interface TrainingRequest {
  readonly train: readonly string[]
  readonly valid: string
  readonly point: GridPoint
  /** Seed of everything random in this training. */
  readonly seed: string
  /** Draw the batches anew each epoch (protocol hear-2026); hear-2021 never does. */
  readonly reshuffles: boolean
  readonly gemm: GemmKind | 'auto'
  /** An undefined score is the worst there is and training goes on (hear-2026); hear-2021 stops at once. */
  readonly survivesUndefined: boolean
  /** What the training is for: its validation scores alone, its best state, or what that says of a test split. */
  readonly wants: 'nothing' | 'state' | { readonly test: string }
}

/** Probabilities of a split under a trained state. */
export interface Prediction {
  /** Mean over all rows (and outputs, multilabel). */
  readonly loss: number
  /** [rows, labels] */
  readonly probabilities: Float32Array
}

export interface Validation {
  /** From 0. */
  readonly epoch: number
  readonly loss: number
  /** NaN where undefined, or where the loss decides and no score is taken. */
  readonly score: number
}

export interface TrainingOutcome {
  readonly bestEpoch: number
  /** The deciding figure there, as heareval records it: the primary score, or the loss where that decides. */
  readonly bestScore: number
  readonly mode: ScoreMode
  readonly epochsRun: number
  readonly validations: readonly Validation[]
  readonly postprocessing?: EventPostprocessing
  /** The state of the best validation, where `wants` is `state`. */
  readonly snapshot?: ProbeSnapshot
  /** What that state says of the split to test, where `wants` names one. */
  readonly prediction?: Prediction
  /** Which library multiplied the matrices. */
  readonly gemm: string
}

export interface TrainingHooks {
  /** Asked before every step; true ends the training with TrainingCancelled. */
  cancelled(): boolean
  onEpoch(epochsRun: number): void
}

/** Stands for a score that is undefined: finite in single precision, and worse than any score. */
const WORST = 1e30

export class TrainingCancelled extends Error {}

/** What a net runs on. */
export interface NetResources {
  readonly gemm: GemmKind | 'auto'
  /** How many threads a matrix product may use now. */
  readonly threads?: () => number
  /** A memory of an earlier net to use again. */
  readonly reuse?: KernelMemory
}

/** A net for a grid point of a task, large enough for its batches. */
export function netFor(
  task: ProbeTask,
  inputSize: number,
  point: GridPoint,
  maxRows: number,
  { gemm, threads, reuse }: NetResources,
): ProbeNet {
  return new ProbeNet({
    shape: {
      inputSize,
      hiddenLayers: point.hiddenLayers,
      hiddenSize: point.hiddenDim,
      outputs: task.labels.length,
      predictionType: task.predictionType,
    },
    maxRows,
    learningRate: point.learningRate,
    dropout: point.dropout,
    gemm,
    threads,
    reuse,
  })
}

/** Splits named in a request. Throws HearError for one that the task lacks, or where none is named. */
export function splitsNamed(task: ProbeTask, names: readonly string[]): SplitData[] {
  const splits = names.map((name) => {
    const split = task.splits.get(name)
    if (split === undefined || split.rows === 0)
      throw new HearError('probe/empty-split', `Split "${name}" of ${task.name} has no rows.`, {
        hint: 'Every split needs at least one clip with embeddings.',
      })
    return split
  })
  if (splits.length === 0)
    throw new HearError('probe/nothing-to-train', `${task.name} leaves no fold to train on.`, {
      hint: 'k-fold evaluation needs at least 3 folds: one tests, one validates, the rest train.',
    })
  return splits
}

/**
 * Trains one probe as heareval does: batches in stored order, the last one short; a validation after every
 * checkValEveryNEpoch epochs; early stopping; the state of the best validation is returned.
 * @throws HearError when no validation took place, as heareval does; TrainingCancelled when told to stop.
 */
export function trainProbe(
  task: ProbeTask,
  request: TrainingRequest,
  hooks: TrainingHooks,
  resources: Omit<NetResources, 'gemm'> = {},
): { outcome: TrainingOutcome; memory: KernelMemory } {
  const { point } = request
  const train = splitsNamed(task, request.train)
  const [valid] = splitsNamed(task, [request.valid])
  const trainRows = train.reduce((sum, split) => sum + split.rows, 0)
  const batches = planBatches(trainRows, point.batchSize, request.reshuffles)
  const maxRows = Math.max(...batches, Math.min(valid.rows, point.batchSize))
  const net = netFor(task, valid.inputSize, point, maxRows, { gemm: request.gemm, ...resources })
  const random = new Random(request.seed)
  net.initialise(point.initialization, random)
  const feeder = new RowFeeder(net, train)
  const validation = new ValidationPass(task, valid, net, point.batchSize)
  const mode: ScoreMode = task.scoreDecides && validation.maximize ? 'max' : 'min'
  const stopping = new EarlyStopping(mode, point.patience)
  const order = request.reshuffles ? Int32Array.from({ length: trainRows }, (_, i) => i) : undefined
  const validations: Validation[] = []
  let postprocessing = task.scoreDecides ? undefined : onlyPostprocessing(task)
  let epoch = 0
  for (; epoch < point.maxEpochs && !stopping.stopped; epoch++) {
    if (order !== undefined) random.shuffle(order)
    let start = 0
    for (const size of batches) {
      if (hooks.cancelled()) throw new TrainingCancelled()
      if (order === undefined) feeder.feed(start, size)
      else feeder.feedOrder(order, start, size)
      net.step(size)
      start += size
    }
    if (validatesAfter(epoch, point.checkValEveryNEpoch)) {
      const { loss, score, postprocessing: chosen } = validation.run()
      feeder.forget()
      validations.push({ epoch, loss, score })
      let deciding = task.scoreDecides ? inRecordedPrecision(task.metrics[0], score) : Math.fround(loss)
      if (request.survivesUndefined && Number.isNaN(deciding)) deciding = mode === 'max' ? -WORST : WORST
      if (stopping.update(epoch, deciding)) {
        net.keepBest()
        if (task.scoreDecides) postprocessing = chosen
      }
    }
    hooks.onEpoch(epoch + 1)
  }
  if (stopping.bestScore === undefined)
    throw new HearError(
      'probe/never-validated',
      `Training ended after ${epoch} epochs without a validation: max_epochs ${point.maxEpochs}, check_val_every_n_epoch ${point.checkValEveryNEpoch} (heareval stops here too).`,
      { hint: 'Use a grid that validates within its epochs, such as --grid default.' },
    )
  net.restoreBest()
  const outcome: TrainingOutcome = {
    bestEpoch: stopping.bestEpoch,
    bestScore: stopping.bestScore,
    mode,
    epochsRun: epoch,
    validations,
    postprocessing,
    ...wantedOf(task, request, net),
    gemm: net.gemm.version,
  }
  return { outcome, memory: net.memory }
}

function wantedOf(task: ProbeTask, { wants, point }: TrainingRequest, net: ProbeNet) {
  if (wants === 'nothing') return {}
  if (wants === 'state') return { snapshot: net.snapshot() }
  const [split] = splitsNamed(task, [wants.test])
  const probabilities = new Float32Array(split.rows * task.labels.length)
  return { prediction: { loss: predictSplit(net, split, point.batchSize, probabilities), probabilities } }
}

/** Where the loss decides there is no score to choose a post-processing by, so there may be only one. */
function onlyPostprocessing(task: ProbeTask): EventPostprocessing | undefined {
  if (task.embeddingType !== 'event') return undefined
  const candidates = planPostprocessing(task.postprocessingGrid)
  if (candidates.length === 1) return candidates[0]
  throw new HearError(
    'probe/several-postprocessings',
    `${task.name} sets use_scoring_for_early_stopping to false, so that nothing chooses among its ${candidates.length} post-processings.`,
    { hint: 'Name exactly one in evaluation_params.event_postprocessing_grid.' },
  )
}

/** Probabilities and score of a split under the net's present parameters. */
class ValidationPass {
  readonly maximize: boolean
  private readonly scorer: SplitScorer | undefined
  private readonly probabilities: Float32Array

  constructor(
    task: ProbeTask,
    private readonly split: SplitData,
    private readonly net: ProbeNet,
    private readonly batchSize: number,
  ) {
    this.scorer = task.scoreDecides ? new SplitScorer(task, split) : undefined
    this.maximize = this.scorer?.metric.maximize ?? false
    this.probabilities = new Float32Array(split.rows * task.labels.length)
  }

  run(): { loss: number; score: number; postprocessing?: EventPostprocessing } {
    const loss = predictSplit(this.net, this.split, this.batchSize, this.probabilities)
    return { loss, ...(this.scorer?.score(this.probabilities) ?? { score: Number.NaN }) }
  }
}

/**
 * Writes the probabilities [rows, labels] of a split and returns its mean loss over all rows at once, as heareval
 * takes it.
 */
export function predictSplit(net: ProbeNet, split: SplitData, batchSize: number, out: Float32Array): number {
  const feeder = new RowFeeder(net, [split])
  const { outputs, predictionType } = net.shape
  const most = Math.min(batchSize, net.maxRows)
  const stride = net.layout.outputStride
  let loss = 0
  for (let start = 0; start < split.rows; start += most) {
    const size = Math.min(most, split.rows - start)
    feeder.feed(start, size)
    loss += net.predict(size, true)
    if (stride === outputs) out.set(net.probabilities.subarray(0, size * outputs), start * outputs)
    else
      for (let i = 0; i < size; i++)
        out.set(net.probabilities.subarray(i * stride, i * stride + outputs), (start + i) * outputs)
  }
  return loss / (predictionType === 'multilabel' ? split.rows * outputs : split.rows)
}
