import { createHash } from 'node:crypto'
import { pythonJsonText } from '../store/python-json.js'
import { TASKS } from '../tasks/registry.js'
import type { TaskDefinition } from '../tasks/task.js'
import { modeConfig, modeSources } from '../tasks/task-mode.js'
import type { ResamplerName } from './convert/conversion.js'
import type { TaskPlan } from './plan/plan-task.js'
import type { OpenSources } from './sources/open-sources.js'

/** Part of every hash: raised when the same definition comes to other clips, labels or samples. */
const RECIPE_VERSION = 1
/** Files of a folder that are read at once. */
const CONCURRENT = 4

/** What decides a task's samples besides its definition. */
export interface RecipeOptions {
  readonly mode: string
  readonly resampler: ResamplerName
}

/**
 * Whether a task comes to the same clips whenever its recipe is the same. Archives have checksums and built-in tasks a
 * version; a folder may have changed, and so may what a function of one's own calls or reads.
 */
export function isDecidedByRecipe(definition: TaskDefinition, mode: string): boolean {
  const hasFolders = modeSources(definition, mode).some((source) => 'folder' in source)
  return !hasFolders && (typeof definition.clips !== 'function' || TASKS.includes(definition))
}

/** Hash of everything that decides a task's clips, labels and samples, as far as it is known without its sources. */
export function recipeHash(definition: TaskDefinition, { mode, resampler }: RecipeOptions): string {
  const { clips, reads } = definition
  return sha256(
    JSON.stringify([
      RECIPE_VERSION,
      pythonJsonText(modeConfig(definition, mode) as Parameters<typeof pythonJsonText>[0]),
      mode,
      modeSources(definition, mode),
      reads ?? [],
      typeof clips === 'function' ? clips.toString() : clips,
      resampler,
    ]),
  )
}

/**
 * Hash of what the sources came to: labels, metadata, and which piece of which file every clip is. An archive's checksum
 * vouches for its audio; files of folders are read.
 *
 * @param texts the files of the task folder beside its audio, by name
 * @param onFile told how many of the files to be read were
 * @throws HearError for a file that cannot be read; the reason of the signal
 */
export async function planHash(
  plan: TaskPlan,
  texts: ReadonlyMap<string, string>,
  definition: TaskDefinition,
  sources: OpenSources,
  { mode, resampler }: RecipeOptions,
  onFile: (nDone: number, nFiles: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([RECIPE_VERSION, [...texts], [...plan.splits], resampler]))
  if (!modeSources(definition, mode).some((source) => 'folder' in source)) return hash.digest('hex')
  const contents = new Map<string, string>()
  const paths = new Set([...plan.splits.values()].flatMap((clips) => clips.map(({ path }) => path)))
  await sources.visit(
    paths,
    async (path, member) => {
      signal.throwIfAborted()
      const content = createHash('sha256')
      for await (const chunk of member.stream()) content.update(chunk)
      contents.set(path, content.digest('hex'))
      onFile(contents.size, paths.size)
    },
    { concurrency: CONCURRENT },
  )
  for (const path of [...paths].sort()) hash.update(`${path}\0${contents.get(path)}\0`)
  return hash.digest('hex')
}

/** SHA-256 of a text in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
