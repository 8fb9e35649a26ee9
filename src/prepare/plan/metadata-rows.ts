import { HearError } from '../../base/errors.js'
import { fileStem } from '../../tasks/clip-paths.js'
import type { ClipRow } from '../../tasks/task.js'
import type { ModeMetadata } from './mode-metadata.js'

/** A row of hear-preprocess's `process_metadata.csv`: a clip and a label of it, or one event of a clip. */
export interface MetadataRow extends ClipRow {
  /** The name of the clip, without suffix. */
  readonly fileStem: string
  readonly splitKey: string
}

/**
 * The rows that a task gives with what they leave out: the file stem, and the split key, which is the file stem.
 *
 * @throws HearError `prepare/no-clips`; `prepare/file-stem` for stems that are no file names, or that two files (or
 *   pieces of one) share, or files with two stems; `prepare/row` for labels or times that are none
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `postprocess_all_metadata`. *Differs*: refuses stems
 * that are empty or hold a backslash or a NUL as well, for such a file could not be written everywhere; a file may
 * have several stems where each is a piece of it, as the pieces that hear-preprocess cuts are files.
 */
export function metadataRows(clips: readonly ClipRow[], config: ModeMetadata): MetadataRow[] {
  if (clips.length === 0)
    throw new HearError('prepare/no-clips', `${config.task_name}: no clip was found.`, {
      hint: 'Check that the archives, or the folder and table, are those of the task.',
    })
  const rows = clips.map((clip): MetadataRow => {
    const stem = clip.fileStem ?? fileStem(clip.path)
    return { ...clip, fileStem: stem, splitKey: clip.splitKey ?? stem }
  })
  checkStems(rows)
  checkValues(rows, config)
  return rows
}

function checkStems(rows: readonly MetadataRow[]): void {
  const rowOf = new Map<string, MetadataRow>()
  const stemOf = new Map<string, string>()
  for (const row of rows) {
    const stem = row.fileStem
    const named = rowOf.get(stem)
    if (named !== undefined) {
      if (piece(named) !== piece(row))
        throw stemError(`"${piece(named)}" and "${piece(row)}" would both be named "${stem}.wav"`)
      continue
    }
    if (!/^[^/\\\0]+$/.test(stem))
      throw stemError(`"${row.path}" would be named "${stem}.wav", which is no file name`)
    rowOf.set(stem, row)
    const other = stemOf.get(piece(row))
    if (other !== undefined) throw stemError(`"${piece(row)}" is named "${other}.wav" and "${stem}.wav"`)
    stemOf.set(piece(row), stem)
  }
}

/** What a clip is made of: a file, or a piece of one. */
function piece({ path, cut }: MetadataRow): string {
  return cut === undefined ? path : `${path}, ${cut.nSamples} samples from ${cut.startSample}`
}

function stemError(what: string): HearError {
  return new HearError('prepare/file-stem', `Every clip needs a name of its own, but ${what}.`, {
    hint: 'Let the task give a fileStem to each clip, such as the name of its folder and its own.',
  })
}

function checkValues(rows: readonly MetadataRow[], { embedding_type }: ModeMetadata): void {
  const kind = typeof rows[0].label
  for (const { path, label, startMs, endMs } of rows) {
    if (typeof label !== kind) {
      const first = `"${rows[0].path}" has ${quoted(rows[0].label)}`
      throw rowError(path, 'labels that are all texts or all numbers', `${quoted(label)}, and ${first}`)
    }
    if (typeof label === 'number' && !(Math.abs(label) <= Number.MAX_SAFE_INTEGER))
      throw rowError(path, 'a label that is a text or a number within 2^53', String(label))
    const times = `an event from ${startMs} to ${endMs}`
    if (embedding_type === 'event' && !(Number.isFinite(startMs) && Number.isFinite(endMs)))
      throw rowError(path, 'start and end in milliseconds', times)
    if (embedding_type === 'scene' && (startMs !== undefined || endMs !== undefined))
      throw rowError(path, 'a label of the whole clip (embedding_type scene)', times)
  }
}

function quoted(label: string | number): string {
  return typeof label === 'string' ? `"${label}"` : String(label)
}

function rowError(path: string, expected: string, found: string): HearError {
  return new HearError('prepare/row', `"${path}": expected ${expected}, found ${found}.`, {
    hint: 'Correct the table or the function that gives the clips of the task.',
  })
}
