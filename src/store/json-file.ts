import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { HearError } from '../base/errors.js'
import { withFileErrors } from './file-errors.js'

/** The bytes of a file. @throws HearError naming the file when it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  return withFileErrors('read', path, () => readFile(path))
}

/** The text of a UTF-8 file, without a byte order mark. @throws HearError when it cannot be read. */
export async function readText(path: string): Promise<string> {
  const text = await withFileErrors('read', path, () => readFile(path, 'utf8'))
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Parses JSON. @throws HearError naming the file and where in it the text goes wrong. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new HearError('store/not-json', `"${file}" is not valid JSON: ${(cause as Error).message}.`, {
      hint: text.trim() === '' ? 'The file is empty: write or copy it again.' : 'Mend it, or write it again.',
      cause,
    })
  }
}

/** Reads a JSON file and checks it against a schema, as `checkJson` does. */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  return checkJson(schema, parseJson(await readText(path), path), path)
}

/** A file of another kind deviates in every line. */
const ISSUES_SHOWN = 20

/**
 * Checks parsed JSON against a schema and returns what the schema makes of it.
 *
 * @throws HearError naming the file and listing the first deviations and the number of others: the path in the file,
 * what was expected and what was found.
 */
export function checkJson<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { issues } = result.error
  const lines = issues.slice(0, ISSUES_SHOWN).map((issue) => {
    const where =
      issue.path.length === 0 ? 'the whole file' : issue.path.map(pathStep).join('').replace(/^\./, '')
    if (issue.code === 'unrecognized_keys') return `${where}: ${expectation(issue)}`
    return `${where}: ${expectation(issue)}, found ${shown(valueAt(value, issue.path))}`
  })
  if (issues.length > ISSUES_SHOWN) lines.push(`and ${issues.length - ISSUES_SHOWN} more`)
  throw new HearError('store/json-content', `"${file}" is not as expected. ${lines.join('; ')}.`, {
    hint: 'Correct the file, or make it again with the program that wrote it.',
  })
}

/**
 * The entries of a JSON object in the order of the text. JavaScript moves keys that look like array indices
 * ("12") to the front, and of two equal keys it keeps one: clips are ordered and counted, so neither may happen.
 *
 * @throws HearError when the text holds anything but an object, or a key twice.
 */
export function parseOrderedObject(text: string, file: string): [key: string, value: unknown][] {
  const value = parseJson(text, file)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HearError(
      'store/json-content',
      `"${file}" is not as expected. The whole file: expected an object, found ${shown(value)}.`,
      { hint: 'Make it again with the program that wrote it.' },
    )
  const seen = new Set<string>()
  return topLevelKeys(text).map((key) => {
    if (seen.has(key))
      throw new HearError(
        'store/json-duplicate-key',
        `"${file}" names "${key}" twice; expected every name once.`,
        {
          hint: 'Remove one of the two entries.',
        },
      )
    seen.add(key)
    return [key, (value as Record<string, unknown>)[key]]
  })
}

/** Keys of the outermost object of a text that is known to be valid JSON, in order, repetitions included. */
function topLevelKeys(text: string): string[] {
  const keys: string[] = []
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && /^\s*:/.test(text.slice(index + token.length, index + token.length + 64)))
      keys.push(JSON.parse(token))
  }
  return keys
}

function pathStep(step: PropertyKey): string {
  return typeof step === 'number' ? `[${step}]` : `.${String(step)}`
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map((allowed) => JSON.stringify(allowed)).join(' or ')}`
  if (issue.code === 'unrecognized_keys') {
    // A schema that knows better than zod's own words, such as the nearest key, has put its own.
    if (!issue.message.startsWith('Unrecognized key')) return issue.message
    return `unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${issue.keys.map((key) => `"${key}"`).join(', ')}`
  }
  if (issue.code === 'custom') return issue.message
  return issue.message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  // JSON would write NaN and infinities as null.
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  // JSON has no functions; a module that is checked as JSON may hold one.
  const text = JSON.stringify(value) ?? `a ${typeof value}`
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
