import { HearError } from '../base/errors.js'
import { parseOrderedObject, readText } from './json-file.js'
import { VocabularyIndex } from './label-vocabulary.js'
import { pythonFloatText } from './python-json.js'
import type { TaskMetadata } from './task-metadata.js'

/** A labelled stretch of a clip, as `<split>.json` holds it; start and end in milliseconds. */
export interface ClipEvent {
  readonly label: string
  readonly start: number
  readonly end: number
}

/** The labels of every clip of a split, in the order of `<split>.json`. */
export type ClipLabels =
  | { readonly kind: 'scene'; readonly clips: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: 'event'; readonly clips: ReadonlyMap<string, readonly ClipEvent[]> }

/**
 * An event is active at its end too: HEAR adds this much to every end before it compares. An event that ends
 * this much before it starts, or more, cannot be read.
 * Source: heareval 2021.1.3, heareval/embeddings/task_embeddings.py, get_labels_for_timestamps.
 */
export const EVENT_END_SLACK_MS = 0.0001

/**
 * Reads `<split>.json` and checks it: every label is in the vocabulary, a multiclass scene has one label, every
 * event ends after it starts. Labels that are numbers (digits, pitches) become texts, as the vocabulary has them.
 *
 * @throws HearError naming the file, the clip and what was found.
 */
export async function readClipLabels(
  path: string,
  metadata: TaskMetadata,
  vocabulary: readonly string[],
): Promise<ClipLabels> {
  const index = new VocabularyIndex(vocabulary)
  const entries = parseOrderedObject(await readText(path), path)
  for (const [clip] of entries) checkClipName(clip, path)
  if (metadata.embedding_type === 'event')
    return {
      kind: 'event',
      clips: new Map(entries.map(([clip, raw]) => [clip, eventsOf(raw, clip, path, index)])),
    }
  const multiclass = metadata.prediction_type === 'multiclass'
  return {
    kind: 'scene',
    clips: new Map(entries.map(([clip, raw]) => [clip, labelsOf(raw, clip, path, index, multiclass)])),
  }
}

function labelsOf(
  raw: unknown,
  clip: string,
  path: string,
  index: VocabularyIndex,
  multiclass: boolean,
): string[] {
  if (!Array.isArray(raw)) throw malformed(path, clip, 'expected a list of labels', raw)
  if (multiclass && raw.length !== 1) throw malformed(path, clip, 'expected one label (multiclass)', raw)
  return raw.map((item) => labelOf(item, clip, path, index))
}

function eventsOf(raw: unknown, clip: string, path: string, index: VocabularyIndex): ClipEvent[] {
  if (!Array.isArray(raw)) throw malformed(path, clip, 'expected a list of events', raw)
  return raw.map((item) => {
    const { label, start, end, ...rest } = (typeof item === 'object' && item !== null ? item : {}) as Record<
      string,
      unknown
    >
    if (
      typeof start !== 'number' ||
      typeof end !== 'number' ||
      label === undefined ||
      Object.keys(rest).length > 0
    )
      throw malformed(path, clip, 'expected an event {label, start, end} with times in milliseconds', item)
    if (start >= end + EVENT_END_SLACK_MS)
      throw malformed(path, clip, 'expected an event that ends after it starts', item)
    return { label: labelOf(label, clip, path, index), start, end }
  })
}

function labelOf(raw: unknown, clip: string, path: string, index: VocabularyIndex): string {
  // pandas infers the type of a column: digits come as numbers and True as a boolean, and the vocabulary holds
  // Python's text of them.
  const label =
    typeof raw === 'boolean'
      ? raw
        ? 'True'
        : 'False'
      : typeof raw === 'number'
        ? numberLabel(raw, index)
        : raw
  if (typeof label !== 'string') throw malformed(path, clip, 'expected a label', raw)
  index.of(label, `"${path}": clip "${clip}"`)
  return label
}

/** `1.0` in the file is 1 once it is read, and may stand as `1` or as `1.0` in the vocabulary. */
function numberLabel(value: number, index: VocabularyIndex): string {
  const asFloat = pythonFloatText(value)
  return index.has(asFloat) ? asFloat : String(value)
}

/** A clip is a file name inside `<rate>/<split>/`; anything with a path in it would leave that folder. */
function checkClipName(clip: string, path: string): void {
  if (clip !== '' && clip !== '.' && clip !== '..' && !/[/\\\0]/.test(clip)) return
  throw new HearError(
    'task/clip-name',
    `"${path}" names the clip "${clip}"; expected a file name without a path.`,
    {
      hint: 'Prepare the task again: the names of its clips must not contain slashes.',
    },
  )
}

function malformed(path: string, clip: string, expected: string, found: unknown): HearError {
  const text = JSON.stringify(found)
  const shown = text.length > 120 ? `${text.slice(0, 117)}...` : text
  return new HearError('task/labels', `"${path}": clip "${clip}": ${expected}, found ${shown}.`, {
    hint: 'Prepare the task again, or correct the entry.',
  })
}
