import { extname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HearError } from '../../base/errors.js'
import { printable } from '../onnx/printable.js'

/** What Node says of TypeScript that it does not run, or not in node_modules. */
const TYPESCRIPT_CODES = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
]

/** Importing the package failed: one sentence of Node's or the package's own, and where in the package. */
export function importFailed(name: string, folder: string, entry: string, cause: unknown): HearError {
  const code = (cause as { code?: unknown } | null)?.code
  const isTypeScript = ['.ts', '.mts', '.cts', '.tsx'].includes(extname(entry))
  if (isTypeScript && TYPESCRIPT_CODES.includes(String(code)))
    return new HearError(
      'model/package-typescript',
      `The package "${name}" is TypeScript ("${entry}"), which this Node does not run.`,
      {
        hint: 'Build it first (for example: npx tsc), and name the .js file as main or exports in package.json.',
        cause,
      },
    )
  const text = whatWentWrong(cause, folder)
  const say = (hint: string) =>
    new HearError('model/package-import', `The package "${name}" cannot be imported: ${text}.`, {
      hint,
      cause,
    })
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return say(`Is what it depends on installed? cd ${folder} && npm install`)
  if (/outside a module|Unexpected token 'export'/.test(text))
    return say('Is "type": "module" missing in its package.json?')
  // Where a mistake in the syntax is, Node tells nobody who imports the file.
  return say(`${cause instanceof SyntaxError ? 'See where' : 'Try it alone'}: node ${entry}`)
}

/** loadModel failed. */
export function loadFailed(
  name: string,
  folder: string,
  weights: string | undefined,
  cause: unknown,
): HearError {
  return new HearError(
    'model/package-load',
    `loadModel of "${name}" failed: ${whatWentWrong(cause, folder)}.`,
    {
      hint:
        weights === undefined
          ? 'If it needs a file of weights, give it with --weights; a HEAR model should load without.'
          : `Is "${weights}" the file that it expects?`,
      cause,
    },
  )
}

/** The package's failure as an error of the same name whose message says where in the package it came from. */
export function locatedError(cause: unknown, folder: string): Error {
  const error = new Error(whatWentWrong(cause, folder, false), { cause })
  if (cause instanceof Error) error.name = cause.name
  return error
}

/** Name and message of what was thrown, in one line without its full stop, and the package's own line of the stack. */
function whatWentWrong(thrown: unknown, folder: string, withName = true): string {
  if (!isError(thrown)) return `it threw ${printable(String(thrown))}`
  const { name, message, stack = '', cause } = thrown
  // Node adds the files that asked for a missing one, each on a line.
  const first = printable(message.split('\nRequire stack:')[0]).trim().replace(/\.$/, '')
  const named = withName && name !== 'Error' ? `${name}: ${first}` : first
  // As of a download that failed, whose own message says nothing.
  const why = isError(cause) && cause.message !== '' ? `: ${printable(cause.message).trim()}` : ''
  const line = ownLine(stack, folder)
  return `${named || name}${why}${line === undefined ? '' : ` (${line})`}`
}

/** Whatever was thrown may come from another realm, where instanceof does not hold. */
function isError(thrown: unknown): thrown is Error {
  return typeof (thrown as { message?: unknown } | null)?.message === 'string'
}

/** The first place in a stack that lies in the package itself, as `index.js:12:5`. */
function ownLine(stack: string, folder: string): string | undefined {
  const prefixes = [`${pathToFileURL(folder).href}/`, join(folder, sep)]
  for (const line of stack.split('\n'))
    for (const prefix of prefixes) {
      const at = line.indexOf(prefix)
      const place = at < 0 ? undefined : /^[^()]*?:\d+(:\d+)?/.exec(line.slice(at + prefix.length))?.[0]
      if (place !== undefined && !place.includes('node_modules')) return printable(place)
    }
  return undefined
}
