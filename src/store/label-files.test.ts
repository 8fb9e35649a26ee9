import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareCodePoints,
  type Label,
  type LabelledEvent,
  type SplitLabels,
  sortedTexts,
  sortedVocabulary,
  splitJsonText,
  vocabularyCsvText,
} from './label-files.js'
import { pythonFloat } from './python-json.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const taskFolders = [golden, process.env.HEAR_TEST_FIXTURES]
  .filter((root) => root !== undefined && root !== '')
  .flatMap((root) => [join(root!, 'prepare'), join(root!, 'prepare/full')])
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, path: join(root, name) })))
  .filter(({ path }) => existsSync(join(path, 'labelvocabulary.csv')))

function readSplits(folder: string): { text: string; labels: SplitLabels }[] {
  return readdirSync(folder)
    .filter((name) => /^(train|valid|test|fold\d\d)\.json(\.gz)?$/.test(name))
    .map((name) => {
      const bytes = readFileSync(join(folder, name))
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
      return { text, labels: labelsOf(text) }
    })
}

function labelsOf(text: string): SplitLabels {
  const clips: [string, (Label | { label: Label; start: number; end: number })[]][] = Object.entries(
    JSON.parse(text),
  )
  return new Map(
    clips.map(([fileName, items]) => [
      fileName,
      items.map((item) =>
        typeof item === 'object' && 'start' in item
          ? { label: item.label, startMs: item.start, endMs: item.end }
          : item,
      ),
    ]),
  ) as SplitLabels
}

/** Vocabulary texts hold no quotes in the recorded folders, so that a line splits at its first comma. */
function recordedVocabulary(csv: string, numeric: boolean): Label[] {
  const texts = csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.slice(line.indexOf(',') + 1))
  return numeric ? texts.map(Number) : texts
}

describe('the label files of a task folder', () => {
  it('has recorded folders to agree with', () => {
    expect(taskFolders.length).toBeGreaterThan(3)
    expect(taskFolders.flatMap(({ path }) => readSplits(path)).length).toBeGreaterThan(3)
  })

  it.each(taskFolders)('are byte for byte those of $name', ({ path }) => {
    const splits = readSplits(path)
    for (const { text, labels } of splits) expect(splitJsonText(labels)).toBe(text)

    const first = [...(splits[0]?.labels.values() ?? [])].flat()[0]
    const label = typeof first === 'object' ? (first as LabelledEvent).label : first
    const csv = readFileSync(join(path, 'labelvocabulary.csv'), 'utf8')
    const vocabulary = recordedVocabulary(csv, typeof label === 'number')
    expect(vocabularyCsvText(sortedVocabulary([...vocabulary].reverse()))).toBe(csv)
  })
})

describe('the label vocabulary', () => {
  it('sorts numbers by value and drops repetitions', () => {
    expect(sortedVocabulary([108, 21, 100, 21])).toEqual([21, 100, 108])
  })

  it('sorts texts by code point, capitals and underscores as Python does, astral characters last', () => {
    // sorted(['b', 'a', 'Z', '_silence_', '\uffee', '😀', '10', '2']) in Python 3.11
    expect(sortedVocabulary(['b', 'a', 'Z', '_silence_', '\uffee', '😀', '10', '2'])).toEqual([
      '10',
      '2',
      'Z',
      '_silence_',
      'a',
      'b',
      '\uffee',
      '😀',
    ])
    expect(compareCodePoints('ab', 'a')).toBeGreaterThan(0)
    expect(compareCodePoints('a', 'a')).toBe(0)
  })

  it('orders any two texts as their lists of code points, halves of surrogate pairs included', () => {
    const listOrder = (a: string, b: string): number => {
      const [left, right] = [a, b].map((text) => [...text].map((character) => character.codePointAt(0)!))
      const at = left.findIndex((point, i) => point !== right[i])
      return at === -1 ? left.length - right.length : left[at] - (right[at] ?? -1)
    }
    const unit = fc.constantFrom('a', 'b', '\ud83d', '\ud83e', '\ude00', '\ude01', '\ue000', '\uffff')
    const text = fc.array(unit, { maxLength: 4 }).map((units) => units.join(''))
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(listOrder(a, b)))
      }),
      { seed: 1, numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        expect(sortedTexts(texts)).toEqual([...texts].sort(listOrder))
      }),
      { seed: 1 },
    )
  })

  it('holds floats with their point and booleans as Python writes them', () => {
    expect(vocabularyCsvText(sortedVocabulary([pythonFloat(10), pythonFloat(2.5), pythonFloat(10)]))).toBe(
      'idx,label\n0,2.5\n1,10.0\n',
    )
    expect(vocabularyCsvText(sortedVocabulary([true, false]))).toBe('idx,label\n0,False\n1,True\n')
    expect(splitJsonText(new Map([['a.wav', [pythonFloat(10)]]]))).toBe('{\n "a.wav": [\n  10.0\n ]\n}')
  })

  it('refuses numbers beside texts', () => {
    expect(() => sortedVocabulary([21, 'A0'])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Labels of one task must all be numbers or all be texts; found 21 and "A0".]`,
    )
  })

  it('quotes a label only where CSV needs it', () => {
    expect(vocabularyCsvText(['a b', 'door, slam', 'say "hi"'])).toBe(
      'idx,label\n0,a b\n1,"door, slam"\n2,"say ""hi"""\n',
    )
  })
})

describe('an event', () => {
  it('has its times written as floats of Python', () => {
    const events = new Map([['a.wav', [{ label: 'knock', startMs: 100, endMs: 250.5 }]]])
    expect(splitJsonText(events)).toBe(
      '{\n "a.wav": [\n  {\n   "label": "knock",\n   "start": 100.0,\n   "end": 250.5\n  }\n ]\n}',
    )
  })
})
