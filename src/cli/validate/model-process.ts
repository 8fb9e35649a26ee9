import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { OpenModelOptions } from '../../model/model-kind.js'
import { audioSec, type Sounds } from '../../validate/sounds.js'
import type {
  Failure,
  Outcome,
  PeakMemory,
  QuestionKind,
  Questions,
  Subject,
} from '../../validate/subject.js'
import { gpuMemoryInUse, gpuMemoryOf } from './gpu-memory.js'
import { endGroup, endTree, processTree } from './process-tree.js'

/** What the process is told first. */
export interface ModelProcessSetup {
  readonly name: string
  readonly options: OpenModelOptions
}

/** A question on its way to the process. */
export interface ProcessQuestion {
  readonly id: number
  readonly kind: QuestionKind
  readonly question: Questions[QuestionKind]['question']
}

/** What the process answers. */
export interface ProcessAnswer {
  readonly id: number
  readonly outcome: Outcome<QuestionKind>
  /** The most that the process itself has held so far. */
  readonly peakBytes: number
}

export interface ModelProcessOptions extends ModelProcessSetup {
  /** Time for a call, beside the length of the audio that it embeds. */
  readonly timeLimitSec: number
  /** Of the process and those that it starts, and of the GPU. */
  readonly memoryLimitBytes: number
  readonly signal: AbortSignal
}

const MEMORY_POLL_MS = 250
const GPU_POLL_MS = 1000
/** Of what the process writes, the last so many characters are kept. */
const LAST_WORDS = 2000
/** What a process wrote may arrive after its end; others that it started may keep the pipe open for ever. */
const LAST_WORDS_MS = 300

/**
 * A model in a process of its own, so that whatever it does ends in an answer: a crash, an endless loop, or more memory
 * than it may have. After its end the next question starts another.
 */
export class ModelProcess implements Subject {
  private child: ChildProcess | undefined
  private lastWords = ''
  private nextId = 0
  private processBytes: number | null = null
  private gpuBytes: number | null = null
  private gpuBaseline: number | null | undefined
  /** Ends the call that is running. */
  private onOutgrown: ((failure: Failure) => void) | undefined

  /** @param entry the module that the process runs; it calls serveModel. */
  constructor(
    private readonly entry: URL,
    private readonly options: ModelProcessOptions,
  ) {}

  async ask<Kind extends QuestionKind>(
    kind: Kind,
    question: Questions[Kind]['question'],
  ): Promise<Outcome<Kind>> {
    const { signal, timeLimitSec } = this.options
    signal.throwIfAborted()
    if (this.gpuBaseline === undefined) this.gpuBaseline = await gpuMemoryInUse()
    const child = this.running()
    const id = this.nextId++
    const limitSec = timeLimitSec + Math.round(secondsOf(question))
    return new Promise((resolve, reject) => {
      const finish = (outcome: Outcome<Kind>) => {
        stop()
        resolve(outcome)
      }
      const fail = (failure: Failure) => {
        this.kill()
        finish({ failure })
      }
      const onMessage = (answer: ProcessAnswer) => {
        if (answer.id !== id) return
        this.processBytes = Math.max(this.processBytes ?? 0, answer.peakBytes)
        // Short calls end between two polls, but other processes of the model are still there.
        this.watchMemory(child)
        finish(answer.outcome as Outcome<Kind>)
      }
      const died = async (how: string) => {
        stop()
        this.child = undefined
        // Those that it started may be left.
        if (child.pid !== undefined) endGroup(child.pid)
        await Promise.race([once(child, 'close'), delay(LAST_WORDS_MS)])
        resolve({ failure: { kind: 'died', how, lastWords: this.lastLines() } })
      }
      const onExit = (code: number | null, name: NodeJS.Signals | null) => died(howItEnded(code, name))
      const onError = (error: Error) => died(`a process that could not be started: ${error.message}`)
      const onAbort = () => {
        stop()
        this.kill()
        reject(signal.reason)
      }
      const hung = setTimeout(() => fail({ kind: 'hung', limitSec }), limitSec * 1000)
      this.onOutgrown = fail
      const stop = () => {
        this.onOutgrown = undefined
        clearTimeout(hung)
        child.off('message', onMessage)
        child.off('exit', onExit)
        child.off('error', onError)
        signal.removeEventListener('abort', onAbort)
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.on('error', onError)
      signal.addEventListener('abort', onAbort)
      child.send({ id, kind, question } satisfies ProcessQuestion, () => {
        // A process that has ended says so by its exit.
      })
    })
  }

  peakMemory(): PeakMemory {
    return { processBytes: this.processBytes, gpuBytes: this.gpuBytes }
  }

  /** Ends the process, and those that it started. */
  kill(): void {
    const { child } = this
    this.child = undefined
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    endTree(child.pid)
  }

  private running(): ChildProcess {
    if (this.child?.connected) return this.child
    this.lastWords = ''
    const child = fork(this.entry, {
      serialization: 'advanced',
      // A group of its own: Ctrl-C in a terminal does not reach it, and what it started ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    })
    const listen = (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString('utf8')).slice(-LAST_WORDS)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    const memory = setInterval(() => this.watchMemory(child), MEMORY_POLL_MS)
    const gpu = setInterval(() => void this.watchGpu(child), GPU_POLL_MS)
    const unwatch = () => {
      clearInterval(memory)
      clearInterval(gpu)
    }
    child.once('exit', unwatch)
    child.on('error', unwatch)
    const { name, options } = this.options
    child.send({ name, options } satisfies ModelProcessSetup)
    this.child = child
    return child
  }

  private watchMemory(child: ChildProcess): void {
    if (child.pid === undefined) return
    const { residentBytes } = processTree(child.pid)
    if (residentBytes === null) return
    this.processBytes = Math.max(this.processBytes ?? 0, residentBytes)
    const limitBytes = this.options.memoryLimitBytes
    if (residentBytes > limitBytes)
      this.onOutgrown?.({ kind: 'outgrew', limitBytes, bytes: residentBytes, of: 'process' })
  }

  private async watchGpu(child: ChildProcess): Promise<void> {
    if (child.pid === undefined || this.gpuBaseline === null || this.gpuBaseline === undefined) return
    const bytes = await gpuMemoryOf(processTree(child.pid).pids, this.gpuBaseline)
    if (bytes === null || this.child !== child) return
    this.gpuBytes = Math.max(this.gpuBytes ?? 0, bytes)
    const limitBytes = this.options.memoryLimitBytes
    if (bytes > limitBytes) this.onOutgrown?.({ kind: 'outgrew', limitBytes, bytes, of: 'GPU' })
  }

  private lastLines(): string {
    // Where in the code it was says less than the error itself, which stands above.
    const lines = this.lastWords.split('\n').filter((line) => !/^\s*(at |$)|^Node\.js v/.test(line))
    return lines.slice(-3).join(' | ')
  }
}

function secondsOf(question: Questions[QuestionKind]['question']): number {
  if (question === null) return 0
  if ('from' in question) return audioSec(question.from) + audioSec(question.to)
  return audioSec(question satisfies Sounds)
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'a process that the system killed (SIGKILL), as when memory runs out'
  if (signal !== null) return `a process that ended by ${signal}`
  return `a process that ended with code ${code}`
}
