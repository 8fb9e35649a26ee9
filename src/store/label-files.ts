import { HearError } from '../base/errors.js'
import { type PythonJson, pythonFloat, pythonJsonText } from './python-json.js'

/** A label as the metadata holds it: digits that are numbers there (pitches) are numbers here. */
export type Label = string | number

/** An event within its clip, in milliseconds from the start of the clip. */
export interface LabelledEvent {
  readonly label: Label
  readonly startMs: number
  readonly endMs: number
}

/** Labels of every clip of a split, by file name: of the whole clip (scene), or of its events. */
export type SplitLabels =
  | ReadonlyMap<string, readonly Label[]>
  | ReadonlyMap<string, readonly LabelledEvent[]>

/**
 * Orders texts by code point, as Python does; JavaScript's own order is by UTF-16 unit, which puts astral
 * characters before U+E000 and up.
 * @returns negative, zero or positive, for Array.sort
 */
export function compareCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i].codePointAt(0)! - right[i].codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/**
 * The distinct labels in vocabulary order: numbers by value (chroma accuracy takes the class index modulo 12,
 * so "100" before "21" would break it), texts by code point. No labels give an empty vocabulary.
 * @throws HearError when numbers and texts are mixed
 */
export function sortedVocabulary(labels: Iterable<Label>): Label[] {
  const distinct = [...new Set(labels)]
  const numbers = distinct.filter((label) => typeof label === 'number')
  const texts = distinct.filter((label) => typeof label === 'string')
  if (numbers.length > 0 && texts.length > 0)
    throw new HearError(
      'store/mixed-labels',
      `Labels of one task must all be numbers or all be texts; found ${numbers[0]} and "${texts[0]}".`,
      { hint: 'Turn the numbers into texts where the labels are made.' },
    )
  return [...numbers.sort((a, b) => a - b), ...texts.sort(compareCodePoints)]
}

/** The text of `labelvocabulary.csv`: columns idx and label, quoted only where CSV needs it, as pandas writes it. */
export function vocabularyCsvText(vocabulary: readonly Label[]): string {
  const rows = vocabulary.map((label, index) => `${index},${csvField(String(label))}\n`)
  return `idx,label\n${rows.join('')}`
}

/**
 * The text of `<split>.json`: scene clips hold a list of labels, event clips a list of label, start and end in
 * milliseconds, which are floats of Python even where they are whole. Files keep the order of the Map.
 */
export function splitJsonText(labels: SplitLabels): string {
  const files = new Map<string, PythonJson>()
  for (const [fileName, ofClip] of labels)
    files.set(
      fileName,
      ofClip.map((item: Label | LabelledEvent) =>
        typeof item === 'object'
          ? { label: item.label, start: pythonFloat(item.startMs), end: pythonFloat(item.endMs) }
          : item,
      ),
    )
  return pythonJsonText(files)
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
