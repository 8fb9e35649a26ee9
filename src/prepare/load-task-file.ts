import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HearError } from '../base/errors.js'
import { parseJson, readText } from '../store/json-file.js'
import { checkedClips } from '../tasks/checked-clips.js'
import { taskByName } from '../tasks/registry.js'
import type { Source, TaskDefinition } from '../tasks/task.js'
import { checkTask } from '../tasks/task-schema.js'

const SUFFIXES = ['.json', '.mjs', '.js']

/**
 * The task that a user names: a built-in one, or a file of the user's own.
 * @throws HearError as `taskByName` and `loadTaskFile` do.
 */
export async function findTask(nameOrFile: string): Promise<TaskDefinition> {
  const isFile = SUFFIXES.includes(extname(nameOrFile)) || /[/\\]/.test(nameOrFile)
  return isFile ? loadTaskFile(nameOrFile) : taskByName(nameOrFile)
}

/**
 * Reads a user's own task: a `.json` that describes a table of clips, or a `.mjs` or `.js` module whose default export
 * is the task, and whose code runs (see `checkedClips`). Folders among its sources count from the file's own folder; they come back
 * absolute.
 *
 * @throws HearError naming the file: when it is not there, has another suffix, is no JSON or module, exports nothing,
 *   or is no task (see `checkTask`).
 */
export async function loadTaskFile(path: string): Promise<TaskDefinition> {
  const suffix = extname(path)
  if (!SUFFIXES.includes(suffix))
    throw new HearError('tasks/file-kind', `"${path}": expected a task in a ${SUFFIXES.join(', ')} file.`, {
      hint: 'Describe the task as JSON, or export it from a module.',
    })
  // Read first in any case: a file that is not there is said to be missing in the same words.
  const text = await readText(path)
  const value = suffix === '.json' ? parseJson(text, path) : await defaultExport(path)
  const task = checkTask(value, path)
  const { clips, sources } = task
  return {
    ...task,
    ...(sources !== undefined && { sources: withAbsoluteFolders(sources, dirname(resolve(path))) }),
    ...(typeof clips === 'function' && { clips: checkedClips(clips, path) }),
  }
}

async function defaultExport(path: string): Promise<unknown> {
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw new HearError(
      'tasks/module',
      `"${path}" cannot be loaded: ${(cause as Error)?.message ?? cause}.`,
      {
        hint: 'Try it alone: node --check finds mistakes in its syntax.',
        cause,
      },
    )
  }
  if (module.default !== undefined) return module.default
  throw new HearError('tasks/module', `"${path}": expected the task as the default export, found none.`, {
    hint: 'Write export default { about: ..., config: ..., clips: ... }.',
  })
}

function withAbsoluteFolders(sources: NonNullable<TaskDefinition['sources']>, baseDir: string) {
  const absolute = (source: Source) =>
    'folder' in source ? { ...source, folder: resolve(baseDir, source.folder) } : source
  return Object.fromEntries(Object.entries(sources).map(([mode, list]) => [mode, list.map(absolute)]))
}
