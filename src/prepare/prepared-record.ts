import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../store/atomic.js'
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

/** One name of a path: a record from a stranger leads nowhere else. */
const plainName = z.string().regex(/^(?!\.\.?$)[^/\\\0]+$/)

const clipSchema = z.strictObject({
  split: plainName,
  fileName: plainName,
  /** By rate in Hz. */
  sha256: z.record(z.string().regex(/^\d+$/), hex),
  warnings: z.array(z.string()).optional(),
})

export type PreparedHeader = z.output<typeof headerSchema>

export interface PreparedClip {
  /** By rate in Hz: SHA-256 of the wav file, in hex. */
  readonly sha256: Readonly<Record<string, string>>
  /** What is odd about the recording that it was made of. */
  readonly warnings: readonly string[]
}

/** Clips keyed by `<split>/<file>`. */
export type PreparedClips = Map<string, PreparedClip>

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
    addClip(clips, clipKey(clip.data), { warnings: [], ...clip.data })
  }
  return { header: header.data, clips }
}

/** Adds a clip, or further rates of one. */
export function addClip(clips: PreparedClips, key: string, { sha256, warnings }: PreparedClip): void {
  const known = clips.get(key)
  clips.set(key, {
    sha256: { ...known?.sha256, ...sha256 },
    warnings: [...new Set([...(known?.warnings ?? []), ...warnings])],
  })
}

/** Writes a record anew; until it is whole an old one stays. */
export async function writePreparedRecord(dir: string, record: PreparedRecord): Promise<void> {
  const clips = [...record.clips].map(([key, clip]) => {
    const slash = key.indexOf('/')
    return clipLine({ split: key.slice(0, slash), fileName: key.slice(slash + 1), ...clip })
  })
  await writeFileAtomic(join(dir, RECORD_FILE), `${JSON.stringify(record.header)}\n${clips.join('')}`)
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

function clipLine({ split, fileName, sha256, warnings }: ConvertedClip): string {
  const clip = { split, fileName, sha256, ...(warnings.length > 0 && { warnings }) }
  return `${JSON.stringify(clip)}\n`
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
