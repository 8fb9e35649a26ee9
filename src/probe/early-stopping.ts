export type ScoreMode = 'max' | 'min'

/**
 * Decides after each validation whether it is the best so far and whether training stops.
 *
 * Source: pytorch-lightning 1.6.5 `EarlyStopping` and `ModelCheckpoint` as heareval 2021.1.3 sets them up: scores
 * are compared in the precision in which they were logged (see score-precision.ts), only a strict improvement counts, patience counts validations, and a score
 * that is not finite stops training at once. For the checkpoint a NaN counts as the worst value there is, so a
 * first validation that gives NaN is still a checkpoint (wart).
 */
export class EarlyStopping {
  /** Best score by checkpoint, -+Infinity when the only validation gave NaN; undefined before any. */
  bestScore: number | undefined
  /** Epoch of that score, from 0. */
  bestEpoch = -1
  /** True once training has to stop. */
  stopped = false
  private stopScore: number
  private waited = 0
  private readonly sign: number

  constructor(
    mode: ScoreMode,
    private readonly patience: number,
  ) {
    this.sign = mode === 'max' ? 1 : -1
    this.stopScore = -this.sign * Number.POSITIVE_INFINITY
  }

  /**
   * @param score in the precision in which scores are compared.
   * @returns whether this validation is the best so far, so that its state should be kept.
   */
  update(epoch: number, score: number): boolean {
    if (!Number.isFinite(score)) this.stopped = true
    else if (this.isBetter(score, this.stopScore)) {
      this.stopScore = score
      this.waited = 0
    } else {
      this.waited++
      if (this.waited >= this.patience) this.stopped = true
    }
    const kept = Number.isNaN(score) ? -this.sign * Number.POSITIVE_INFINITY : score
    if (this.bestScore !== undefined && !this.isBetter(kept, this.bestScore)) return false
    this.bestScore = kept
    this.bestEpoch = epoch
    return true
  }

  private isBetter(a: number, b: number): boolean {
    return this.sign * a > this.sign * b
  }
}

/** Whether epoch e (from 0) ends with a validation. */
export function validatesAfter(epoch: number, checkValEveryNEpoch: number): boolean {
  return (epoch + 1) % checkValEveryNEpoch === 0
}
