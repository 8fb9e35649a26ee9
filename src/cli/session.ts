import { HearError } from '../base/errors.js'
import { Reporter } from './reporter.js'

/** What a running command has at hand: the console, the clock, and the user's wish to stop. */
export interface Session {
  readonly reporter: Reporter
  readonly now: () => number
  /** Raised by Ctrl-C. */
  readonly signal: AbortSignal
  /** Where results go; everything else goes to the reporter. */
  readonly print: (text: string) => void
}

/** The user stopped the command. */
export class Interrupted extends Error {}

const EXIT_BUG = 1
const EXIT_BAD_INPUT = 2
const EXIT_INTERRUPTED = 130

/**
 * Runs a command to its exit code: bad input is one message and 2, Ctrl-C is 130 with nothing half-written, anything
 * unforeseen is a bug, with its stack, and 1. A second Ctrl-C ends the process at once.
 *
 * Models of packages run in this process. What they print to stdout goes to stderr, since stdout is for results; and
 * one that ends the process, or waits for what never comes, does not end it as if all were done.
 */
export async function runSession(command: (session: Session) => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const now = () => performance.now()
  const reporter = new Reporter(process.stderr, now)
  const onSignal = (name: NodeJS.Signals) => {
    if (abort.signal.aborted) {
      process.off('exit', onExit)
      process.exit(EXIT_INTERRUPTED)
    }
    reporter.note(`${name === 'SIGINT' ? 'Interrupted' : 'Ended'}: stopping cleanly (again to stop at once).`)
    abort.abort(new Interrupted())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const onExit = (code: number) => {
    reporter.note(
      'hear: ended before the command was done, as a model does that calls process.exit, waits for ever, or throws where nothing can catch it.',
    )
    // What nobody caught has exit code 1 and its own stack above.
    if (code !== EXIT_BUG) process.exitCode = abort.signal.aborted ? EXIT_INTERRUPTED : EXIT_BAD_INPUT
  }
  process.on('exit', onExit)
  const write = process.stdout.write
  process.stdout.write = process.stderr.write.bind(process.stderr)
  try {
    const print = (text: string) => write.call(process.stdout, `${text}\n`)
    await command({ reporter, now, signal: abort.signal, print })
  } catch (error) {
    reporter.clear()
    process.exitCode = abort.signal.aborted ? EXIT_INTERRUPTED : explain(error, reporter)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('exit', onExit)
    process.stdout.write = write
  }
}

function explain(error: unknown, reporter: Reporter): number {
  if (error instanceof HearError) {
    reporter.note(`hear: ${error.message}`)
    if (error.hint !== undefined) reporter.note(`  → ${error.hint}`)
    return EXIT_BAD_INPUT
  }
  reporter.note('hear: this is a bug in hearkit. Please report it with the lines below.')
  reporter.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT_BUG
}
