/**
 * At most so many jobs at once. The first failure is kept and thrown by the next `start` and by `finish`; jobs that
 * run already are always waited for, so that nothing goes on behind the caller's back.
 */
export class RunningJobs {
  private readonly running = new Set<Promise<void>>()
  private failure: { readonly error: unknown } | undefined

  constructor(private readonly most: number) {}

  /** Waits for room, then starts the job and returns while it runs. */
  async start(job: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.most && this.failure === undefined) await Promise.race(this.running)
    if (this.failure !== undefined) throw this.failure.error
    const running: Promise<void> = job()
      .catch((error) => {
        this.failure ??= { error }
      })
      .finally(() => this.running.delete(running))
    this.running.add(running)
  }

  /** Waits for all jobs. */
  async finish(): Promise<void> {
    await Promise.all(this.running)
    if (this.failure !== undefined) throw this.failure.error
  }
}
