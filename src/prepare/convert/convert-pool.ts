import { Worker } from 'node:worker_threads'
import { HearError } from '../../base/errors.js'
import type { ConversionJob, ConversionSettings, ConvertedClip } from './conversion.js'

/** What a thread is sent: a job, then its bytes piece by piece, then the end of them. */
export type ToConverter =
  | { readonly kind: 'begin'; readonly job: ConversionJob }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }

/** What a thread answers: that it took a piece, that it needs no more, and how the job ended. */
export type FromConverter =
  | { readonly kind: 'took' }
  | { readonly kind: 'enough' }
  | { readonly kind: 'done'; readonly clips: readonly ConvertedClip[] }
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly message: string
      readonly hint: string | undefined
    }

/** Pieces of a file that may be on their way to a thread: enough to keep it busy, little enough to forget about. */
const CHUNKS_AHEAD = 8

/** What is read of a file before a thread is free for it: most clips whole. */
const BYTES_READ_AHEAD = 2 ** 20

/** One thread and the file it is at. */
interface Converter {
  readonly worker: Worker
  job: ConversionJob | undefined
  /** Pieces sent and not yet taken. */
  ahead: number
  enough: boolean
  /** Wakes the feeding loop. */
  wake: () => void
}

/**
 * Worker threads that decode, cut, resample and write the clips of a task. Each has one file at a time, and is fed
 * piece by piece as fast as it takes them, so that memory stays bounded however long the files are; a file of which
 * only the beginning is wanted is read no further.
 */
export class ConvertPool {
  private readonly converters: Converter[] = []
  private readonly idle: Converter[] = []
  private readonly waiting: ((converter: Converter) => void)[] = []
  private failure: unknown
  private drained: () => void = () => {}

  /**
   * @param size threads at most; they start when there is work for them
   * @param onConverted called once for each file, in the order that they end
   */
  constructor(
    private readonly settings: ConversionSettings,
    private readonly size: number,
    private readonly onConverted: (clips: readonly ConvertedClip[]) => void,
  ) {}

  /**
   * Hands a file to the next free thread; resolves when the thread needs no more of its bytes, which is before the
   * clips are written.
   * @throws HearError of this or of an earlier file: whichever failed first ends them all
   */
  async convert(job: ConversionJob, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.throwIfFailed()
    const pieces = await startedReading(chunks)
    // Looked at on both sides of the wait: nobody wakes those who begin to wait for a thread after a failure.
    const converter = this.failure === undefined ? await this.free() : undefined
    if (converter === undefined || this.failure !== undefined) {
      // A generator that never began would not close its source.
      for await (const _ of pieces) break
      throw this.failure
    }
    Object.assign(converter, { job, ahead: 0, enough: false })
    this.post(converter, { kind: 'begin', job })
    try {
      for await (const chunk of pieces) {
        while (converter.ahead >= CHUNKS_AHEAD && !this.isFinished(converter, job))
          await new Promise<void>((resolve) => {
            converter.wake = resolve
          })
        if (this.isFinished(converter, job)) break
        converter.ahead++
        // A copy: the reader may use its buffer again, and what is transferred is gone from this thread.
        const bytes = new Uint8Array(chunk)
        this.post(converter, { kind: 'chunk', bytes }, [bytes.buffer])
      }
    } catch (error) {
      this.stop(error)
    }
    this.throwIfFailed()
    if (converter.job === job) this.post(converter, { kind: 'end' })
  }

  /** Waits until every file that was handed over is written. @throws HearError of the first that failed. */
  async drain(): Promise<void> {
    this.throwIfFailed()
    if (this.idle.length < this.converters.length)
      await new Promise<void>((resolve) => {
        this.drained = resolve
      })
    this.throwIfFailed()
  }

  /** Ends the threads, in the middle of a clip if need be. */
  async close(): Promise<void> {
    this.stop(new Error('the conversion was closed'))
    await Promise.all(this.converters.map(({ worker }) => worker.terminate()))
  }

  private isFinished(converter: Converter, job: ConversionJob): boolean {
    return this.failure !== undefined || converter.enough || converter.job !== job
  }

  private post(converter: Converter, message: ToConverter, transfer: ArrayBuffer[] = []): void {
    converter.worker.postMessage(message, transfer)
  }

  private free(): Promise<Converter> {
    const converter = this.idle.pop() ?? (this.converters.length < this.size ? this.start() : undefined)
    if (converter !== undefined) return Promise.resolve(converter)
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private start(): Converter {
    const worker = new Worker(new URL('./convert-worker.js', import.meta.url), { workerData: this.settings })
    const converter: Converter = { worker, job: undefined, ahead: 0, enough: false, wake: () => {} }
    worker.on('message', (message: FromConverter) => this.onMessage(converter, message))
    worker.on('error', (cause) =>
      this.stop(new Error(`converting "${converter.job?.path}" failed: ${cause.message}`, { cause })),
    )
    this.converters.push(converter)
    return converter
  }

  private onMessage(converter: Converter, message: FromConverter): void {
    if (message.kind === 'took') converter.ahead--
    else if (message.kind === 'enough') converter.enough = true
    else if (message.kind === 'refused')
      this.stop(new HearError(message.code, message.message, { hint: message.hint }))
    else {
      converter.job = undefined
      this.onConverted(message.clips)
      const next = this.waiting.shift()
      if (next !== undefined) next(converter)
      else this.idle.push(converter)
      if (this.idle.length === this.converters.length) this.drained()
    }
    converter.wake()
  }

  /** Ends it all: what is running or waiting throws `reason`, unless something failed before. */
  stop(reason: unknown): void {
    this.failure ??= reason
    for (const converter of this.converters) converter.wake()
    // Those that wait for a thread, or for all of them, wake to find the failure.
    for (const resolve of this.waiting.splice(0)) resolve(this.converters[0])
    this.drained()
  }

  private throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure
  }
}

/** The same pieces, of which the first are read already: a short file waits for its thread in memory. */
async function startedReading(chunks: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
  const source = chunks[Symbol.asyncIterator]()
  const ahead: Uint8Array[] = []
  let nBytes = 0
  let hasEnded = false
  while (nBytes < BYTES_READ_AHEAD && !hasEnded) {
    const { done, value } = await source.next()
    if (done) hasEnded = true
    else {
      // A copy: the reader may use its buffer again.
      ahead.push(new Uint8Array(value))
      nBytes += value.length
    }
  }
  return rest(ahead, source)
}

async function* rest(
  ahead: readonly Uint8Array[],
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* ahead
    for (;;) {
      const { done, value } = await source.next()
      if (done) return
      yield value
    }
  } finally {
    await source.return?.()
  }
}
