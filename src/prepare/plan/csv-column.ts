import { parseCsvFloat } from '../../store/csv-float.js'

/** A column of a CSV in the type that its fields have together; a field that is missing is null. */
export interface CsvColumn {
  readonly type: 'int64' | 'uint64' | 'float64' | 'bool' | 'object'
  /** Integers beyond 2^53 are bigints. */
  readonly values: readonly (string | number | bigint | boolean | null)[]
}

/** Fields that pandas takes for a missing value. Source: pandas 1.5.3, pandas/_libs/parsers.pyx, `STR_NA_VALUES`. */
const MISSING: ReadonlySet<string> = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'n/a',
  'nan',
  'null',
])

const INT64_MAX = 2n ** 63n - 1n
const UINT64_MAX = 2n ** 64n - 1n
/** Sign, digits, and whatever follows; spaces around count for nothing. */
const INTEGER = /^[ \t-\r]*([+-]?)(\d+)(.*)$/s

/**
 * The type that pandas gives to a column that it reads from a CSV, and the values in it: integers if all fields are
 * (`007` is 7), else floats, else booleans (`True` or `FALSE`), else texts. Missing fields (`NA`, `null`, nothing)
 * turn integers into floats, and booleans into objects. No fields are an object column, as in pandas.
 *
 * Source: pandas 1.5.3, pandas/_libs/parsers.pyx (`_convert_tokens`, `_try_int64`, `_try_uint64`, `_try_double`,
 * `_try_bool_flex`). *Differs*: the column is judged whole; pandas judges a file of more than 256 KiB piece by piece,
 * and may then mix types.
 */
export function inferCsvColumn(fields: readonly string[]): CsvColumn {
  if (fields.length === 0) return { type: 'object', values: [] }
  return (
    integerColumn(fields) ??
    columnOf(fields, 'float64', 'float64', parseCsvFloat) ??
    columnOf(fields, 'bool', 'object', booleanOf) ??
    objectColumn(fields)
  )
}

/** The column if every field that is there has a value; where any is missing the type is another. */
function columnOf(
  fields: readonly string[],
  type: CsvColumn['type'],
  typeWithMissing: CsvColumn['type'],
  read: (field: string) => number | boolean | undefined,
): CsvColumn | undefined {
  const values: (number | boolean | null)[] = []
  let anyMissing = false
  for (const field of fields) {
    const missing = MISSING.has(field)
    const value = missing ? null : read(field)
    if (value === undefined) return undefined
    anyMissing ||= missing
    values.push(value)
  }
  return { type: anyMissing ? typeWithMissing : type, values }
}

function booleanOf(field: string): boolean | undefined {
  const text = field.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

function objectColumn(fields: readonly string[]): CsvColumn {
  return { type: 'object', values: fields.map((field) => (MISSING.has(field) ? null : field)) }
}

/** Signed integers of 64 bits; at the first one beyond them, unsigned ones are tried, and their failure means texts. */
function integerColumn(fields: readonly string[]): CsvColumn | undefined {
  const values: (number | bigint | null)[] = []
  let anyMissing = false
  for (const field of fields) {
    if (MISSING.has(field)) {
      anyMissing = true
      values.push(null)
      continue
    }
    const match = INTEGER.exec(field)
    if (match === null) return undefined
    const value = BigInt(match[2])
    const negative = match[1] === '-'
    if (value > (negative ? INT64_MAX + 1n : INT64_MAX)) return unsignedColumn(fields)
    if (/[^ \t-\r]/.test(match[3])) return undefined
    values.push(safeInteger(negative ? -value : value))
  }
  if (!anyMissing) return { type: 'int64', values }
  // As floats, which have no room for all integers.
  return { type: 'float64', values: values.map((value) => (value === null ? null : Number(value))) }
}

function unsignedColumn(fields: readonly string[]): CsvColumn | undefined {
  const values: (number | bigint)[] = []
  let [anySigned, anyBeyondInt64, anyMissing] = [false, false, false]
  for (const field of fields) {
    if (MISSING.has(field)) {
      anyMissing = true
      continue
    }
    if (/^[ \t-\r]*-/.test(field)) {
      anySigned = true
      continue
    }
    const match = INTEGER.exec(field)
    if (match === null) return undefined
    const value = BigInt(match[2])
    if (value > UINT64_MAX) return objectColumn(fields)
    if (/[^ \t-\r]/.test(match[3])) return undefined
    anyBeyondInt64 ||= value > INT64_MAX
    values.push(safeInteger(value))
  }
  // With no type left that holds them all pandas keeps the fields as they are, missing ones too.
  if (anyBeyondInt64 && (anySigned || anyMissing)) return { type: 'object', values: [...fields] }
  return anySigned ? objectColumn(fields) : { type: 'uint64', values }
}

function safeInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
