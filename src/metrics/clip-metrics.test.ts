import { describe, expect, it } from 'vitest'
import { type HearevalCase, hearevalCases } from '../../test/heareval-cases.js'
import { HearError } from '../base/errors.js'
import { type ClipMetricInput, hear2021Value, type MetricResult } from './metric.js'
import { clipMetricById, METRICS } from './registry.js'

interface Input {
  predictions: number[][] | number[]
  targets: number[][]
  dtype: 'float32' | 'float64'
  shape: number[]
}

/** A recorded case in the shape of the typed API; what does not fit is left for checkClipInput to refuse. */
function typed({ predictions, targets, dtype, shape }: Input): ClipMetricInput {
  const classes = targets[0]?.length ?? shape[1]
  const scores = predictions.flat()
  return {
    predictions: dtype === 'float64' ? Float64Array.from(scores) : Float32Array.from(scores),
    // 2 stands for any label that is neither 0 nor 1: a byte cannot hold a half.
    targets: {
      kind: 'multilabel',
      hot: Uint8Array.from(targets.flat(), (hot) => (hot === 0 || hot === 1 ? hot : 2)),
    },
    rows: predictions.length,
    classes,
  }
}

function scored(id: string, input: ClipMetricInput): MetricResult {
  return clipMetricById(id).prepare(input).evaluate()
}

/** Sums over classes and rows are taken in another order than numpy's: a few units in the last place. */
const SUMMATION = 1e-12

function expectNumber(found: number, expected: number): void {
  if (Number.isFinite(expected)) expect(Math.abs(found - expected)).toBeLessThanOrEqual(SUMMATION)
  else expect(found).toBe(expected)
}

/** Cases with another number of targets than of predictions, or soft labels: the typed API refuses them. */
const REFUSED = [
  'length_mismatch',
  'non_binary_target',
  'pred_1d',
  'more_preds_than_targets',
  'more_targets_than_preds',
]

const clipMetrics = METRICS.filter((metric) => metric.kind === 'clip')

describe.each(clipMetrics.map((metric) => metric.id))('%s', (id) => {
  const cases: HearevalCase<Input>[] = hearevalCases(id)

  it.each(cases.filter(({ kind }) => !REFUSED.includes(kind)).map((c) => [c.id, c] as const))(
    'agrees with heareval on %s',
    (_, { input, expected }) => {
      const result = scored(id, typed(input))
      if (expected.error) {
        const { type, message } = expected.error
        expect(result).toMatchObject({ kind: 'undefined', hear2021: { error: `${type}: ${message}` } })
        expect(() => hear2021Value(result)).toThrow(HearError)
      } else expectNumber(hear2021Value(result), expected.value as number)
      if (result.kind === 'value') expect(Number.isFinite(result.value)).toBe(true)
      else expect(result.reason).not.toBe('')
    },
  )

  it.each(cases.filter(({ kind }) => REFUSED.includes(kind)).map((c) => [c.id, c] as const))(
    'refuses %s instead of scoring what does not fit',
    (_, { input }) => {
      expect(() => scored(id, typed(input))).toThrow(HearError)
    },
  )
})

describe.each(['top1_acc', 'pitch_acc', 'chroma_acc'])('%s', (id) => {
  it('agrees with heareval where rows are missing, once they are paired by hand', () => {
    const unpaired = hearevalCases<Input>(id).filter(({ kind }) => kind.startsWith('more_'))
    expect(unpaired.length).toBeGreaterThan(0)
    for (const { input, expected } of unpaired) {
      const rows = Math.min(input.predictions.length, input.targets.length)
      const predictions = input.predictions.slice(0, rows) as number[][]
      const result = scored(id, typed({ ...input, predictions, targets: input.targets.slice(0, rows) }))
      // heareval divides the hits among the pairs by the number of targets.
      expectNumber((hear2021Value(result) * rows) / input.targets.length, expected.value as number)
    }
  })
})

describe('clip metrics', () => {
  it('take class indices as they take one-hot rows', () => {
    const predictions = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.7, 0.6)
    const classIndex = Int32Array.of(0, 1, 1)
    const hot = Uint8Array.of(1, 0, 0, 1, 0, 1)
    expect(clipMetrics.length).toBeGreaterThan(0)
    for (const { id } of clipMetrics)
      expect(
        scored(id, { predictions, targets: { kind: 'multiclass', classIndex }, rows: 3, classes: 2 }),
      ).toEqual(scored(id, { predictions, targets: { kind: 'multilabel', hot }, rows: 3, classes: 2 }))
  })

  it('name the classes that make a mean undefined, by label where labels are known', () => {
    const input: ClipMetricInput = {
      predictions: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.7, 0.6),
      targets: { kind: 'multilabel', hot: Uint8Array.of(1, 0, 0, 0, 1, 0) },
      rows: 3,
      classes: 2,
    }
    expect(scored('mAP', input)).toEqual({
      kind: 'undefined',
      reason: 'class 1 without positive rows',
      hear2021: 0.5,
    })
    expect(scored('aucroc', { ...input, labels: ['dog', 'cat'] })).toMatchObject({
      reason: 'class cat without both positive and negative rows',
    })
    expect(
      scored('d_prime', { ...input, targets: { kind: 'multiclass', classIndex: Int32Array.of(0, 1, 0) } }),
    ).toMatchObject({ reason: 'classes 0, 1 with an infinite score', hear2021: Number.POSITIVE_INFINITY })
  })

  it('leave a class out of the mean that only the resample lacks, and say which', () => {
    const prepared = clipMetricById('mAP').prepare({
      predictions: Float32Array.of(0.9, 0.8, 0.2, 0.8, 0.7, 0.1),
      targets: { kind: 'multilabel', hot: Uint8Array.of(1, 0, 0, 1, 1, 0) },
      rows: 3,
      classes: 2,
    })
    expect(prepared.evaluate([2, 0, 1])).toEqual({ kind: 'value', value: 1, leftOutClasses: [1] })
    expect(prepared.evaluate([0, 0, 0])).toMatchObject({
      kind: 'undefined',
      reason: 'there are no rows to score',
    })
  })

  it('refuse weights that are not one finite number of 0 or more for each row', () => {
    const prepared = clipMetricById('top1_acc').prepare({
      predictions: Float32Array.of(0.9, 0.1, 0.2, 0.8),
      targets: { kind: 'multiclass', classIndex: Int32Array.of(0, 1) },
      rows: 2,
      classes: 2,
    })
    expect(() => prepared.evaluate([1])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected one weight for each of 2 units, found 1.]`,
    )
    expect(() => prepared.evaluate([1, -1])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected a weight of 0 or more for unit 1, found -1.]`,
    )
    expect(() => prepared.evaluate([1, Number.NaN])).toThrow(HearError)
  })

  it('say which row and class of the input does not fit', () => {
    const predictions = Float32Array.of(0.9, 0.1, 0.2, 0.8)
    const multiclass = (...indices: number[]) => ({
      kind: 'multiclass' as const,
      classIndex: Int32Array.from(indices),
    })
    const score = (input: ClipMetricInput) => () => scored('top1_acc', input)
    expect(
      score({ predictions, targets: multiclass(0, 2), rows: 2, classes: 2 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected a class index from 0 to 1 for row 1, found 2.]`,
    )
    expect(
      score({ predictions, targets: multiclass(0), rows: 2, classes: 2 }),
    ).toThrowErrorMatchingInlineSnapshot(`[HearError: Expected 2 class indices for 2 rows, found 1.]`)
    expect(
      score({ predictions, targets: multiclass(0, 1), rows: 2, classes: 3 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected predictions for 2 rows x 3 classes (6 numbers), found 4.]`,
    )
    expect(
      score({ predictions, targets: multiclass(0, 1), rows: 2, classes: 0 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows of 0 or more and classes of 1 or more, found 2 rows and 0 classes.]`,
    )
    expect(
      score({
        predictions,
        targets: { kind: 'multilabel', hot: Uint8Array.of(0, 1, 1, 7) },
        rows: 2,
        classes: 2,
      }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected 0 or 1 for row 1, class 1 of the targets, found 7.]`,
    )
  })
})
