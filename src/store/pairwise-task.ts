/**
 * A task without learning: which of its clips belong together is told by the distance of their embeddings.
 *
 * The folder looks like any task folder, with one split `test`, no label vocabulary, and instead of labels either
 * `test.pairs.json` ([["a.wav", "b.wav", "same"], ...]) or `test.triplets.json` ([["A.wav", "B.wav", "X.wav"], ...], A and X of
 * one category, B of another).
 */
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { HearError, nearestName } from '../base/errors.js'
import { withFileErrors } from './file-errors.js'
import { parseJson, readJson, readText } from './json-file.js'
import { listSampleRates } from './sample-rates.js'
import { TASK_METADATA_FILE } from './task-metadata.js'

/** The only split of a pairwise task. */
export const PAIRWISE_SPLIT = 'test'
export const PAIRS_FILE = `${PAIRWISE_SPLIT}.pairs.json`
export const TRIPLETS_FILE = `${PAIRWISE_SPLIT}.triplets.json`

/** What hearkit reads of the metadata of a pairwise task; other keys are kept as they are. */
export const pairwiseMetadataSchema = z.looseObject({
  task_name: z.string().min(1),
  version: z.string(),
  embedding_type: z.literal('scene'),
  prediction_type: z.literal('pairwise'),
  split_mode: z.literal('trainvaltest'),
  /** Seconds; null when clips keep their own lengths. */
  sample_duration: z.number().positive().nullable(),
  splits: z.tuple([z.literal(PAIRWISE_SPLIT)]),
  mode: z.string().optional(),
})

export type PairwiseMetadata = z.output<typeof pairwiseMetadataSchema>

/** Rows of the task's clips that are compared. */
export type Comparisons =
  /** rows [n, 2]; same [n] is 1 where both are of one category, else 0. */
  | { readonly kind: 'pairs'; readonly rows: Int32Array; readonly same: Uint8Array }
  /** rows [n, 3]: A, B and X, where A and X are of one category and B is of another. */
  | { readonly kind: 'triplets'; readonly rows: Int32Array }

export interface PairwiseTask {
  readonly dir: string
  /** Name of the folder, `<task>-<version>-<mode>`. */
  readonly name: string
  readonly metadata: PairwiseMetadata
  /** Clips that are compared, in the order in which they first occur. */
  readonly clips: readonly string[]
  /** Rows are positions in `clips`. */
  readonly comparisons: Comparisons
  /** Rates whose audio is there, in Hz, ascending. */
  readonly sampleRates: readonly number[]
}

/** Whether parsed `task_metadata.json` is that of a pairwise task; it may be wrong in other ways. */
export function isPairwise(metadata: unknown): boolean {
  return (
    typeof metadata === 'object' &&
    metadata !== null &&
    'prediction_type' in metadata &&
    metadata.prediction_type === 'pairwise'
  )
}

/** Whether a task folder holds a pairwise task. Throws HearError where its metadata cannot be read or is no JSON. */
export async function isPairwiseFolder(dir: string): Promise<boolean> {
  const path = join(dir, TASK_METADATA_FILE)
  return isPairwise(parseJson(await readText(path), path))
}

/** A clip is a file name: anything with a path in it would leave its folder. */
const clipName = z
  .string()
  .refine((name) => name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name), {
    error: 'expected a file name without a path',
  })
const pairsSchema = z.array(z.tuple([clipName, clipName, z.enum(['same', 'different'])])).min(1)
const tripletsSchema = z.array(z.tuple([clipName, clipName, clipName])).min(1)

/**
 * Reads a pairwise task folder. Every clip must be there at every sample rate of the folder; where the folder holds no
 * audio, clips are not looked for.
 *
 * @throws HearError naming the file and what was found: metadata or lists that are not as described above, both lists or
 * neither, a clip without audio, a clip compared with itself, a comparison that occurs twice.
 */
export async function readPairwiseTask(dir: string): Promise<PairwiseTask> {
  const metadata = await readJson(join(dir, TASK_METADATA_FILE), pairwiseMetadataSchema)
  const path = join(dir, await findList(dir))
  const rowOf = new Map<string, number>()
  const row = (clip: string) => {
    const known = rowOf.get(clip) ?? rowOf.size
    rowOf.set(clip, known)
    return known
  }
  let comparisons: Comparisons
  if (path.endsWith(PAIRS_FILE)) {
    const pairs = await readJson(path, pairsSchema)
    refuseRepetitions(
      pairs.map(([a, b]) => [a, b]),
      // A pair is the same pair in either order.
      (pair) => pair.toSorted(),
      path,
    )
    comparisons = {
      kind: 'pairs',
      rows: Int32Array.from(pairs.flatMap(([a, b]) => [row(a), row(b)])),
      same: Uint8Array.from(pairs, ([, , mark]) => (mark === 'same' ? 1 : 0)),
    }
  } else {
    const triplets = await readJson(path, tripletsSchema)
    refuseRepetitions(triplets, (triplet) => triplet, path)
    comparisons = { kind: 'triplets', rows: Int32Array.from(triplets.flat(), row) }
  }
  const clips = [...rowOf.keys()]
  const sampleRates = await listSampleRates(dir)
  for (const sampleRate of sampleRates) await findClips(dir, sampleRate, clips, path)
  return { dir, name: basename(resolve(dir)), metadata, clips, comparisons, sampleRates }
}

async function findList(dir: string): Promise<string> {
  const names = await withFileErrors('read', dir, () => readdir(dir))
  const found = [PAIRS_FILE, TRIPLETS_FILE].filter((name) => names.includes(name))
  if (found.length === 1) return found[0]
  throw new HearError(
    'task/comparisons',
    `Expected either ${PAIRS_FILE} or ${TRIPLETS_FILE} in "${dir}", found ${found.length === 0 ? 'neither' : 'both'}.`,
    {
      hint:
        found.length === 0
          ? `Add ${PAIRS_FILE} ([["a.wav", "b.wav", "same"], ...]) or ${TRIPLETS_FILE} ([["A.wav", "B.wav", "X.wav"], ...]).`
          : 'Make two tasks of them, or remove one of the two files.',
    },
  )
}

function refuseRepetitions(
  comparisons: readonly (readonly string[])[],
  identity: (clips: readonly string[]) => readonly string[],
  path: string,
): void {
  const positions = new Map<string, number>()
  for (const [i, clips] of comparisons.entries()) {
    const twice = clips.find((clip, at) => clips.indexOf(clip) !== at)
    if (twice !== undefined)
      throw new HearError(
        'task/comparisons',
        `"${path}": entry ${i + 1} compares "${twice}" with itself; expected different clips.`,
        {
          hint: 'A clip is always closest to itself, so this says nothing of the embedding: remove the entry.',
        },
      )
    const key = JSON.stringify(identity(clips))
    const before = positions.get(key)
    if (before !== undefined)
      throw new HearError(
        'task/comparisons',
        `"${path}": entry ${i + 1} compares the same clips as entry ${before + 1} (${clips.join(', ')}); expected each comparison once.`,
        { hint: 'Remove one of the two entries.' },
      )
    positions.set(key, i)
  }
}

async function findClips(
  dir: string,
  sampleRate: number,
  clips: readonly string[],
  path: string,
): Promise<void> {
  const folder = join(dir, String(sampleRate), PAIRWISE_SPLIT)
  const names = await withFileErrors('read', folder, () => readdir(folder))
  const there = new Set(names)
  const missing = clips.filter((clip) => !there.has(clip))
  if (missing.length === 0) return
  const nearest = nearestName(missing[0], names)
  const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''
  throw new HearError(
    'task/unknown-clip',
    `"${path}" names the clip "${missing[0]}"${more}, which is not in "${folder}" (${names.length} files).`,
    {
      hint: nearest === undefined ? 'Add the sound, or correct its name.' : `Did you mean "${nearest}"?`,
    },
  )
}
