/** What a HearError may carry beside its message. */
export interface HearErrorOptions {
  /** The next thing to do, as a full sentence. */
  hint?: string
  cause?: unknown
}

/**
 * An error that the user can act on: bad input, a missing file, an impossible request. The message says what
 * was expected, what came and where; the hint says what to do next. The command line prints it without a
 * stack and exits with 2; any other error is a bug.
 */
export class HearError extends Error {
  /** Stable, machine-readable name of the kind of failure, e.g. `task/missing-metadata`. */
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, options: HearErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'HearError'
    this.code = code
    this.hint = options.hint
  }
}

/** The allowed name nearest to `found` by edit distance, or undefined when none is close (distance over 3). */
export function nearestName(found: string, allowed: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.min(4, found.length)
  for (const name of allowed) {
    const distance = editDistance(found.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitute, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
