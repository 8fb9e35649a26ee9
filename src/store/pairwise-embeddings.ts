import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { firstNonFinite } from './embedding-folder.js'
import {
  EMBEDDING_JSON_FILE,
  type EmbeddingJson,
  embeddingFile,
  embeddingJsonSchema,
  rowsFile,
} from './embedding-json.js'
import { readEmbeddingRows } from './embedding-rows.js'
import { readJson } from './json-file.js'
import { readFloat32Npy } from './npy.js'
import { PAIRWISE_SPLIT, type PairwiseTask, readPairwiseTask } from './pairwise-task.js'

/** The scene embeddings of a pairwise task. */
export interface PairwiseEmbeddings {
  readonly task: PairwiseTask
  /** [clips, dimension], row-major, in the order of `task.clips`. */
  readonly data: Float32Array
  readonly dimension: number
  /** Hash of the comparisons and the embeddings. */
  readonly hash: string
  /** Undefined where the folder was made by another program, which left no embedding.json. */
  readonly source: EmbeddingJson | undefined
}

/**
 * Reads a folder of embeddings of a pairwise task: `task_metadata.json`, the list of pairs or triplets,
 * `test.embeddings.npy` (float32 [rows, dimension]) and `test.rows.json` ([clip, null] of every row, in any order).
 *
 * @throws HearError naming the file when one is missing or malformed; when rows and matrix differ in number; a clip
 * that is compared has no row, or a row no comparison; an embedding is not finite; or the folder was not finished.
 */
export async function readPairwiseEmbeddings(dir: string): Promise<PairwiseEmbeddings> {
  const task = await readPairwiseTask(dir)
  const recordPath = join(dir, EMBEDDING_JSON_FILE)
  const source = existsSync(recordPath) ? await readJson(recordPath, embeddingJsonSchema) : undefined
  if (source !== undefined && source.splits[PAIRWISE_SPLIT] === undefined)
    throw new HearError('embedding/unfinished', `"${dir}" is not finished: its clips are not embedded yet.`, {
      hint: 'Run the same `hear embed` again.',
    })
  const compared = { kind: 'scene' as const, clips: new Map(task.clips.map((clip) => [clip, []])) }
  const { clips } = await readEmbeddingRows(join(dir, rowsFile(PAIRWISE_SPLIT)), compared)
  const path = join(dir, embeddingFile(PAIRWISE_SPLIT))
  const matrix = await readFloat32Npy(path)
  const [rows, dimension] = matrix.shape
  if (matrix.shape.length !== 2 || dimension === 0 || rows !== clips.length)
    throw new HearError(
      'embedding/shape',
      `"${path}" holds an array [${matrix.shape.join(', ')}]; expected [${clips.length}, dimensions], one row for each of "${rowsFile(PAIRWISE_SPLIT)}".`,
      { hint: 'The two files are not of one run: embed the task again.' },
    )
  const bad = firstNonFinite(matrix.data)
  if (bad !== undefined)
    throw new HearError(
      'embedding/not-finite',
      `"${path}": the clip "${clips[Math.floor(bad / dimension)]}" has ${matrix.data[bad]} at dimension ${bad % dimension}; expected finite numbers.`,
      { hint: 'The model fails on this clip: run `hear validate` on the model.' },
    )
  const data = new Float32Array(rows * dimension)
  const placeOf = new Map(task.clips.map((clip, place) => [clip, place]))
  for (const [row, clip] of clips.entries())
    data.set(matrix.data.subarray(row * dimension, (row + 1) * dimension), placeOf.get(clip)! * dimension)
  return { task, data, dimension, hash: hashOf(task, data), source }
}

function hashOf({ clips, comparisons }: PairwiseTask, data: Float32Array): string {
  const marks = comparisons.kind === 'pairs' ? [...comparisons.same] : null
  const hash = createHash('sha256')
  hash.update(JSON.stringify([clips, comparisons.kind, [...comparisons.rows], marks]))
  return hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex')
}
