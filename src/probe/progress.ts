/** Epochs that a training takes until it stops, as first guess: the mean over the recorded runs of heareval. */
const TYPICAL_EPOCHS = 100

/** Adds up how far a number of trainings are, without knowing when each will stop. */
export class TrainingProgress {
  private finished = 0
  private readonly running = new Map<number, number>()
  private next = 0

  constructor(
    private readonly trainings: number,
    private readonly onProgress: ((fraction: number, doing: string) => void) | undefined,
  ) {}

  /** Registers a training; call `epoch` after each of its epochs and `done` at its end. */
  start(): { epoch: (epochsRun: number) => void; done: () => void } {
    const id = this.next++
    return {
      epoch: (epochsRun) => {
        // Approaches 1 without reaching it, however long the training lasts.
        this.running.set(id, 1 - Math.exp(-epochsRun / TYPICAL_EPOCHS))
        this.report()
      },
      done: () => {
        this.running.delete(id)
        this.finished++
        this.report()
      },
    }
  }

  private report(): void {
    let sum = this.finished
    for (const share of this.running.values()) sum += share
    this.onProgress?.(sum / this.trainings, `training ${this.finished}/${this.trainings} done`)
  }
}
