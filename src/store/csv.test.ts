import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv } from './csv.js'

describe('parseCsv', () => {
  it('keeps commas, quotes and line breaks inside quoted fields', () => {
    expect(parseCsv('idx,label\r\n0,"a ""b"", c"\n1,"two\nlines"\n\n2,\n', 'f.csv')).toEqual([
      ['idx', 'label'],
      ['0', 'a "b", c'],
      ['1', 'two\nlines'],
      ['2', ''],
    ])
  })

  it('reads a last line without a line break, and an empty text', () => {
    expect(parseCsv('a,b', 'f.csv')).toEqual([['a', 'b']])
    expect(parseCsv('a,', 'f.csv')).toEqual([['a', '']])
    expect(parseCsv('', 'f.csv')).toEqual([])
  })

  it('separates by tabs where asked, and then keeps commas', () => {
    expect(parseCsv('a\tb, c\n"x\ty"\tz', 'f.tsv', '\t')).toEqual([
      ['a', 'b, c'],
      ['x\ty', 'z'],
    ])
    expect(() => parseCsv('"a",b', 'f.tsv', '\t')).toThrow('expected a tab or the end of the line')
  })

  it('gives back whatever was quoted', () => {
    const field = fc.stringMatching(/^[a",\r\n ]{0,6}$/)
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(rows, (table) => {
        const text = table.map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join()).join('\n')
        expect(parseCsv(text, 'f.csv')).toEqual(table)
      }),
      { seed: 3 },
    )
  })

  it('refuses an open quote and text after a closing one, naming file and line', () => {
    expect(() => parseCsv('a\n"b', 'f.csv')).toThrow('"f.csv", line 2: a quote is opened and never closed.')
    expect(() => parseCsv('a\n"b"c', 'f.csv')).toThrow(
      '"f.csv", line 2: expected a comma or the end of the line after a quoted field, found "c".',
    )
  })
})
