import { expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { pythonFloatText } from '../../store/python-json.js'
import { type CsvColumn, inferCsvColumn } from './csv-column.js'

/** `json.dumps` of the column, which pandas gives as a list of Python values. */
function jsonOf({ type, values }: CsvColumn): string {
  const texts = values.map((value) => {
    if (value === null) return 'NaN'
    if (type === 'float64') return pythonFloatText(value as number)
    return typeof value === 'string' ? asciiJson(value) : String(value)
  })
  return `[${texts.join(', ')}]`
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

test('a column of labels gets the type and the values that pandas reads', () => {
  type Expected = { dtype: string; labels_json: string }
  for (const { input, expected, id } of fixtureCases<(string | number)[], Expected>(
    'prepare/vectors/label_csv_inference',
  )) {
    const column = inferCsvColumn(input.map(String))
    expect(column.type, id).toBe(expected.dtype)
    expect(jsonOf(column), id).toBe(expected.labels_json)
  }
})

test('integers beyond 64 bits, or on both sides of them, leave the column a text', () => {
  expect(inferCsvColumn(['18446744073709551616', '1']).type).toBe('object')
  expect(inferCsvColumn(['-1', '18446744073709551615']).type).toBe('object')
  expect(inferCsvColumn(['-9223372036854775808', '9223372036854775807']).type).toBe('int64')
  expect(inferCsvColumn(['12345678901234567890', '1.5'])).toEqual({
    type: 'float64',
    values: [12345678901234567000, 1.5],
  })
  expect(inferCsvColumn(['NA', '12345678901234567890']).values).toEqual(['NA', '12345678901234567890'])
})

test('missing fields turn integers into floats and booleans into objects', () => {
  expect(inferCsvColumn(['1', 'NA', ' 007 '])).toEqual({ type: 'float64', values: [1, null, 7] })
  expect(inferCsvColumn(['True', 'FALSE'])).toEqual({ type: 'bool', values: [true, false] })
  expect(inferCsvColumn(['True', 'null'])).toEqual({ type: 'object', values: [true, null] })
  expect(inferCsvColumn(['', 'nan']).values).toEqual([null, null])
  expect(inferCsvColumn([])).toEqual({ type: 'object', values: [] })
})
