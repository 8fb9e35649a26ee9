import { describe, expect, it } from 'vitest'
import { checkLabelCoverage, needsEveryLabel } from './check-label-coverage.js'
import type { ModeMetadata } from './mode-metadata.js'

const config = (mode: string, embedding: string, prediction: string) =>
  ({
    task_name: 'pets',
    mode,
    embedding_type: embedding,
    prediction_type: prediction,
  }) as unknown as ModeMetadata

const rows = [
  { split: 'valid', label: 'cat' },
  { split: 'train', label: 'cat' },
  { split: 'train', label: 'dog' },
  { split: 'test', label: 'dog' },
]

describe('checkLabelCoverage', () => {
  it('names the labels that each split lacks', () => {
    for (const prediction of ['multiclass', 'multilabel'])
      expect(() =>
        checkLabelCoverage(rows, 'after splitting', config('full', 'scene', prediction)),
      ).toThrowError(
        'pets: after splitting, test lacks "cat"; valid lacks "dog". Every split must hold every label.',
      )
  })

  it('only warns of events of which several may sound at once, and lets mode small off', () => {
    expect(checkLabelCoverage(rows, 'in the corpus', config('full', 'event', 'multilabel'))).toEqual([
      {
        code: 'prepare/labels-missing',
        message: 'pets: in the corpus, test lacks "cat"; valid lacks "dog".',
      },
    ])
    expect(() => checkLabelCoverage(rows, 'in the corpus', config('5h', 'event', 'multiclass'))).toThrow()
    expect(checkLabelCoverage(rows, 'in the corpus', config('small', 'scene', 'multiclass'))).toEqual([])
    expect(needsEveryLabel(config('small', 'scene', 'multiclass'))).toBe(false)
  })

  it('finds nothing missing where each split has every label', () => {
    const full = rows.filter(({ label }) => label === 'dog')
    expect(checkLabelCoverage(full, 'in the corpus', config('full', 'scene', 'multiclass'))).toEqual([])
  })
})
