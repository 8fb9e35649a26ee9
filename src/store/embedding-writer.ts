import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { HearError } from '../base/errors.js'
import { AtomicFile, writeFileAtomic } from './atomic.js'
import type { EmbeddableTask } from './embeddable-task.js'
import {
  EMBEDDING_JSON_FILE,
  type EmbeddingJson,
  type EmbeddingSource,
  embeddingFile,
  embeddingJsonSchema,
  rowsFile,
} from './embedding-json.js'
import { readBytes, readJson } from './json-file.js'
import { readNpyHeader } from './npy.js'
import { NpyRowWriter } from './npy-row-writer.js'
import { TASK_METADATA_FILE } from './task-metadata.js'

/**
 * Writes an embedding folder, split by split. Each split appears whole or not at all, and is recorded in
 * `embedding.json` last, so that work which was interrupted can go on with the splits that are missing.
 */
export class EmbeddingFolderWriter {
  private constructor(
    readonly dir: string,
    private record: EmbeddingJson,
  ) {}

  /**
   * Opens `dir` for the embeddings of a task: copies the task's metadata, vocabulary and labels into it.
   * Splits that the same model left there stay; those of another model, option or rate are forgotten.
   *
   * @throws HearError when the folder holds the embeddings of another task, or cannot be written.
   */
  static async open(
    dir: string,
    task: EmbeddableTask,
    source: EmbeddingSource,
  ): Promise<EmbeddingFolderWriter> {
    await refuseOtherTask(dir, task)
    const { model, sampleRate, versions } = source
    const fresh: EmbeddingJson = { format: 'hearkit-embeddings/1', model, sampleRate, versions, splits: {} }
    const path = join(dir, EMBEDDING_JSON_FILE)
    const old = existsSync(path) ? await readJson(path, embeddingJsonSchema) : undefined
    // Through JSON, because options that are undefined are not written.
    const decides = JSON.parse(JSON.stringify({ model, sampleRate }))
    const same =
      old !== undefined && isDeepStrictEqual(decides, { model: old.model, sampleRate: old.sampleRate })
    const writer = new EmbeddingFolderWriter(dir, same ? { ...fresh, splits: old.splits } : fresh)
    await writer.saveRecord()
    const labelFiles = task.labelFiles ?? [
      'labelvocabulary.csv',
      ...[...task.splits.keys()].map((split) => `${split}.json`),
    ]
    for (const file of [TASK_METADATA_FILE, ...labelFiles])
      await writeFileAtomic(join(dir, file), await readBytes(join(task.dir, file)))
    return writer
  }

  /** Whether a split of that name is recorded, whatever it was made from. */
  isRecorded(split: string): boolean {
    return this.record.splits[split] !== undefined
  }

  /** Whether the split is there, whole, and was made from what `key` stands for. */
  async isFinished(split: string, key: string): Promise<boolean> {
    const recorded = this.record.splits[split]
    if (recorded?.key !== key || !existsSync(join(this.dir, rowsFile(split)))) return false
    try {
      const { shape, dtype } = await readNpyHeader(join(this.dir, embeddingFile(split)))
      return (
        dtype === 'float32' && shape.length === 2 && shape[0] === recorded.rows && shape[1] === recorded.dim
      )
    } catch (error) {
      // A file that was cut off or removed since is simply made again.
      if (error instanceof HearError) return false
      throw error
    }
  }

  /** Begins a split whose embeddings have `dim` dimensions. A record of it is removed: it is to be replaced. */
  async beginSplit(split: string, dim: number): Promise<EmbeddingSplitWriter> {
    delete this.record.splits[split]
    await this.saveRecord()
    const matrix = await NpyRowWriter.create(join(this.dir, embeddingFile(split)), dim)
    return new EmbeddingSplitWriter(this, split, matrix)
  }

  /** Puts a split's sealed files in place and records it; called by the split's own writer. */
  async publishSplit(
    split: string,
    matrix: NpyRowWriter,
    rows: AtomicFile,
    facts: { key: string; seconds: number | null },
  ): Promise<void> {
    await rows.publish()
    await matrix.publish()
    this.record.splits[split] = { key: facts.key, rows: matrix.rows, dim: matrix.dim, seconds: facts.seconds }
    await this.saveRecord()
  }

  private saveRecord(): Promise<void> {
    return writeFileAtomic(join(this.dir, EMBEDDING_JSON_FILE), `${JSON.stringify(this.record, null, 2)}\n`)
  }
}

/** Takes the clips of one split in packing order; `commit` or `abort` ends it. */
export class EmbeddingSplitWriter {
  private readonly rows: string[] = []

  constructor(
    private readonly folder: EmbeddingFolderWriter,
    private readonly split: string,
    private readonly matrix: NpyRowWriter,
  ) {}

  /**
   * Appends all rows of a clip.
   *
   * @param values row-major [n, dim]: n = 1 for a scene, one row per timestamp for events.
   * @param timestampsMs of every row; undefined for a scene.
   */
  async append(clip: string, values: Float32Array, timestampsMs?: ArrayLike<number>): Promise<void> {
    const name = JSON.stringify(clip)
    if (timestampsMs === undefined) this.rows.push(`[${name},null]`)
    else for (let i = 0; i < timestampsMs.length; i++) this.rows.push(`[${name},${timestampsMs[i]}]`)
    await this.matrix.append(values)
  }

  /** Puts the split in place. On failure nothing of it is left. */
  async commit(facts: { key: string; seconds: number | null }): Promise<void> {
    if (this.matrix.rows !== this.rows.length)
      throw new Error(`${this.matrix.rows} embeddings for ${this.rows.length} rows of ${this.split}`)
    const rowsPath = join(this.folder.dir, rowsFile(this.split))
    let rows: AtomicFile | undefined
    try {
      rows = await AtomicFile.create(rowsPath)
      await rows.write(Buffer.from(`[${this.rows.join(',\n')}]\n`))
      await rows.seal()
      await this.matrix.seal()
      await this.folder.publishSplit(this.split, this.matrix, rows, facts)
    } catch (error) {
      await rows?.abort()
      await this.abort()
      throw error
    }
  }

  /** Removes what was written. Never throws. */
  abort(): Promise<void> {
    return this.matrix.abort()
  }
}

/** What tells tasks apart, whatever their kind. */
const identitySchema = z.looseObject({
  task_name: z.string(),
  version: z.string(),
  mode: z.string().optional(),
})

async function refuseOtherTask(dir: string, task: EmbeddableTask): Promise<void> {
  const path = join(dir, TASK_METADATA_FILE)
  if (!existsSync(path)) return
  const there = await readJson(path, identitySchema)
  const { task_name, version, mode } = task.metadata
  if (there.task_name === task_name && there.version === version && there.mode === mode) return
  throw new HearError(
    'embedding/other-task',
    `"${dir}" holds embeddings of the task ${there.task_name} ${there.version}; expected ${task_name} ${version}, or an empty folder.`,
    { hint: 'Give another output folder; every task has its own.' },
  )
}
