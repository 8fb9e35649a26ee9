import { HearError } from '../base/errors.js'
import type { ClipLabels } from './clip-labels.js'
import { parseJson, readText } from './json-file.js'

/** Which clip, and which moment of it, every row of a split's embeddings belongs to. */
export interface EmbeddingRows {
  /** Clips in the order of their rows. */
  readonly clips: readonly string[]
  /** Index into `clips` of every row. */
  readonly clipOfRow: Int32Array
  /** Clip i owns rows clipStarts[i] to clipStarts[i + 1] - 1; one longer than `clips`. */
  readonly clipStarts: Int32Array
  /** Milliseconds of every row of an event task; undefined for scenes. */
  readonly timestampsMs: Float64Array | undefined
}

/**
 * Reads `<split>.rows.json`, [[clip, timestamp in milliseconds or null], ...], and checks it against the labels
 * of the split: the same clips, the rows of each in one stretch, one row and no timestamp for a scene,
 * increasing timestamps for the frames of an event clip.
 *
 * @throws HearError naming the file, the row and the clip.
 */
export async function readEmbeddingRows(path: string, labels: ClipLabels): Promise<EmbeddingRows> {
  const raw = parseJson(await readText(path), path)
  if (!Array.isArray(raw)) throw wrong(path, 'expected a list of [clip, timestamp]')
  const isEvent = labels.kind === 'event'
  const clips: string[] = []
  const starts: number[] = []
  const seen = new Set<string>()
  const clipOfRow = new Int32Array(raw.length)
  const timestampsMs = isEvent ? new Float64Array(raw.length) : undefined
  for (let row = 0; row < raw.length; row++) {
    const entry = raw[row]
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string')
      throw wrong(path, `row ${row}: expected [clip, timestamp], found ${JSON.stringify(entry)}`)
    const [clip, timestamp] = entry
    const continues = clips.length > 0 && clips[clips.length - 1] === clip
    if (continues && !isEvent)
      throw wrong(path, `row ${row}: a second row of the clip "${clip}" of a scene task`)
    if (!continues) {
      if (seen.has(clip))
        throw wrong(path, `row ${row}: the rows of the clip "${clip}" are not in one stretch`)
      if (!labels.clips.has(clip))
        throw wrong(path, `row ${row}: the clip "${clip}" has no labels in the split's .json`)
      seen.add(clip)
      clips.push(clip)
      starts.push(row)
    }
    clipOfRow[row] = clips.length - 1
    if (timestampsMs === undefined) {
      if (timestamp !== null)
        throw wrong(
          path,
          `row ${row}: expected null, as scenes have no timestamps, found ${JSON.stringify(timestamp)}`,
        )
      continue
    }
    if (typeof timestamp !== 'number')
      throw wrong(
        path,
        `row ${row}: expected a timestamp in milliseconds, found ${JSON.stringify(timestamp)}`,
      )
    if (continues && timestamp <= timestampsMs[row - 1])
      throw wrong(
        path,
        `row ${row}: the timestamps of the clip "${clip}" do not increase: ${timestamp} ms after ${timestampsMs[row - 1]} ms`,
      )
    timestampsMs[row] = timestamp
  }
  for (const clip of labels.clips.keys())
    if (!seen.has(clip)) throw wrong(path, `the clip "${clip}" of the split's .json has no row`)
  starts.push(raw.length)
  return { clips, clipOfRow, clipStarts: Int32Array.from(starts), timestampsMs }
}

function wrong(path: string, what: string): HearError {
  return new HearError('embedding/rows', `"${path}" is not as expected: ${what}.`, {
    hint: 'Embed the task again; the files of a split belong together.',
  })
}
