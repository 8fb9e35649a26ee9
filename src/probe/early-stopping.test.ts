import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { EarlyStopping, type ScoreMode, validatesAfter } from './early-stopping.js'

interface Input {
  val_scores_per_check: (number | string)[]
  mode: ScoreMode
  patience: number
  max_epochs: number
  check_val_every_n_epoch: number
}
interface Recorded {
  epochs_run: number
  validated_epochs: number[]
  best_epoch: number
  best_score: number | string
}

test('training stops, and keeps the epoch, that the real trainer did', () => {
  for (const { id, input, expected } of fixtureCases<Input, { value?: Recorded } & Partial<Recorded>>(
    'heareval/early_stopping',
  )) {
    const stopping = new EarlyStopping(input.mode, input.patience)
    const validated: number[] = []
    let epoch = 0
    while (epoch < input.max_epochs && !stopping.stopped) {
      if (validatesAfter(epoch, input.check_val_every_n_epoch)) {
        stopping.update(epoch, Math.fround(Number(input.val_scores_per_check[validated.length])))
        validated.push(epoch)
      }
      epoch++
    }
    const recorded = (expected.value ?? expected) as Recorded
    expect(epoch, id).toBe(recorded.epochs_run)
    expect(validated, id).toEqual(recorded.validated_epochs)
    if (expected.value === undefined) {
      expect(stopping.bestScore, id).toBeUndefined()
      continue
    }
    expect(stopping.bestEpoch, id).toBe(recorded.best_epoch)
    expect(stopping.bestScore === Number(recorded.best_score), id).toBe(true)
  }
})
