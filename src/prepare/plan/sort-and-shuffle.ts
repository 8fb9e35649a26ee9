import { numpyPermutation } from '../../num/numpy-random.js'
import { compareCodePoints, sortedTexts } from '../../store/label-files.js'
import type { MetadataRow } from './metadata-rows.js'
import { namedSeed } from './named-seed.js'

/** What rows are sorted by. */
export type SortedBy = Pick<MetadataRow, 'fileStem' | 'label' | 'startMs' | 'endMs'>

/**
 * The rows by file stem, start and end of the event, and label: texts by code point, numbers by value; rows that are
 * alike in all keep their order.
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `postprocess_all_metadata`. *Differs*: nothing.
 */
export function sortRows<Row extends SortedBy>(rows: readonly Row[]): Row[] {
  // A clip may have many rows: its stem is compared as text once.
  const stems = sortedTexts(new Set(rows.map((row) => row.fileStem)))
  const rankOf = new Map(stems.map((stem, rank) => [stem, rank]))
  return rows
    .map((row) => ({ row, rank: rankOf.get(row.fileStem)! }))
    .sort((a, b) => a.rank - b.rank || compareWithinClip(a.row, b.row))
    .map(({ row }) => row)
}

function compareWithinClip(a: SortedBy, b: SortedBy): number {
  return (
    (a.startMs ?? 0) - (b.startMs ?? 0) || (a.endMs ?? 0) - (b.endMs ?? 0) || compareLabels(a.label, b.label)
  )
}

function compareLabels(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareCodePoints(String(a), String(b))
}

/**
 * The rows in the order that a name stands for, always the same for a name and a number of rows.
 * Source: pandas 1.5.3, `DataFrame.sample(frac=1, random_state=str2int(name))`. *Differs*: nothing.
 */
export function shuffleByName<Row>(rows: readonly Row[], name: string): Row[] {
  return Array.from(numpyPermutation(namedSeed(name), rows.length), (from) => rows[from])
}
