import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { withFileErrors } from '../store/file-errors.js'
import type { ConvertedClip } from './convert/conversion.js'

/** Beside the task's own files: what was made, from what, and the hash of every file. */
export const RECORD_FILE = 'prepared.jsonl'

const hex = z.string().regex(/^[0-9a-f]{64}$/)

const headerSchema = z.strictObject({
  format: z.literal('hearkit-prepared-1'),
  /** Hash of the task's definition in its mode, and of all that decides the samples. */
  recipe: hex,
  /** Hash of the clips and labels that the recipe came to. */
  plan: hex,
  resampler: z.string(),
  hearkit: z.string(),
  /** SHA-256 of the label files and the metadata, by name. */
  files: z.record(z.string(), hex),
  summary: z.strictObject({
    /** Number of clips by split. */
    clips: z.record(z.string(), z.int()),
    foldSeed: z.string().nullable(),
    warnings: z.array(z.string()),
  }),
})

const clipSchema = z.strictObject({
  split: z.string(),
  fileName: z.string(),
  sha256: z.record(z.string().regex(/^\d+$/), hex),
})

export type PreparedHeader = z.output<typeof headerSchema>

/** Hashes by rate, of every clip, keyed by `<split>/<file>`. */
export type PreparedClips = Map<string, Record<string, string>>

export interface PreparedRecord {
  readonly header: PreparedHeader
  readonly clips: PreparedClips
}

export const clipKey = ({ split, fileName }: { split: string; fileName: string }): string =>
  `${split}/${fileName}`

/**
 * Reads the record in a folder. A last line that a crash cut short is left out, as if its clip had not been made.
 * @returns undefined where there is none, or none that this version can read: then nothing is known of the folder
 */
export async function readPreparedRecord(dir: string): Promise<PreparedRecord | undefined> {
  const lines = (await readFile(join(dir, RECORD_FILE), 'utf8').catch(() => '')).split('\n')
  const header = headerSchema.safeParse(jsonOf(lines[0]))
  if (!header.success) return undefined
  const clips: PreparedClips = new Map()
  for (const line of lines.slice(1)) {
    const clip = clipSchema.safeParse(jsonOf(line))
    if (!clip.success) continue
    const key = clipKey(clip.data)
    clips.set(key, { ...clips.get(key), ...clip.data.sha256 })
  }
  return { header: header.data, clips }
}

/** Begins a record anew. */
export async function writePreparedRecord(dir: string, record: PreparedRecord): Promise<void> {
  const clips = [...record.clips].map(([key, sha256]) => {
    const slash = key.indexOf('/')
    return clipLine({ split: key.slice(0, slash), fileName: key.slice(slash + 1), sha256 })
  })
  const path = join(dir, RECORD_FILE)
  await withFileErrors('write', path, () =>
    writeFile(path, `${JSON.stringify(record.header)}\n${clips.join('')}`),
  )
}

/** Adds clips that were made. */
export async function appendPreparedClips(dir: string, clips: readonly ConvertedClip[]): Promise<void> {
  const path = join(dir, RECORD_FILE)
  await withFileErrors('write', path, () => appendFile(path, clips.map(clipLine).join('')))
}

/** SHA-256 of a file in hex; undefined where it cannot be read. */
export async function fileHash(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch {
    return undefined
  }
  return hash.digest('hex')
}

function clipLine({ split, fileName, sha256 }: ConvertedClip): string {
  return `${JSON.stringify({ split, fileName, sha256 })}\n`
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
