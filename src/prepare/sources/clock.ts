/** Time as the caller gives it: below the command line nothing looks at a clock of its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`; rejects as soon as the signal is raised. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
