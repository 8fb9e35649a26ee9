import { HearError } from '../base/errors.js'

/** A number that Python holds as a float, so that its text keeps the point: 1 becomes `1.0`. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** Marks a number as a float of Python; a bare whole number is an int. */
export function pythonFloat(value: number): PythonFloat {
  return new PythonFloat(value)
}

/** The number, whether Python holds it as an int or as a float. */
export function pythonNumber(value: number | PythonFloat): number {
  return value instanceof PythonFloat ? value.value : value
}

/** An object whose keys keep their order; use a Map where a key may look like an array index ("0", "12"). */
export type PythonObject = { readonly [key: string]: PythonJson } | ReadonlyMap<string, PythonJson>

/** What `json.dump` is given. Bare whole numbers are ints, any other bare number is a float. */
export type PythonJson = null | boolean | number | string | PythonFloat | readonly PythonJson[] | PythonObject

/**
 * The text of Python's `json.dumps(value, indent=1)`, as hear-preprocess and heareval write their files: one
 * space per level, no trailing newline, everything beyond printable ASCII escaped, floats as repr writes them,
 * `NaN` and `Infinity` allowed. Empty lists and objects are `[]` and `{}`.
 * @throws HearError for a whole number beyond 2^53 that is not marked as a float, an undefined value, and an
 *   object key that JavaScript would move (a plain object with an index-like key)
 */
export function pythonJsonText(value: PythonJson): string {
  return textOf(value, '\n', '$')
}

/**
 * Python's `repr` of a float: the shortest digits that read back the same, with an exponent below 1e-4 and from
 * 1e16 on. Not finite: `NaN`, `Infinity`, `-Infinity`, as the json module spells them.
 */
export function pythonFloatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  // Without an argument toExponential gives the shortest digits that read back the same, as repr does.
  const [digits, exponentText] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+'
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  // Within [1e-4, 1e16) JavaScript writes plain decimals with the same digits: its own limits are 1e-6 and 1e21.
  const plain = String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}

/** @param newline line break and indentation of the level that holds the value */
function textOf(value: PythonJson, newline: string, path: string): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return numberText(value, path)
  if (value instanceof PythonFloat) return pythonFloatText(value.value)
  const inner = `${newline} `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item, i) => textOf(item, inner, `${path}[${i}]`))
    return `[${inner}${items.join(`,${inner}`)}${newline}]`
  }
  if (typeof value !== 'object') throw notJson(value, path)
  const entries = entriesOf(value as PythonObject, path)
  if (entries.length === 0) return '{}'
  const items = entries.map(([key, item]) => `${stringText(key)}: ${textOf(item, inner, `${path}.${key}`)}`)
  return `{${inner}${items.join(`,${inner}`)}${newline}}`
}

function entriesOf(value: PythonObject, path: string): (readonly [string, PythonJson])[] {
  if (value instanceof Map) return [...value]
  const entries = Object.entries(value)
  const moved = entries.find(([key]) => /^(0|[1-9]\d*)$/.test(key))
  if (moved !== undefined)
    throw new HearError(
      'store/key-order-lost',
      `The key "${moved[0]}" at ${path} looks like an array index, and a plain object does not keep its place.`,
      { hint: 'Pass a Map, which keeps the order of its keys.' },
    )
  return entries
}

function numberText(value: number, path: string): string {
  if (!Number.isInteger(value)) return pythonFloatText(value)
  if (!Number.isSafeInteger(value))
    throw new HearError(
      'store/ambiguous-number',
      `The whole number ${value} at ${path} is beyond 2^53: an int of Python would have digits that it lost.`,
      { hint: 'Mark it with pythonFloat(...) if it is a float.' },
    )
  return String(value)
}

function notJson(value: unknown, path: string): HearError {
  return new HearError('store/not-json', `JSON has no ${typeof value}; found one at ${path}.`, {
    hint: 'Leave the key out, or write null.',
  })
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

function stringText(text: string): string {
  // Without the u flag the pattern sees UTF-16 units, so that an astral character becomes two escapes, as in Python.
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}
