import { Worker } from 'node:worker_threads'
import { HearError } from '../../base/errors.js'
import type { GemmKind } from '../../num/gemm/gemm.js'
import type { GridPoint } from '../grid.js'
import type { ProbeSnapshot } from '../net/probe-net.js'
import type { ProbeTask } from './split-data.js'
import {
  type Prediction,
  TrainingCancelled,
  type TrainingOutcome,
  type TrainingRequest,
} from './train-probe.js'

export interface PredictionRequest {
  readonly split: string
  readonly point: GridPoint
  readonly snapshot: ProbeSnapshot
  readonly gemm: GemmKind | 'auto'
}

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly task: ProbeTask
  /** Over shared memory; anything but 0 means stop. */
  readonly cancelFlag: Int32Array
  /** Over shared memory; how many jobs are running. */
  readonly activeJobs: Int32Array
  /** How many threads may compute at once, over all jobs. */
  readonly cores: number
}

type Work =
  | { readonly kind: 'train'; readonly request: TrainingRequest }
  | { readonly kind: 'predict'; readonly request: PredictionRequest }
export type PoolJob = Work & { readonly id: number }

/** What a worker answers. */
export type PoolMessage =
  | { readonly id: number; readonly kind: 'epoch'; readonly epochsRun: number }
  | { readonly id: number; readonly kind: 'trained'; readonly outcome: TrainingOutcome }
  | ({ readonly id: number; readonly kind: 'predicted' } & Prediction)
  | { readonly id: number; readonly kind: 'cancelled' }
  | {
      readonly id: number
      readonly kind: 'refused'
      readonly code: string
      readonly message: string
      readonly hint: string | undefined
    }

interface Pending {
  readonly job: PoolJob
  readonly onEpoch: (epochsRun: number) => void
  readonly onStart: () => void
  readonly resolve: (message: PoolMessage) => void
  readonly reject: (error: unknown) => void
}

/**
 * Worker threads that train the probes of one task, one grid point each, one GEMM thread each; as
 * soon as there are fewer jobs than threads, the idle cores help with the matrix products of those. A result depends
 * on its request alone, never on which thread ran it or how many there are.
 *
 * Threads are ended only between jobs: ending one inside onnxruntime would take the whole process down, so a
 * cancelled training stops itself before its next step.
 */
export class TrainPool {
  private readonly idle: Worker[] = []
  private readonly busy = new Map<Worker, Pending>()
  private readonly queue: Pending[] = []
  private readonly cancelFlag = new Int32Array(new SharedArrayBuffer(4))
  /** Every job that was submitted and not yet answered. */
  private readonly answers = new Set<Promise<PoolMessage>>()
  private readonly activeJobs = new Int32Array(new SharedArrayBuffer(4))
  private nextId = 0

  /** @param size threads at most; they start when there is work for them. */
  constructor(
    private readonly task: ProbeTask,
    private readonly size: number,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener('abort', this.cancel)
    if (signal?.aborted) this.cancel()
  }

  /** @throws HearError as trainProbe does; TrainingCancelled when the signal was raised. */
  async train(
    request: TrainingRequest,
    onEpoch: (epochsRun: number) => void = () => {},
    onStart: () => void = () => {},
  ): Promise<TrainingOutcome> {
    const message = await this.submit({ kind: 'train', request }, onEpoch, onStart)
    if (message.kind !== 'trained') throw new Error(`a training was answered with ${message.kind}`)
    return message.outcome
  }

  /** Test-time probabilities of a split under a trained state. */
  async predict(request: PredictionRequest): Promise<Prediction> {
    const message = await this.submit(
      { kind: 'predict', request },
      () => {},
      () => {},
    )
    if (message.kind !== 'predicted') throw new Error(`a prediction was answered with ${message.kind}`)
    return message
  }

  /** Stops what is running at its next step, waits for that, and ends the threads. */
  async close(): Promise<void> {
    this.cancel()
    this.signal?.removeEventListener('abort', this.cancel)
    await Promise.allSettled(this.answers)
    await Promise.all(this.idle.splice(0).map((worker) => worker.terminate()))
  }

  private readonly cancel = () => {
    Atomics.store(this.cancelFlag, 0, 1)
    for (const pending of this.queue.splice(0)) pending.reject(new TrainingCancelled())
  }

  private submit(work: Work, onEpoch: Pending['onEpoch'], onStart: Pending['onStart']): Promise<PoolMessage> {
    if (Atomics.load(this.cancelFlag, 0) !== 0) return Promise.reject(new TrainingCancelled())
    const answer = new Promise<PoolMessage>((resolve, reject) => {
      this.queue.push({ job: { ...work, id: this.nextId++ }, onEpoch, onStart, resolve, reject })
      this.dispatch()
    })
    this.answers.add(answer)
    return answer.finally(() => this.answers.delete(answer))
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const worker = this.idle.pop() ?? (this.busy.size < this.size ? this.start() : undefined)
      if (worker === undefined) return
      const pending = this.queue.shift() as Pending
      this.busy.set(worker, pending)
      Atomics.store(this.activeJobs, 0, this.busy.size)
      pending.onStart()
      worker.postMessage(pending.job)
    }
  }

  private start(): Worker {
    const { task, cancelFlag, activeJobs, size: cores } = this
    const setup: WorkerSetup = { task, cancelFlag, activeJobs, cores }
    const worker = new Worker(new URL('./train-worker.js', import.meta.url), {
      workerData: setup,
      // A training makes little garbage, and what it makes should not pile up in every thread.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.on('message', (message: PoolMessage) => this.onMessage(worker, message))
    worker.on('error', (error) => {
      const pending = this.busy.get(worker)
      this.busy.delete(worker)
      pending?.reject(error)
    })
    return worker
  }

  private onMessage(worker: Worker, message: PoolMessage): void {
    const pending = this.busy.get(worker)
    if (pending === undefined) return
    if (message.kind === 'epoch') {
      pending.onEpoch(message.epochsRun)
      return
    }
    this.busy.delete(worker)
    Atomics.store(this.activeJobs, 0, this.busy.size)
    this.idle.push(worker)
    if (message.kind === 'cancelled') pending.reject(new TrainingCancelled())
    else if (message.kind === 'refused')
      pending.reject(new HearError(message.code, message.message, { hint: message.hint }))
    else pending.resolve(message)
    this.dispatch()
  }
}
