import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PythonJson, pythonFloat, pythonFloatText, pythonJsonText } from './python-json.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const roots = [golden, process.env.HEAR_TEST_FIXTURES]
  .filter((root) => root !== undefined && root !== '')
  .map((root) => join(root!, 'prepare'))
  .filter((root) => existsSync(root))

/** Texts that the original pipeline wrote: the configuration and the labels of every recorded task folder. */
const recorded = roots.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|\/)(task_metadata|train|valid|test|fold\d\d)\.json(\.gz)?$/.test(path))
    .map((path) => ({ title: relative(root, join(root, path)), path: join(root, path) })),
)

const jsonFormatFiles = roots
  .map((root) => join(root, 'vectors/json_format.json'))
  .filter((path) => existsSync(path))

/** Reads JSON so that a number written with a point or an exponent stays a float, as it is in Python. */
function parseKeepingFloats(text: string): PythonJson {
  const marked = text.replace(/"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, (token) =>
    token.startsWith('"') || /^-?\d+$/.test(token) ? token : `{"python float": ${token}}`,
  )
  return JSON.parse(marked, (_key, value) =>
    value !== null && typeof value === 'object' && 'python float' in value
      ? pythonFloat(value['python float'])
      : value,
  )
}

describe("the text of Python's json.dump with one space a level", () => {
  it('has recorded files to agree with', () => {
    expect(recorded.length).toBeGreaterThan(5)
    expect(jsonFormatFiles.length).toBeGreaterThan(0)
  })

  it.each(recorded)('is byte for byte that of $title', ({ path }) => {
    const bytes = readFileSync(path)
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    expect(pythonJsonText(parseKeepingFloats(text))).toBe(text)
  })

  it.each(jsonFormatFiles)('agrees with every case of %s', (path) => {
    const cases: { input: string; expected: string }[] = JSON.parse(readFileSync(path, 'utf8')).cases
    expect(cases.length).toBeGreaterThan(0)
    for (const { input, expected } of cases) {
      // The inputs are literals of Python; these three spellings are all that differs from JSON in them.
      const json = input.replaceAll("'", '"').replaceAll('None', 'null').replace('True', 'true')
      expect(pythonJsonText(parseKeepingFloats(json))).toBe(expected)
    }
  })

  it('escapes what Python escapes, astral characters and lone surrogates as UTF-16 units', () => {
    const first40 = Array.from({ length: 40 }, (_, i) => String.fromCharCode(i)).join('')
    // Recorded with json.dumps of Python 3.11.
    expect(pythonJsonText(`${first40}~\x7f\x80\u2028é😀\ud800`)).toBe(
      String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f !\"#$%&'~\u007f\u0080\u2028\u00e9\ud83d\ude00\ud800"`,
    )
  })

  it('keeps the order of a Map with index-like keys and refuses a plain object with them', () => {
    const labels = new Map([
      ['10', 1],
      ['2', 2],
    ])
    expect(pythonJsonText(labels)).toBe('{\n "10": 1,\n "2": 2\n}')
    expect(() => pythonJsonText({ folds: { 10: 1, 2: 2 } })).toThrowErrorMatchingInlineSnapshot(
      `[HearError: The key "2" at $.folds looks like an array index, and a plain object does not keep its place.]`,
    )
  })

  it('refuses whole numbers that an int of Python would write with other digits', () => {
    expect(() => pythonJsonText({ big: [2 ** 60] })).toThrowErrorMatchingInlineSnapshot(
      `[HearError: The whole number 1152921504606847000 at $.big[0] is beyond 2^53: an int of Python would have digits that it lost.]`,
    )
    expect(pythonJsonText({ big: pythonFloat(2 ** 60) })).toBe('{\n "big": 1.152921504606847e+18\n}')
  })

  it('refuses an undefined value and says where it is', () => {
    const value = { scores: [1, undefined] } as unknown as PythonJson
    expect(() => pythonJsonText(value)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: JSON has no undefined; found one at $.scores[1].]`,
    )
  })

  it('is JSON that reads back as the same value', () => {
    const keys = fc.string({ unit: 'binary' }).map((text) => `key ${text}`)
    const values = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(fc.dictionary(keys, values), fc.string({ unit: 'binary' }), (numbers, text) => {
        const marked = Object.fromEntries(Object.entries(numbers).map(([key, x]) => [key, pythonFloat(x)]))
        expect(JSON.parse(pythonJsonText([marked, text]))).toEqual([{ ...numbers }, text])
      }),
      { seed: 2 },
    )
  })
})

describe('the text of a float', () => {
  // Recorded with json.dumps of Python 3.11; the last twelve are random bit patterns.
  const texts = [
    '0.0 -0.0 1.0 0.1 1000000000000000.0 1.2345678901234568e+17 1e+16 9999999999999998.0 0.0001 0.00012345',
    '1e-05 9.999e-05 5e-324 1.7976931348623157e+308 1e+22 1e+21 1e+100 9007199254740992.0',
    '0.30000000000000004 0.3333333333333333 100.0 1e-07 1.5e-10 -2.5e+20 50412.34748454937',
    '10928588.983213553 1.4186613525849614e+134 -7.571968556055867e-74 -1.4074705188261364e+113',
    '-3.3339745473042614e-121 -1.2342180766211395e-271 -5.126864004244935e+111 -2.1520217579844227e+32',
    '0.1399601630397701 1.01853664031722e-244 2.9704598186234577e-115 3.0534183338726823e+150',
  ]
    .join(' ')
    .split(' ')

  it.each(texts)("is Python's for %s", (text) => {
    expect(pythonFloatText(Number(text))).toBe(text)
  })

  it("spells what is not finite as Python's json does", () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(pythonFloatText)).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
    ])
  })
})
