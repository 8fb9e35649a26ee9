import { formatDuration } from '../base/duration.js'

/** Where the reporter writes; stderr in the program. */
export interface ReportStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Progress is shown for whatever takes longer than this. */
const PATIENCE_MS = 2000
/** Between two redraws of the progress line. */
const REDRAW_MS = 100
const BAR_WIDTH = 20

/**
 * What the user sees while stages run: on a terminal one line that is redrawn, with an estimate of the time
 * left; piped, one line per finished stage. Results go elsewhere.
 */
export class Reporter {
  private drawnAt = Number.NEGATIVE_INFINITY
  private lineShown = false

  constructor(
    private readonly stream: ReportStream,
    private readonly now: () => number,
  ) {}

  /** A sentence that the user should read in any case. */
  note(text: string): void {
    this.clear()
    this.stream.write(`${text}\n`)
  }

  /** Begins a stage; call `update` as it goes and `done` at its end. */
  stage(title: string): Stage {
    const started = this.now()
    return {
      update: (fraction, doing) => this.draw(title, started, fraction, doing),
      done: (summary) => this.note(`${title}: ${summary} (${formatDuration(this.now() - started)})`),
    }
  }

  /** Wipes the progress line, so that something else can be written. */
  clear(): void {
    if (this.lineShown) this.stream.write('\r\x1b[K')
    this.lineShown = false
  }

  private draw(title: string, started: number, fraction: number, doing: string): void {
    if (!this.stream.isTTY) return
    const now = this.now()
    if (now - started < PATIENCE_MS || now - this.drawnAt < REDRAW_MS) return
    this.drawnAt = now
    const share = Math.min(1, Math.max(0, fraction))
    const left = share > 0.01 ? `, about ${formatDuration(((now - started) * (1 - share)) / share)} left` : ''
    const full = Math.round(share * BAR_WIDTH)
    const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`
    const line = `${title} ${bar} ${String(Math.round(share * 100)).padStart(3)} %${left} (${doing})`
    this.stream.write(`\r\x1b[K${line.slice(0, (this.stream.columns ?? 80) - 1)}`)
    this.lineShown = true
  }
}

export interface Stage {
  /** @param fraction done, from 0 to 1; `doing` says in words what is going on. */
  update(fraction: number, doing: string): void
  done(summary: string): void
}
