import { describe, expect, it } from 'vitest'
import { HearError } from '../base/errors.js'
import { confusionMatrix } from './confusion-matrix.js'

describe('confusionMatrix', () => {
  it('counts true classes in rows and predicted classes in columns, ties to the first class', () => {
    const predictions = Float32Array.of(0.9, 0.1, 0, 0.2, 0.2, 0.1, 0, 0, 1, 0, Number.NaN, 1)
    const targets = { kind: 'multiclass' as const, classIndex: Int32Array.of(0, 1, 1, 2) }
    const { classes, counts } = confusionMatrix({ predictions, targets, rows: 4, classes: 3 })
    expect(classes).toBe(3)
    expect([...counts]).toEqual([1, 0, 0, 1, 0, 1, 0, 1, 0])
  })

  it('is all zeros without rows', () => {
    const targets = { kind: 'multilabel' as const, hot: new Uint8Array(0) }
    const { counts } = confusionMatrix({ predictions: new Float32Array(0), targets, rows: 0, classes: 2 })
    expect([...counts]).toEqual([0, 0, 0, 0])
  })

  it('refuses targets for another number of rows', () => {
    const targets = { kind: 'multiclass' as const, classIndex: Int32Array.of(0, 1) }
    const input = { predictions: new Float32Array(6), targets, rows: 3, classes: 2 }
    expect(() => confusionMatrix(input)).toThrow(HearError)
  })
})
