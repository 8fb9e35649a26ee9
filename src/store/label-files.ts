import { HearError } from '../base/errors.js'
import { PythonFloat, type PythonJson, pythonFloat, pythonFloatText, pythonJsonText } from './python-json.js'

/**
 * A label as the metadata holds it: digits that are numbers there (pitches) are numbers here, `1.0` is a float of
 * Python, True and False are booleans.
 */
export type Label = string | number | boolean | PythonFloat

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
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length - b.length
  // Where second halves differ (or one is missing), the character begins a unit before, in both texts.
  const begun = i > 0 && isHighSurrogate(a, i - 1) && (isLowSurrogate(a, i) || isLowSurrogate(b, i))
  const start = begun ? i - 1 : i
  return a.codePointAt(start)! - b.codePointAt(start)!
}

function isHighSurrogate(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800
}

function isLowSurrogate(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xdc00
}

/** The texts by code point, in an array of their own; fast where none has a character beyond U+FFFF. */
export function sortedTexts(texts: Iterable<string>): string[] {
  const sorted = [...texts]
  // Without surrogates the order of UTF-16 units, JavaScript's own, is that of code points.
  return sorted.some((text) => /[\ud800-\udfff]/.test(text)) ? sorted.sort(compareCodePoints) : sorted.sort()
}

/** The text of a label in the vocabulary: Python's, so that booleans are `True` and `False`, and floats keep their point. */
export function labelText(label: Label): string {
  if (label instanceof PythonFloat) return pythonFloatText(label.value)
  if (typeof label === 'boolean') return label ? 'True' : 'False'
  return String(label)
}

/**
 * The distinct labels in vocabulary order: numbers by value (chroma accuracy takes the class index modulo 12,
 * so "100" before "21" would break it), texts by code point, False before True. No labels give an empty vocabulary.
 * @throws HearError when numbers and texts are mixed
 */
export function sortedVocabulary(labels: Iterable<Label>): Label[] {
  const distinct = [...new Map([...labels].map((label) => [labelText(label), label])).values()]
  const texts = distinct.filter((label) => typeof label === 'string')
  if (texts.length === distinct.length) return texts.sort(compareCodePoints)
  if (texts.length === 0) return distinct.sort((a, b) => labelValue(a) - labelValue(b))
  const number = distinct.find((label) => typeof label !== 'string')!
  throw new HearError(
    'store/mixed-labels',
    `Labels of one task must all be numbers or all be texts; found ${labelText(number)} and "${texts[0]}".`,
    { hint: 'Turn the numbers into texts where the labels are made.' },
  )
}

function labelValue(label: Label): number {
  return Number(label instanceof PythonFloat ? label.value : label)
}

/** The text of `labelvocabulary.csv`: columns idx and label, quoted only where CSV needs it, as pandas writes it. */
export function vocabularyCsvText(vocabulary: readonly Label[]): string {
  const rows = vocabulary.map((label, index) => `${index},${csvField(labelText(label))}\n`)
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
        isEvent(item)
          ? { label: item.label, start: pythonFloat(item.startMs), end: pythonFloat(item.endMs) }
          : item,
      ),
    )
  return pythonJsonText(files)
}

/** Whether an item of a clip is an event, and not a label of the whole clip. */
export function isEvent(item: Label | LabelledEvent): item is LabelledEvent {
  return typeof item === 'object' && !(item instanceof PythonFloat)
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
