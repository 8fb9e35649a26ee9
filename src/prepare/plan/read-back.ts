import { HearError } from '../../base/errors.js'
import { parseCsvFloat } from '../../store/csv-float.js'
import type { Label } from '../../store/label-files.js'
import { type PythonFloat, pythonFloat, pythonFloatText } from '../../store/python-json.js'
import { inferCsvColumn } from './csv-column.js'
import type { MetadataRow } from './metadata-rows.js'

/**
 * The labels of all rows as they are once pandas has written them to CSV and read them again: digits are numbers,
 * `1.0` is a float, True a boolean, where all labels are such.
 *
 * @returns a label per row; equal floats are one object
 * @throws HearError `prepare/label` for a label that pandas takes for a missing value, or a number that JSON cannot
 *   hold exactly
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `MetadataTask.metadata`. *Differs*: there a missing
 * label becomes NaN, and the vocabulary fails or holds it.
 */
export function readLabelsBack(rows: readonly Pick<MetadataRow, 'path' | 'label'>[]): Label[] {
  const column = inferCsvColumn(rows.map((row) => csvText(row.label)))
  const floats = new Map<number, PythonFloat>()
  return column.values.map((value, i) => {
    if (value === null) throw labelError(rows[i], 'which pandas, and so HEAR, reads as a missing value')
    if (typeof value === 'bigint')
      throw labelError(rows[i], 'an integer beyond 2^53, which not every program reads')
    if (typeof value !== 'number' || column.type !== 'float64') return value
    if (!Number.isFinite(value)) throw labelError(rows[i], 'which is read as an infinite number')
    const float = floats.get(value) ?? pythonFloat(value)
    floats.set(value, float)
    return float
  })
}

/**
 * A time in milliseconds once pandas has written it to CSV and read it again, which may move it by a unit or two in
 * the last place.
 */
export function readTimeBack(timeMs: number): number {
  return parseCsvFloat(pythonFloatText(timeMs))!
}

function csvText(label: string | number): string {
  return typeof label === 'string' || Number.isInteger(label) ? String(label) : pythonFloatText(label)
}

function labelError({ path, label }: Pick<MetadataRow, 'path' | 'label'>, what: string): HearError {
  return new HearError('prepare/label', `"${path}" has the label "${label}", ${what}.`, {
    hint: 'Give the label another name: letters, not one of NA, null, nan, inf or nothing.',
  })
}
