import { HearError } from '../../base/errors.js'
import { needsEveryLabel } from './check-label-coverage.js'
import type { MetadataRow } from './metadata-rows.js'
import type { ModeMetadata } from './mode-metadata.js'
import { splitKFolds } from './split-k-folds.js'
import { splitTrainTestVal } from './split-train-test-val.js'

type SplitSettings = Pick<
  ModeMetadata,
  'split_mode' | 'splits' | 'split_percentage' | 'mode' | 'embedding_type' | 'prediction_type'
>

/** The wrong column may have given every clip a split of its own. */
const SPLITS_SHOWN = 5

/**
 * Puts every row into its split, as the task's split_mode says: the corpus's own splits with the missing ones taken
 * from train, the corpus's own folds, or new folds.
 *
 * @returns the rows, and the seed of new folds
 * @throws HearError of the two ways to split; `prepare/splits` when the corpus's splits are not those of the task
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `create_splits`. *Differs*: rows in a split that the
 * task does not have are an error here; there they are left out in silence.
 */
export function createSplits<Row extends Pick<MetadataRow, 'split' | 'splitKey' | 'label'>>(
  rows: readonly Row[],
  config: SplitSettings,
): { rows: readonly Row[]; foldSeed: string | null } {
  if (config.split_mode === 'new_split_kfold') {
    const folds = splitKFolds(rows, config.splits, needsEveryLabel(config))
    return { rows: folds.rows, foldSeed: folds.seed }
  }
  const split = config.split_mode === 'trainvaltest' ? splitTrainTestVal(rows, config.split_percentage) : rows
  const found = new Set(split.map((row) => row.split))
  const unknown = [...found].filter((name) => !config.splits.includes(name))
  const empty = config.splits.filter((name) => !found.has(name))
  if (unknown.length > 0 || empty.length > 0)
    throw new HearError(
      'prepare/splits',
      `Expected clips in ${config.splits.join(', ')}; ${[
        ...unknown.map((name) => `found some in "${name}"`),
        ...empty.map((name) => `found none in ${name}`),
      ]
        .slice(0, SPLITS_SHOWN)
        .join(', ')}.`,
      { hint: 'Correct the splits that the task gives its clips, or split_mode and nfolds.' },
    )
  return { rows: split, foldSeed: null }
}
