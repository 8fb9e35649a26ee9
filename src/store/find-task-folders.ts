import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { HearError, nearestName } from '../base/errors.js'
import { EMBEDDING_JSON_FILE } from './embedding-json.js'
import { withFileErrors } from './file-errors.js'
import { parseJson, readText } from './json-file.js'
import { compareCodePoints } from './label-files.js'
import { TASK_METADATA_FILE } from './task-metadata.js'

/** An extracted archive is hear-2021.0.6/tasks/<task>; several of them may lie in a folder of their own. */
const DEEPEST = 4

/**
 * Finds the task folders (or embedding folders: both hold task_metadata.json) at or below `dir`: `dir` itself,
 * the folders in it, or those of extracted archives (`hear-2021.0.6/tasks/...`) in it. Sorted by path.
 *
 * @param wanted `audio` leaves out the embedding folders that hearkit wrote.
 * @param task only the tasks of this name: the task's own name or that of its folder.
 * @throws HearError when `dir` cannot be read, holds no task, or none of the name given.
 */
export async function findTaskFolders(
  dir: string,
  task?: string,
  wanted: 'any' | 'audio' = 'any',
): Promise<string[]> {
  const all = await search(dir, 0)
  // Results may lie among the tasks; what an earlier run embedded is not a task of its own.
  const found =
    wanted === 'any' ? all : all.filter((folder) => !existsSync(join(folder, EMBEDDING_JSON_FILE)))
  if (found.length === 0 && all.length > 0)
    throw new HearError('task/only-embeddings', `"${dir}" holds embeddings, not tasks with audio.`, {
      hint: `Score them with: hear evaluate ${dir}`,
    })
  if (found.length === 0) throw await nothingFound(dir)
  if (task === undefined) return found
  const named = await Promise.all(found.map(async (folder) => ({ folder, names: await namesOf(folder) })))
  const chosen = named.filter(({ names }) => names.includes(task)).map(({ folder }) => folder)
  if (chosen.length > 0) return chosen
  const names = [...new Set(named.map((entry) => entry.names[0]))].sort(compareCodePoints)
  const nearest = nearestName(task, [...new Set(named.flatMap((entry) => entry.names))])
  throw new HearError(
    'task/unknown',
    `There is no task "${task}" in "${dir}"; it holds ${names.join(', ')}.`,
    {
      hint: nearest === undefined ? 'Choose one of these tasks.' : `Did you mean "${nearest}"?`,
    },
  )
}

async function search(dir: string, depth: number): Promise<string[]> {
  const entries = await withFileErrors('read', dir, () => readdir(dir, { withFileTypes: true }))
  if (entries.some((entry) => entry.name === TASK_METADATA_FILE)) return [dir]
  if (depth === DEEPEST) return []
  const below = entries
    // Hidden folders are somebody's business, or ours in the making.
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => entry.name)
    .sort(compareCodePoints)
  const found: string[] = []
  for (const name of below) found.push(...(await search(join(dir, name), depth + 1)))
  return found
}

/** The task's own name, then the folder's; only the latter when the metadata cannot be read. */
async function namesOf(folder: string): Promise<string[]> {
  const path = join(folder, TASK_METADATA_FILE)
  const metadata = parseJson(await readText(path), path) as { task_name?: unknown } | null
  const name = metadata?.task_name
  const folderName = basename(resolve(folder))
  return typeof name === 'string' ? [name, folderName] : [folderName]
}

async function nothingFound(dir: string): Promise<HearError> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith('.')).sort(compareCodePoints)
  const few = names.slice(0, 6).join(', ') + (names.length > 6 ? ', ...' : '')
  const archive = names.find((name) => /\.(tar\.gz|tgz|zip|tar)$/.test(name))
  return new HearError(
    'task/none-found',
    `There is no task in "${dir}": expected a folder with ${TASK_METADATA_FILE}, found ${few === '' ? 'an empty folder' : few}.`,
    {
      hint:
        archive === undefined
          ? 'Give a task folder, or a folder that holds task folders.'
          : `Extract the archive first: tar xf ${join(dir, archive)}`,
    },
  )
}
