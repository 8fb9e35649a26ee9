import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { withFileErrors } from './file-errors.js'
import { compareCodePoints } from './label-files.js'
import { PAIRWISE_JSON_FILE } from './pairwise-result.js'
import { PREDICTED_SCORES_FILE, PREDICTIONS_FILE, RUN_JSON_FILE } from './result-bundle.js'
import { TASK_METADATA_FILE } from './task-metadata.js'

/** Results lie in <out>/<model>/<task>; a folder may hold several <out>. */
const DEEPEST = 4

/**
 * Finds the result bundles at or below `dir`: `dir` itself, the tasks of a model, or those of all models in it.
 * Unfinished ones and those of pairwise tasks are left out. Sorted by path.
 *
 * @throws HearError when `dir` cannot be read, is such a one itself, or holds no result.
 */
export async function findResultBundles(dir: string): Promise<string[]> {
  const found = await search(dir, 0)
  if (found.length > 0) return found
  const names = (await readdir(dir)).filter((name) => !name.startsWith('.')).sort(compareCodePoints)
  if (names.includes(PREDICTIONS_FILE) || names.includes(PREDICTED_SCORES_FILE))
    throw new HearError(
      'result/unfinished',
      `"${dir}" holds no finished result: there is no ${RUN_JSON_FILE}.`,
      {
        hint: 'Run the evaluation of this task again; run.json is written last.',
      },
    )
  if (names.includes(PAIRWISE_JSON_FILE))
    throw new HearError(
      'result/pairwise',
      `"${dir}" is the result of a pairwise task: it has distances (${PAIRWISE_JSON_FILE}), but no ${RUN_JSON_FILE}, since nothing was probed.`,
      { hint: 'Read its files, or give the result of another task.' },
    )
  const few = names.slice(0, 6).join(', ') + (names.length > 6 ? ', ...' : '')
  throw new HearError(
    'result/none-found',
    `There is no result in "${dir}": expected a folder with ${RUN_JSON_FILE}, found ${few === '' ? 'an empty folder' : few}.`,
    {
      hint: 'Give <out>/<model>/<task> of hear run or hear evaluate, or a folder that holds such folders.',
    },
  )
}

async function search(dir: string, depth: number): Promise<string[]> {
  const entries = await withFileErrors('read', dir, () => readdir(dir, { withFileTypes: true }))
  const has = (name: string) => entries.some((entry) => entry.name === name)
  if (has(RUN_JSON_FILE)) return [dir]
  // Clips and embeddings lie beside the results, thousands of files in deep folders.
  if (depth === DEEPEST || has(TASK_METADATA_FILE)) return []
  const below = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => entry.name)
    .sort(compareCodePoints)
  const found: string[] = []
  for (const name of below) found.push(...(await search(join(dir, name), depth + 1)))
  return found
}
