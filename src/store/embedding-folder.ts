import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { HearError } from '../base/errors.js'
import type { ClipLabels } from './clip-labels.js'
import {
  EMBEDDING_JSON_FILE,
  type EmbeddingJson,
  embeddingFile,
  embeddingJsonSchema,
  rowsFile,
} from './embedding-json.js'
import { type EmbeddingRows, readEmbeddingRows } from './embedding-rows.js'
import { readJson } from './json-file.js'
import { readFloat32Npy } from './npy.js'
import { readTaskLabels, type TaskLabels } from './task-folder.js'

/** A row-major float32 matrix in shared memory. */
export interface EmbeddingMatrix {
  /** [rows, dim] */
  readonly data: Float32Array<SharedArrayBuffer>
  readonly rows: number
  readonly dim: number
}

/** One split of an embedding folder: row r of the matrix belongs to clip `clips[clipOfRow[r]]`. */
export interface EmbeddingSplit extends EmbeddingRows {
  readonly name: string
  readonly labels: ClipLabels
  readonly embeddings: EmbeddingMatrix
}

/** The embeddings of a task's clips, with everything that probing them needs; no audio. */
export interface EmbeddingFolder extends Pick<TaskLabels, 'metadata' | 'vocabulary'> {
  readonly dir: string
  readonly name: string
  /** D, the length of every embedding of the folder. */
  readonly dim: number
  readonly splits: ReadonlyMap<string, EmbeddingSplit>
  /** Undefined where the folder was made by another program, which left no embedding.json. */
  readonly source: EmbeddingJson | undefined
}

/**
 * Reads a folder of embeddings: `task_metadata.json`, `labelvocabulary.csv`, and for every split
 * `<split>.json`, `<split>.embeddings.npy` (float32 [rows, dim]) and `<split>.rows.json` ([clip, timestamp in
 * milliseconds or null] of every row). The matrices go straight into shared memory.
 *
 * @throws HearError naming the file when one is missing or malformed; when rows and matrix differ in number; a
 * clip has no rows, rows in two places, or no labels; splits differ in dimension; an embedding is not finite;
 * frames have no timestamps or these do not increase; or the folder was not finished.
 */
export async function readEmbeddingFolder(dir: string): Promise<EmbeddingFolder> {
  const task = await readTaskLabels(dir)
  const recordPath = join(dir, EMBEDDING_JSON_FILE)
  const source = existsSync(recordPath) ? await readJson(recordPath, embeddingJsonSchema) : undefined
  const splits = new Map<string, EmbeddingSplit>()
  for (const [name, labels] of task.splits) {
    if (source !== undefined && source.splits[name] === undefined) throw unfinished(dir, name, source)
    splits.set(name, await readSplit(dir, name, labels))
  }
  const { metadata, vocabulary } = task
  const dim = commonDimension(dir, splits)
  return { dir, name: basename(resolve(dir)), metadata, vocabulary, dim, splits, source }
}

async function readSplit(dir: string, name: string, labels: ClipLabels): Promise<EmbeddingSplit> {
  const rows = await readEmbeddingRows(join(dir, rowsFile(name)), labels)
  const path = join(dir, embeddingFile(name))
  const { data, shape } = await readFloat32Npy(path)
  if (shape.length !== 2 || shape[1] === 0)
    throw new HearError(
      'embedding/shape',
      `"${path}" holds an array [${shape.join(', ')}]; expected [rows, dimensions].`,
      { hint: 'Embed the task again.' },
    )
  if (shape[0] !== rows.clipOfRow.length)
    throw new HearError(
      'embedding/rows',
      `"${path}" holds ${shape[0]} rows, but "${rowsFile(name)}" names ${rows.clipOfRow.length}.`,
      { hint: 'The two files are not of one run: embed the task again.' },
    )
  const embeddings = { data, rows: shape[0], dim: shape[1] }
  const bad = firstNonFinite(data)
  if (bad !== undefined) {
    const row = Math.floor(bad / embeddings.dim)
    throw new HearError(
      'embedding/not-finite',
      `"${path}": row ${row} (clip "${rows.clips[rows.clipOfRow[row]]}") holds ${data[bad]} at dimension ${bad % embeddings.dim}; expected finite numbers.`,
      { hint: 'The model fails on this clip: run `hear validate` on the model.' },
    )
  }
  return { name, labels, ...rows, embeddings }
}

/**
 * Index of the first NaN or infinity, or undefined. One multiplication and one addition per number: 0 * x is 0
 * for finite x and NaN otherwise, and a sum that met NaN stays NaN.
 */
export function firstNonFinite(data: Float32Array): number | undefined {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += 0 * data[i]
  if (sum === 0) return undefined
  return data.findIndex((x) => !Number.isFinite(x))
}

function commonDimension(dir: string, splits: ReadonlyMap<string, EmbeddingSplit>): number {
  const [first, ...rest] = splits.values()
  for (const { name, embeddings } of rest)
    if (embeddings.dim !== first.embeddings.dim)
      throw new HearError(
        'embedding/dimension',
        `"${dir}": the embeddings of ${name} have ${embeddings.dim} dimensions, those of ${first.name} ${first.embeddings.dim}.`,
        { hint: 'The splits come from different models: embed the task again.' },
      )
  return first.embeddings.dim
}

function unfinished(dir: string, split: string, source: EmbeddingJson): HearError {
  const done = Object.keys(source.splits).join(', ') || 'none'
  return new HearError(
    'embedding/unfinished',
    `"${dir}" is not finished: the split ${split} is not embedded yet (finished: ${done}).`,
    { hint: 'Run the same `hear embed` again: it continues with the splits that are missing.' },
  )
}
