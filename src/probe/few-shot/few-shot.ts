import { HearError } from '../../base/errors.js'
import type { Figure } from '../../metrics/metric.js'
import type { GemmKind } from '../../num/gemm/gemm.js'
import { allRows, type LabelledSplit, labelledRows, type UnlabelledSplit } from '../features/feature-rows.js'
import { FeatureScaler, type Scaling } from '../features/feature-scaler.js'
import { drawFewShot, rowsByLabel } from './draw-few-shot.js'
import { prototypeProbabilities } from './prototypes.js'

/** Clips a class. */
export const SHOT_COUNTS = [1, 5, 10, 50] as const

/** Draws a shot count. */
export const DEFAULT_DRAWS = 10

/**
 * Features keep their proportions. On six tasks of real recordings, with 1, 5, 10 and 50 clips a class where there are as
 * many, dividing each feature by its own deviation gave 0.004 to 0.17 less in 14 of 17 cases, and at most 0.01 more in the
 * others.
 */
const SCALING: Scaling = 'centred'

export interface FewShotOptions {
  readonly embeddingType: 'scene' | 'event'
  /** Splits to draw from. */
  readonly train: readonly LabelledSplit[]
  readonly test: UnlabelledSplit
  /** The label vocabulary by index. */
  readonly labels: readonly string[]
  /** The primary score of test scores [rows, labels]. */
  readonly scoreTest: (scores: Float32Array) => Figure
  readonly shots?: readonly number[]
  /** At least 2. */
  readonly draws?: number
  readonly seed: number | string
  readonly gemm: GemmKind | 'auto'
}

export type FewShotResult =
  | {
      readonly kind: 'few-shot'
      /** Clips a class. */
      readonly shots: number
      readonly mean: number
      /** Over draws, divided by their number less one. */
      readonly standardDeviation: number
      /** Primary score of each draw. */
      readonly scores: readonly number[]
    }
  | { readonly kind: 'undefined'; readonly shots: number; readonly reason: string }

/**
 * How far a few labelled clips a class go: prototypes of several random draws of training clips, scored on the whole test
 * split. One result for each shot count, in the order given.
 *
 * Features are centred and scaled by all training clips, for which no labels are needed. The deviation over draws says how much
 * the choice of clips matters, not how sure the mean is. Undefined, with a reason: event tasks, since frames of one clip
 * are no independent examples; a shot count that a class cannot give; a draw without a score. Throws HearError
 * `probe/few-shot` for fewer than two draws, `probe/features` and `probe/not-finite`.
 */
export function fewShot(options: FewShotOptions): FewShotResult[] {
  const { embeddingType, train, test, labels, gemm, shots = SHOT_COUNTS, draws = DEFAULT_DRAWS } = options
  if (!Number.isInteger(draws) || draws < 2)
    throw new HearError('probe/few-shot', `Expected 2 or more draws a shot count, found ${draws}.`, {
      hint: 'Ten draws are usual: a deviation needs several.',
    })
  if (embeddingType === 'event') {
    const reason =
      'frames of one clip are no independent examples, so few-shot results exist for scene tasks only'
    return shots.map((count) => ({ kind: 'undefined', shots: count, reason }))
  }
  allRows([...train, test])
  const known = labelledRows(train, labels.length)
  const queries = allRows([test])
  const scaler = FeatureScaler.fit(known, SCALING)
  const rowsOfLabel = rowsByLabel(known.targets, known.rows, labels.length)
  return shots.map((count) => {
    const scores: number[] = []
    for (let draw = 0; draw < draws; draw++) {
      const seed = `few-shot ${options.seed} ${count} ${draw}`
      const drawn = drawFewShot({ rowsOfLabel, labels, shots: count, seed })
      if (drawn.kind === 'undefined') return { ...drawn, shots: count }
      const support = drawn.rows
      const given = { train: known, support, queries, scaler, labels: labels.length, gemm }
      const score = options.scoreTest(prototypeProbabilities(given))
      if (score.kind === 'undefined') return { ...score, shots: count }
      scores.push(score.value)
    }
    return { kind: 'few-shot', shots: count, ...spread(scores), scores }
  })
}

function spread(scores: readonly number[]): { mean: number; standardDeviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  return { mean, standardDeviation: Math.sqrt(squares / (scores.length - 1)) }
}
