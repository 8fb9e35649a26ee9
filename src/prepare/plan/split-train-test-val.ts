import { HearError } from '../../base/errors.js'
import { PythonRandom } from '../../num/python-random.js'
import { sortedTexts } from '../../store/label-files.js'
import type { MetadataRow } from './metadata-rows.js'

type Percentages = Readonly<Record<string, number>>

const DEFAULT_PERCENTAGES: Percentages = { train: 80, valid: 10, test: 10 }

/**
 * Makes valid, test or both out of train where they are missing; a corpus that has both is left as it is. The split
 * keys of train, sorted and shuffled, are given out: the first to valid, the next to test; all rows of a key go
 * there, those of other splits too.
 *
 * @param percentages of train, valid and test; they are rescaled where one of the two is there already
 * @throws HearError `prepare/no-train`; `prepare/split-percentage` when they do not make 100;
 *   `prepare/too-few-clips` when a split would have no key
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `split_train_test_val`. *Differs*: nothing.
 */
export function splitTrainTestVal<Row extends Pick<MetadataRow, 'split' | 'splitKey'>>(
  rows: readonly Row[],
  percentages: Percentages = DEFAULT_PERCENTAGES,
): readonly Row[] {
  const present = new Set(rows.map((row) => row.split))
  if (!present.has('train'))
    throw new HearError('prepare/no-train', `Expected the split train, found ${[...present].join(', ')}.`, {
      hint: 'Put the clips that are in no split of their own into train.',
    })
  const missing = ['valid', 'test'].filter((split) => !present.has(split))
  if (missing.length === 0) return rows
  const share = sharesOf(missing, percentages)

  const trainKeys = new Set(rows.filter((row) => row.split === 'train').map((row) => row.splitKey))
  const keys = new PythonRandom('split_train_test_val').shuffle(sortedTexts(trainKeys))
  const newSplit = new Map<string, string>()
  let next = 0
  for (const split of missing) {
    const nKeys = roundHalfEven((keys.length * share[split]) / 100)
    if (nKeys === 0 && share[split] !== 0)
      throw new HearError(
        'prepare/too-few-clips',
        `${share[split]} % of ${keys.length} split keys of train leave none for ${split}.`,
        { hint: 'Add clips, give the clips of the corpus their splits, or change split_percentage.' },
      )
    for (const key of keys.slice(next, next + nKeys)) newSplit.set(key, split)
    next += nKeys
  }
  return rows.map((row) => ({ ...row, split: newSplit.get(row.splitKey) ?? row.split }))
}

/** Percentages of the train rows that go to train and to each missing split. */
function sharesOf(missing: readonly string[], percentages: Percentages): Percentages {
  const kept = ['train', ...missing]
  const total = kept.reduce((sum, split) => sum + percentages[split], 0)
  // With both missing nothing is rescaled, so that percentages that do not make 100 are noticed.
  const share = Object.fromEntries(
    kept.map((split) => [
      split,
      missing.length === 2 ? percentages[split] : percentages[split] / (total / 100),
    ]),
  )
  const sum = kept.reduce((all, split) => all + share[split], 0)
  if (sum !== 100)
    throw new HearError(
      'prepare/split-percentage',
      `Expected percentages that make 100, found ${kept.map((split) => `${split} ${share[split]}`).join(', ')} (${sum}).`,
      { hint: 'Correct split_percentage in the configuration of the task.' },
    )
  return share
}

/** The nearest integer; of two equally near, the even one, as Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
