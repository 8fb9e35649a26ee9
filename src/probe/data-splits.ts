import { HearError } from '../base/errors.js'
import { compareCodePoints } from '../store/label-files.js'

/** Which splits train, validate and test one probe. */
export interface DataSplit {
  readonly train: readonly string[]
  readonly valid: readonly string[]
  readonly test: readonly string[]
}

/**
 * k-fold rotation: fold i tests, fold i + 1 (mod k) validates, the rest train in sorted order.
 * Source: heareval 2021.1.3 `data_splits_from_folds`. Sorted by code point, as Python sorts.
 * One or two folds leave nothing to train on, as in the original; training then refuses.
 * @throws HearError when a fold is named twice.
 */
export function dataSplitsFromFolds(folds: readonly string[]): DataSplit[] {
  const sorted = [...folds].sort(compareCodePoints)
  if (new Set(sorted).size !== sorted.length)
    throw new HearError('probe/duplicate-folds', `A fold is named twice in ${sorted.join(', ')}.`, {
      hint: 'Name each fold once under "splits" in task_metadata.json.',
    })
  return sorted.map((test, i) => {
    const valid = sorted[(i + 1) % sorted.length]
    return { train: sorted.filter((fold) => fold !== test && fold !== valid), valid: [valid], test: [test] }
  })
}

/**
 * The splits of a task by its `split_mode`.
 * @throws HearError for an unknown mode, or fold names that are not text.
 */
export function dataSplitsOfTask(metadata: { split_mode: string; splits: readonly unknown[] }): DataSplit[] {
  const { split_mode: mode, splits } = metadata
  if (mode === 'trainvaltest') return [{ train: ['train'], valid: ['valid'], test: ['test'] }]
  if (mode !== 'new_split_kfold' && mode !== 'presplit_kfold')
    throw new HearError(
      'probe/unknown-split-mode',
      `Expected split_mode to be trainvaltest, new_split_kfold or presplit_kfold, found "${mode}".`,
      { hint: 'Correct split_mode in task_metadata.json.' },
    )
  if (!splits.every((split): split is string => typeof split === 'string'))
    throw new HearError('probe/bad-fold-names', `Expected fold names, found ${JSON.stringify(splits)}.`, {
      hint: 'Write the folds under "splits" in task_metadata.json as text.',
    })
  return dataSplitsFromFolds(splits)
}
