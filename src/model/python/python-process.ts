import { type ChildProcess, spawn } from 'node:child_process'
import { kill } from 'node:process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '../contract.js'
import { LastWords } from './last-words.js'
import { encodeMessage, type Message, MessageReader } from './message.js'
import { type PythonEnd, pythonEnded, pythonHung, pythonNotStarted } from './python-errors.js'

const BRIDGE = fileURLToPath(new URL('./bridge.py', import.meta.url))

/** What a process that was asked to end has time for, before it is told to, and before it is made to. */
const GRACE_MS = 2000
/** Between the end of a process and the arrival of what it wrote last. */
const LAST_WORDS_MS = 200
/** Node's timers fire at once when they are told more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * A Python process that runs bridge.py: one message there, one message back. It has a process group of its own, so that
 * Ctrl-C in a terminal does not reach it, and what the module starts ends with it. After a failure it is gone.
 */
export class PythonProcess {
  private readonly child: ChildProcess
  private readonly requests: Writable
  private readonly reader = new MessageReader()
  private readonly words = new LastWords()
  private readonly exited: Promise<void>
  private waiting: { answer: (message: Message) => void; fail: (error: unknown) => void } | undefined
  private failure: { readonly error: unknown } | undefined
  private doing = 'starting'

  /**
   * @param python the program, as a path or a name on the PATH.
   * @param module for messages.
   */
  constructor(
    private readonly python: string,
    private readonly module: string,
  ) {
    this.child = spawn(python, ['-u', BRIDGE], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const [, stdout, stderr, requests, replies] = this.child.stdio
    for (const output of [stdout, stderr] as Readable[])
      output.on('data', (chunk: Buffer) => this.words.hear(chunk))
    this.requests = requests as Writable
    // That the pipe broke is no news: the process ended, and its end says why.
    for (const pipe of [requests, replies]) pipe?.on('error', () => {})
    ;(replies as Readable).on('data', (chunk: Buffer) => this.receive(chunk))
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.fail(pythonNotStarted(python, error))
        resolve()
      })
      this.child.once('exit', (code, signal) => {
        resolve()
        this.killGroup('SIGKILL')
        void this.reportEnd({ code, signal })
      })
    })
  }

  /**
   * Sends a request and waits for its reply; only one at a time.
   *
   * @param doing what the module is asked to do, for messages.
   * @throws HearError when the process does not start, ends, or takes longer than the limit; the signal's reason. The
   *   process is gone then, and what it started.
   */
  async ask(
    header: Readonly<Record<string, unknown>>,
    tensor: Tensor | undefined,
    doing: string,
    { limitSec, signal }: { readonly limitSec: number; readonly signal?: AbortSignal },
  ): Promise<Message> {
    signal?.throwIfAborted()
    if (this.failure !== undefined) throw this.failure.error
    this.doing = doing
    const limitMs = Math.min(1000 * limitSec, LONGEST_TIMER_MS)
    const late = setTimeout(() => this.end(pythonHung(this.module, doing, limitSec, this.words)), limitMs)
    const onAbort = () => this.end(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    try {
      return await new Promise<Message>((answer, fail) => {
        this.waiting = { answer, fail }
        // As one write, so that Python wakes up once.
        this.requests.cork()
        for (const bytes of encodeMessage(header, tensor)) this.requests.write(bytes)
        this.requests.uncork()
      })
    } finally {
      this.waiting = undefined
      clearTimeout(late)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Whether it can be asked no more. */
  get isGone(): boolean {
    return this.failure !== undefined
  }

  /** Ends the process: kindly, and by force if that does not help within seconds. */
  async close(): Promise<void> {
    this.fail(new Error(`"py:${this.module}" was closed`))
    this.requests.end()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.exitsWithin(GRACE_MS)) return
      this.killGroup(signal)
    }
    await this.exited
  }

  private receive(chunk: Buffer): void {
    try {
      for (const message of this.reader.take(chunk)) this.waiting?.answer(message)
    } catch (error) {
      this.end(error)
    }
  }

  /** The process has ended by itself: what it said last may still be on its way. */
  private async reportEnd(end: PythonEnd): Promise<void> {
    if (this.failure !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))
    this.fail(pythonEnded(this.python, this.module, this.doing, end, this.words))
  }

  private end(error: unknown): void {
    this.fail(error)
    this.killGroup('SIGKILL')
  }

  private fail(error: unknown): void {
    this.failure ??= { error }
    this.waiting?.fail(this.failure.error)
  }

  private killGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return
    try {
      kill(-this.child.pid, signal)
    } catch {
      // The group is gone, or there are none on this system.
      this.child.kill(signal)
    }
  }

  private async exitsWithin(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs)
    })
    const inTime = await Promise.race([this.exited.then(() => true), late])
    clearTimeout(timer)
    return inTime
  }
}
