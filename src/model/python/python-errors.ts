import { HearError } from '../../base/errors.js'
import { printable } from '../onnx/printable.js'
import { type LastWords, printableLines } from './last-words.js'

/** How a process came to its end by itself. */
export interface PythonEnd {
  readonly code: number | null
  readonly signal: string | null
}

/** A failure inside Python as bridge.py tells it. */
export interface PythonFailure {
  readonly stage: 'numpy' | 'import' | 'load' | 'timestamps' | 'scenes'
  /** Class of the exception. */
  readonly type: string
  readonly message: string
  /** Of the module's own code. */
  readonly traceback: string
  /** The message is the bridge's, about what the module gave. */
  readonly refused: boolean
  readonly executable: string
  readonly outOfMemory: boolean
  /** The module that an import did not find, and the one with the nearest name. */
  readonly missing?: string | null
  readonly nearest?: string | null
}

/** The functions of HEAR's API in Python, by what they are called for. */
export const PYTHON_FUNCTIONS = {
  load: 'load_model',
  timestamps: 'get_timestamp_embeddings',
  scenes: 'get_scene_embeddings',
} as const

const MAX_TRACEBACK_LINES = 30
const OTHER_PYTHON = 'name it with --python /path/to/python'

/** The program that was to run could not be started. */
export function pythonNotStarted(python: string, cause: Error): HearError {
  const { code } = cause as NodeJS.ErrnoException
  const why =
    code === 'ENOENT'
      ? 'there is no such program'
      : code === 'EACCES'
        ? 'it is no program that you may run'
        : cause.message
  return new HearError('model/python-not-found', `Cannot start Python as "${python}": ${why}.`, {
    hint: `Install Python 3.8 or later with numpy, or ${OTHER_PYTHON}.`,
    cause,
  })
}

/** The process ended without an answer. */
export function pythonEnded(
  python: string,
  module: string,
  doing: string,
  end: PythonEnd,
  words: LastWords,
): HearError {
  const how = end.signal === null ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`
  const starting = doing === 'load_model' || doing === 'starting'
  return new HearError(
    'model/python-died',
    `Python ("${python}") ${how} in ${doing} of "py:${module}".${quoted(words)}`,
    { hint: hintFor(end, starting) },
  )
}

function hintFor(end: PythonEnd, starting: boolean): string {
  if (end.signal === 'SIGKILL')
    return 'Usually the system ends a process like this when memory runs out: free some, or use shorter clips.'
  if (end.signal !== null)
    return 'A library of the module crashed: call the function from Python by hand, with the same audio.'
  return starting
    ? `The module must not exit; and is "--python" a Python 3.8 or later? Else ${OTHER_PYTHON}.`
    : 'The module must not exit: mend it, or call the function from Python by hand to see why it does.'
}

/** The module did not answer in time. */
export function pythonHung(module: string, doing: string, limitSec: number, words: LastWords): HearError {
  return new HearError(
    'model/python-hung',
    `${doing} of "py:${module}" did not answer within ${limitSec} s, and was ended.${quoted(words)}`,
    { hint: 'If it is only slow, give it longer: --time-limit SEC.' },
  )
}

/** Something failed inside Python: one sentence, then the part of the traceback that is the module's. */
export function pythonFailed(module: string, failure: PythonFailure): HearError {
  const { stage, executable, missing, nearest } = failure
  const python = printable(executable)
  const text = printableLines(failure.message).trim()
  const raised = `${failure.type}${text === '' ? '' : `: ${text}`}`
  const detail = shortened(failure.traceback)
  const say = (code: string, message: string, hint: string) =>
    new HearError(`model/${code}`, message, { hint })
  const install = (name: string) => `${python} -m pip install ${name}`

  if (failure.outOfMemory)
    return say(
      'out-of-memory',
      `"py:${module}" ran out of memory in ${functionOf(stage)}: ${raised}`,
      'Free memory, use a machine or a GPU with more, or tasks with shorter clips.',
    )
  if (stage === 'numpy')
    return say(
      'python-no-numpy',
      `Python at "${python}" has no numpy that works: ${raised}`,
      `${install('numpy')}, or another Python that has it: ${OTHER_PYTHON}.`,
    )
  if (missing && isPartOf(missing, module))
    return say(
      'python-no-module',
      `Python at "${python}" has no module "${printable(missing)}".`,
      nearest
        ? `Did you mean --model py:${printable(nearest)}?`
        : missing.includes('.')
          ? `"${missing.slice(0, missing.lastIndexOf('.'))}" is there, but not that part of it: is it the right version?`
          : `${install(missing)} (the name to install may differ), or ${OTHER_PYTHON}; modules are also found in the current folder and on PYTHONPATH.`,
    )
  if (missing)
    return say(
      'python-no-module',
      `"py:${module}" needs the module "${printable(missing)}", which Python at "${python}" does not have.${detail}`,
      `${install(printable(missing).split('.')[0])} (the name to install may differ).`,
    )
  if (failure.refused)
    return say(
      'python-contract',
      `${functionOf(stage)} of "py:${module}" ${text}.`,
      'docs/python.md says what a module of the HEAR API gives.',
    )
  if (stage === 'import')
    return say(
      'python-import-failed',
      `"py:${module}" cannot be imported: ${raised}${detail}`,
      'Mend the module, or what it imports.',
    )
  return say(
    'python-failed',
    `${functionOf(stage)} of "py:${module}" raised ${raised}${detail}`,
    stage === 'load'
      ? 'Is it the right weights file (--weights)? Some modules do not load without one.'
      : 'Call the function from Python by hand, with audio of this shape.',
  )
}

function functionOf(stage: PythonFailure['stage']): string {
  return stage === 'import' || stage === 'numpy' ? 'the import' : PYTHON_FUNCTIONS[stage]
}

/** Whether `missing` is `module` or a package around it. */
function isPartOf(missing: string, module: string): boolean {
  return `${module}.`.startsWith(`${missing}.`)
}

/** The last lines of a traceback, indented, on lines of their own. */
function shortened(traceback: string): string {
  const lines = printableLines(traceback).trimEnd().split('\n')
  if (lines.length === 1 && lines[0] === '') return ''
  const left = lines.length - MAX_TRACEBACK_LINES
  const shown = left > 0 ? [`... ${left} lines more`, ...lines.slice(left)] : lines
  return indented(shown)
}

function quoted(words: LastWords): string {
  const { lines } = words
  return lines === '' ? '' : ` It printed last:${indented(lines.split('\n'))}`
}

function indented(lines: readonly string[]): string {
  return `\n${lines.map((line) => `    ${line}`).join('\n')}`
}
