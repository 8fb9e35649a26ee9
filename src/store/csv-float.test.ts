import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { parseCsvFloat } from './csv-float.js'
import { pythonFloatText } from './python-json.js'

test('a float written to CSV is read back as pandas reads it, once and again', () => {
  type Expected = { csv: string; once: number; twice: number }
  for (const { input, expected, id } of fixtureCases<number, Expected>(
    'prepare/vectors/csv_float_roundtrip',
  )) {
    expect(pythonFloatText(input), String(id)).toBe(expected.csv)
    expect(parseCsvFloat(expected.csv), String(id)).toBe(expected.once)
    expect(parseCsvFloat(pythonFloatText(expected.once)), String(id)).toBe(expected.twice)
  }
})

test('numbers with signs, exponents, spaces and more than 17 digits are read', () => {
  expect(parseCsvFloat(' +1.5e3 ')).toBe(1500)
  expect(parseCsvFloat('.5')).toBe(0.5)
  expect(parseCsvFloat('5.')).toBe(5)
  expect(parseCsvFloat('123456789012345678901')).toBe(Number('12345678901234567') * 1e4)
  expect(parseCsvFloat('0.12345678901234567891')).toBe(1234567890123456 / 1e16)
  expect(parseCsvFloat('-0')).toBe(-0)
  expect(parseCsvFloat('1e-310')).toBeCloseTo(0, 300)
  expect(parseCsvFloat('1e-700')).toBe(0)
  expect(parseCsvFloat('-Infinity')).toBe(-Infinity)
})

test('what is no number, or too large for one, is not read', () => {
  for (const field of [
    '',
    '.',
    'e5',
    '1e',
    '1e+',
    '1 2',
    '0x10',
    '1_000',
    '2020-01-01',
    'a',
    '1e309',
    '17e308',
  ])
    expect(parseCsvFloat(field), field).toBeUndefined()
})
