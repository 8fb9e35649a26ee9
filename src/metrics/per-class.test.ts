import { describe, expect, it } from 'vitest'
import { hearevalCases } from '../../test/heareval-cases.js'
import { HearError } from '../base/errors.js'
import { perClassOfMulticlass, perClassOfMultilabel } from './per-class.js'

describe('perClassOfMulticlass', () => {
  it('has recall by row and precision by column, and reasons where nothing is to be divided by', () => {
    // Class 0: 3 of 4 right. Class 1: absent, predicted once. Class 2: neither.
    const figures = perClassOfMulticlass({ classes: 3, counts: Uint32Array.of(3, 1, 0, 0, 0, 0, 0, 0, 0) })
    expect(figures).toEqual([
      {
        target: 4,
        predicted: 3,
        recall: { kind: 'value', value: 0.75 },
        precision: { kind: 'value', value: 1 },
        f1: { kind: 'value', value: 6 / 7 },
      },
      {
        target: 0,
        predicted: 1,
        recall: { kind: 'undefined', reason: 'no row is of this class' },
        precision: { kind: 'value', value: 0 },
        f1: { kind: 'value', value: 0 },
      },
      {
        target: 0,
        predicted: 0,
        recall: { kind: 'undefined', reason: 'no row is of this class' },
        precision: { kind: 'undefined', reason: 'no row was taken for this class' },
        f1: { kind: 'undefined', reason: 'no row is of this class or was taken for it' },
      },
    ])
  })
})

interface Input {
  predictions: number[][]
  targets: number[][]
}

const input = ({ predictions, targets }: Input) => ({
  predictions: Float64Array.from(predictions.flat()),
  targets: { kind: 'multilabel' as const, hot: Uint8Array.from(targets.flat()) },
  rows: predictions.length,
  classes: targets[0].length,
})

describe('perClassOfMultilabel', () => {
  it.each(['mAP', 'aucroc'])('has figures whose mean is the %s that heareval reports', (id) => {
    const cases = hearevalCases<Input>(id).filter(({ kind }) =>
      ['random', 'large', 'ties_coarse'].includes(kind),
    )
    expect(cases.length).toBeGreaterThan(0)
    for (const { input: recorded, expected } of cases) {
      const byClass = perClassOfMultilabel(input(recorded)).map((figures) =>
        id === 'mAP' ? figures.averagePrecision : figures.rocAuc,
      )
      const values = byClass.map((figure) => (figure.kind === 'value' ? figure.value : Number.NaN))
      const mean = values.reduce((a, b) => a + b) / values.length
      expect(mean).toBeCloseTo(expected.value as number, 12)
    }
  })

  it('gives the reason for a class that no row or every row has', () => {
    const predictions = [
      [0.5, 0.5],
      [0.1, 0.9],
    ]
    expect(
      perClassOfMultilabel(
        input({
          predictions,
          targets: [
            [0, 1],
            [0, 1],
          ],
        }),
      ),
    ).toEqual([
      {
        positives: 0,
        averagePrecision: { kind: 'undefined', reason: 'no row has this class' },
        rocAuc: { kind: 'undefined', reason: 'no row has this class' },
      },
      {
        positives: 2,
        averagePrecision: { kind: 'value', value: 1 },
        rocAuc: { kind: 'undefined', reason: 'every row has this class' },
      },
    ])
  })

  it('refuses predictions that cannot be ranked', () => {
    const predictions = [[0.5, Number.NaN]]
    const score = () => perClassOfMultilabel(input({ predictions, targets: [[0, 1]] }))
    expect(score).toThrow(HearError)
    expect(score).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected finite predictions, found NaN in row 0, class 1.]`,
    )
  })
})
