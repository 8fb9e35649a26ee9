import { expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { shuffleByName, sortRows } from './sort-and-shuffle.js'

interface RecordedRow {
  unique_filestem: string
  label: string | number | null
  start?: number
  end?: number
}

test('rows are sorted and shuffled as pandas does', () => {
  type Order = { value: number[] }
  type Expected = { sorted_rows: Order; after_shuffle_rows: Order }
  for (const { input, expected, id } of fixtureCases<RecordedRow[], Expected>(
    'prepare/vectors/metadata_sort_shuffle',
  )) {
    const rows = input.map((row, number) => ({
      number,
      fileStem: row.unique_filestem,
      // A missing label stands last; here no row is without one, so the last character stands for it.
      label: row.label ?? '\u{10ffff}',
      ...(row.start !== undefined && { startMs: row.start, endMs: row.end }),
    }))
    const sorted = sortRows(rows)
    expect(
      sorted.map(({ number }) => number),
      id,
    ).toEqual(expected.sorted_rows.value)
    expect(
      shuffleByName(sorted, 'postprocess_all_metadata').map(({ number }) => number),
      id,
    ).toEqual(expected.after_shuffle_rows.value)
  }
})
