import { HearError } from '../../base/errors.js'
import { PythonRandom } from '../../num/python-random.js'
import { sortedTexts } from '../../store/label-files.js'
import type { MetadataRow } from './metadata-rows.js'

/** hear-preprocess has a thousandth seed, and takes its folds for a failure even when they are good. */
const SEEDS: readonly string[] = [
  'split_k_folds',
  ...Array.from({ length: 998 }, (_, i) => `split_k_folds_retry_${i}`),
]

/** Lengths of the parts that `numpy.array_split` makes of n things: the first n % nParts have one more. */
export function partLengths(n: number, nParts: number): number[] {
  return Array.from({ length: nParts }, (_, part) => Math.floor(n / nParts) + (part < n % nParts ? 1 : 0))
}

/**
 * Makes folds anew: the sorted split keys are shuffled and cut into equal parts. Where every fold needs every label,
 * one seed after another is tried until that is so.
 *
 * @returns the rows with their fold as split, and the seed that was taken
 * @throws HearError `prepare/too-few-clips` with fewer keys than folds; `prepare/folds-lack-labels` when no seed will do
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `split_k_folds`. *Differs*: says at once when a label
 * has fewer keys than there are folds, instead of trying every seed.
 */
export function splitKFolds<Row extends Pick<MetadataRow, 'split' | 'splitKey' | 'label'>>(
  rows: readonly Row[],
  folds: readonly string[],
  everyFoldNeedsEveryLabel: boolean,
): { rows: Row[]; seed: string } {
  const nFolds = folds.length
  const keys = sortedTexts(new Set(rows.map((row) => row.splitKey)))
  if (keys.length < nFolds)
    throw new HearError(
      'prepare/too-few-clips',
      `Expected at least ${nFolds} split keys for ${nFolds} folds, found ${keys.length}.`,
      { hint: 'Add clips, or lower nfolds.' },
    )
  const { labels, labelsOfKey } = numberLabels(rows, keys)
  if (everyFoldNeedsEveryLabel) checkLabelsSuffice(labels, labelsOfKey, nFolds)
  for (const seed of SEEDS) {
    const order = new PythonRandom(seed).shuffle(Array.from(keys, (_, key) => key))
    const foldOfKey = cutIntoFolds(order, nFolds)
    if (everyFoldNeedsEveryLabel && !coversEveryLabel(foldOfKey, nFolds, labelsOfKey, labels.length)) continue
    const foldOf = new Map(keys.map((key, i) => [key, folds[foldOfKey[i]]]))
    return { rows: rows.map((row) => ({ ...row, split: foldOf.get(row.splitKey)! })), seed }
  }
  throw new HearError(
    'prepare/folds-lack-labels',
    `None of ${SEEDS.length} shuffles gives each of ${nFolds} folds every one of ${labels.length} labels.`,
    { hint: 'Lower nfolds, add clips of the rare labels, or leave those labels out of the task.' },
  )
}

/** The distinct labels, and which of them, by number, each key has. */
function numberLabels(rows: readonly Pick<MetadataRow, 'splitKey' | 'label'>[], keys: readonly string[]) {
  const numberOf = new Map<string | number, number>()
  const ofKey = new Map<string, Set<number>>(keys.map((key) => [key, new Set()]))
  for (const { splitKey, label } of rows) {
    if (!numberOf.has(label)) numberOf.set(label, numberOf.size)
    ofKey.get(splitKey)!.add(numberOf.get(label)!)
  }
  return { labels: [...numberOf.keys()], labelsOfKey: keys.map((key) => [...ofKey.get(key)!]) }
}

function checkLabelsSuffice(
  labels: readonly (string | number)[],
  labelsOfKey: readonly (readonly number[])[],
  nFolds: number,
): void {
  const nKeys = new Int32Array(labels.length)
  for (const label of labelsOfKey.flat()) nKeys[label]++
  const rare = labels.flatMap((label, i) => (nKeys[i] < nFolds ? [`"${label}" (${nKeys[i]})`] : []))
  if (rare.length === 0) return
  const shown = rare.slice(0, 5).join(', ') + (rare.length > 5 ? ', ...' : '')
  throw new HearError(
    'prepare/folds-lack-labels',
    `Each of ${nFolds} folds needs every label; of ${labels.length}, ${rare.length} have fewer split keys than that: ${shown}.`,
    { hint: 'Lower nfolds, add clips of these labels, or leave them out of the task.' },
  )
}

/** Fold of each key, from the order in which they are dealt out. */
function cutIntoFolds(order: readonly number[], nFolds: number): Int32Array {
  const foldOfKey = new Int32Array(order.length)
  let next = 0
  for (const [fold, length] of partLengths(order.length, nFolds).entries()) {
    for (const key of order.slice(next, next + length)) foldOfKey[key] = fold
    next += length
  }
  return foldOfKey
}

function coversEveryLabel(
  foldOfKey: Int32Array,
  nFolds: number,
  labelsOfKey: readonly (readonly number[])[],
  nLabels: number,
): boolean {
  const seen = new Uint8Array(nFolds * nLabels)
  let nSeen = 0
  for (const [key, labels] of labelsOfKey.entries())
    for (const label of labels) {
      const at = foldOfKey[key] * nLabels + label
      nSeen += 1 - seen[at]
      seen[at] = 1
    }
  return nSeen === seen.length
}
