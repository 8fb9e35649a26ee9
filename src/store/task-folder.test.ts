import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findTaskFolders } from './find-task-folders.js'
import { readClipBytes, readTaskFolder } from './task-folder.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const fixtures = process.env.HEAR_TEST_FIXTURES || undefined
// Of the prepared folders the project keeps single files only; whole ones are among the fixtures.
const recorded = [
  join(golden, 'probe'),
  ...(fixtures === undefined ? [] : [join(fixtures, 'prepare'), join(fixtures, 'probe')]),
]
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name) })))
  .filter(({ dir }) => existsSync(join(dir, 'task_metadata.json')))

describe('recorded task folders', () => {
  it('are there to be read', () => {
    expect(recorded.map(({ name }) => name)).toContain('esc10__logmelstat')
  })

  it.each(recorded)('$name reads whole, in the order of its files', async ({ dir, name }) => {
    const task = await readTaskFolder(dir)
    expect(task.name).toBe(name)
    expect([...task.splits.keys()]).toEqual(task.metadata.splits)
    for (const [split, labels] of task.splits) {
      const raw = JSON.parse(await readFile(join(dir, `${split}.json`), 'utf8')) as Record<string, unknown[]>
      expect(labels.kind).toBe(task.metadata.embedding_type)
      expect([...labels.clips.keys()]).toEqual(Object.keys(raw))
      const asText = Object.values(raw).map((items) =>
        items.map((item) =>
          typeof item === 'object' && item !== null
            ? { ...item, label: String((item as { label: unknown }).label) }
            : String(item),
        ),
      )
      expect([...labels.clips.values()]).toEqual(asText)
    }
  })
})

const data = process.env.HEAR_TEST_DATA || undefined
const archive = join(data ?? '', 'data/tasks/hear_small/hear-2021.0.6-spoken_digit-1.0.9-small-44100.tar.gz')

describe("HEAR's own archive", () => {
  it.skipIf(data === undefined)('reads as extracted (skipped without HEAR_TEST_DATA)', async () => {
    const extracted = await mkdtemp(join(tmpdir(), 'hear-archive-'))
    try {
      execFileSync('tar', ['xzf', archive, '-C', extracted])
      const [folder, ...others] = await findTaskFolders(extracted, 'spoken_digit')
      expect(others).toEqual([])
      const task = await readTaskFolder(folder)
      expect(task.name).toBe('spoken_digit-1.0.9-small')
      expect(task.sampleRates).toEqual([44100])
      expect(task.vocabulary).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
      const clips = [...task.splits].flatMap(([split, { clips }]) =>
        [...clips.keys()].map((clip) => [split, clip]),
      )
      expect(clips.length).toBe(100)
      for (const [split, clip] of clips)
        expect((await readClipBytes(task, 44100, split, clip)).length).toBe(44 + 2 * 44100 + 34)
    } finally {
      await rm(extracted, { recursive: true, force: true })
    }
  })
})

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-task-'))
  await writeFile(join(dir, 'task_metadata.json'), JSON.stringify(metadata))
  await writeFile(join(dir, 'labelvocabulary.csv'), 'label,idx\ncat,1\n"dog, big",0\n7,2\n')
  for (const split of ['train', 'valid', 'test']) await put(split, { 'a.wav': ['cat'] })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const metadata = {
  task_name: 'pets',
  version: 'v1',
  embedding_type: 'scene',
  prediction_type: 'multilabel',
  split_mode: 'trainvaltest',
  sample_duration: 1.0,
  evaluation: ['mAP'],
  splits: ['train', 'valid', 'test'],
  download_urls: [{ url: 'kept as it is' }],
}

const put = (split: string, labels: unknown) =>
  writeFile(join(dir, `${split}.json`), typeof labels === 'string' ? labels : JSON.stringify(labels))
const describeTask = (change: object) =>
  writeFile(join(dir, 'task_metadata.json'), JSON.stringify({ ...metadata, ...change }))
const sentence = async () => {
  const failure = await readTaskFolder(dir).catch((error) => error)
  if (failure?.name !== 'HearError') throw new Error('expected a HearError', { cause: failure })
  return `${failure.code}: ${failure.message.replaceAll(dir, 'TASK')} ${failure.hint}`
}

describe('readTaskFolder', () => {
  it('takes the vocabulary in either column order, numbers as texts, and keeps unknown metadata', async () => {
    await put('train', { 'b.wav': ['dog, big', 7], 'a.wav': [] })
    const task = await readTaskFolder(dir)
    expect(task.vocabulary).toEqual(['dog, big', 'cat', '7'])
    expect(task.splits.get('train')).toEqual({
      kind: 'scene',
      clips: new Map<string, string[]>([
        ['b.wav', ['dog, big', '7']],
        ['a.wav', []],
      ]),
    })
    expect(task.metadata.download_urls).toEqual([{ url: 'kept as it is' }])
  })

  it('finds labels that are floats or booleans under Python’s text of them', async () => {
    await writeFile(join(dir, 'labelvocabulary.csv'), 'idx,label\n0,cat\n1,1.0\n2,2.5\n3,True\n')
    await put('train', '{"a.wav": [1.0, 2.5, true]}')
    const labels = (await readTaskFolder(dir)).splits.get('train')
    expect(labels?.clips.get('a.wav')).toEqual(['1.0', '2.5', 'True'])
  })

  it('keeps the order of clips whose names look like numbers', async () => {
    await put('train', '{"b": ["cat"], "12": ["cat"], "3": ["cat"], "__proto__": ["cat"], "a\\"]{": ["cat"]}')
    const labels = (await readTaskFolder(dir)).splits.get('train')
    expect([...(labels?.clips.keys() ?? [])]).toEqual(['b', '12', '3', '__proto__', 'a"]{'])
  })

  it('lists the rates whose audio is there', async () => {
    for (const name of ['44100', '16000', '05', 'audio']) await mkdir(join(dir, name))
    await writeFile(join(dir, '48000'), 'a file')
    expect((await readTaskFolder(dir)).sampleRates).toEqual([16000, 44100])
  })

  it('reads events with their times', async () => {
    await describeTask({ embedding_type: 'event' })
    const events = [{ label: 7, start: 0.5, end: 12.25 }]
    for (const split of metadata.splits) await put(split, { 'a.wav': events, 'b.wav': [] })
    expect((await readTaskFolder(dir)).splits.get('test')).toEqual({
      kind: 'event',
      clips: new Map([
        ['a.wav', [{ label: '7', start: 0.5, end: 12.25 }]],
        ['b.wav', []],
      ]),
    })
  })

  it('says where the metadata is missing or wrong, all at once', async () => {
    await describeTask({
      version: 3,
      embedding_type: 'scenes',
      evaluation: [],
      sample_duration: undefined,
      splits: ['train', '../test'],
    })
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/json-content: "TASK/task_metadata.json" is not as expected. version: expected string, found 3; embedding_type: expected "scene" or "event", found "scenes"; sample_duration: expected number, found nothing; evaluation: expected array to have >=1 items, found []; splits[1]: expected a name of letters, digits, "_", "-" and ".", found "../test". Correct the file, or make it again with the program that wrote it."`,
    )
    await describeTask({ splits: ['train', 'test', 'dev'] })
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/json-content: "TASK/task_metadata.json" is not as expected. splits: expected train, valid and test (split_mode trainvaltest), found ["train","test","dev"]. Correct the file, or make it again with the program that wrote it."`,
    )
    await describeTask({ split_mode: 'new_split_kfold', splits: ['fold00', 'fold00'] })
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/json-content: "TASK/task_metadata.json" is not as expected. splits: expected every split once, found ["fold00","fold00"]; splits: expected at least three folds (split_mode new_split_kfold), found ["fold00","fold00"]. Correct the file, or make it again with the program that wrote it."`,
    )
  })

  it('names files that are missing or no JSON', async () => {
    await put('valid', '{"a.wav": [')
    expect(await sentence()).toMatch(/^store\/not-json: "TASK\/valid.json" is not valid JSON: /)
    await put('valid', '')
    expect(await sentence()).toMatch(/The file is empty: write or copy it again\.$/)
    await rm(join(dir, 'valid.json'))
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/file-missing: Cannot read "TASK/valid.json": there is no such file. Check the path for a misspelling."`,
    )
    await rm(join(dir, 'task_metadata.json'))
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/file-missing: Cannot read "TASK/task_metadata.json": there is no such file. Check the path for a misspelling."`,
    )
  })

  it('names the clip and the nearest label when a label is not in the vocabulary', async () => {
    await put('test', { 'a.wav': ['cat'], 'b.wav': ['cats'] })
    expect(await sentence()).toMatchInlineSnapshot(
      `"task/unknown-label: "TASK/test.json": clip "b.wav" has the label "cats", which is not in labelvocabulary.csv (3 labels: dog, big, cat, 7). Did you mean "cat"?"`,
    )
    await put('test', { 'b.wav': ['helicopter'] })
    expect(await sentence()).toMatchInlineSnapshot(
      `"task/unknown-label: "TASK/test.json": clip "b.wav" has the label "helicopter", which is not in labelvocabulary.csv (3 labels: dog, big, cat, 7). Add the label to labelvocabulary.csv, or correct it."`,
    )
  })

  it('refuses labels of another shape, naming the clip', async () => {
    const cases: [change: object, labels: unknown][] = [
      [{}, { 'a.wav': 'cat' }],
      [{}, { 'a.wav': [null] }],
      [{}, { 'a.wav': [{ label: 'cat', start: 0, end: 1 }] }],
      [{ prediction_type: 'multiclass' }, { 'a.wav': ['cat', '7'] }],
      [{ embedding_type: 'event' }, { 'a.wav': ['cat'] }],
      [{ embedding_type: 'event' }, { 'a.wav': [{ label: 'cat', start: '0', end: 1 }] }],
      [{ embedding_type: 'event' }, { 'a.wav': [{ label: 'cat', start: 2, end: 1 }] }],
      [{ embedding_type: 'event' }, { 'a.wav': [{ label: 'cat', start: 0, end: 1, gain: 2 }] }],
      [{}, ['a.wav']],
      [{}, { '../a.wav': ['cat'] }],
      [{}, '{"a.wav": ["cat"], "a.wav": ["7"]}'],
    ]
    const sentences: string[] = []
    for (const [change, labels] of cases) {
      await describeTask(change)
      await put('train', labels)
      sentences.push(await sentence())
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "task/labels: "TASK/train.json": clip "a.wav": expected a list of labels, found "cat". Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected a label, found null. Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected a label, found {"label":"cat","start":0,"end":1}. Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected one label (multiclass), found ["cat","7"]. Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected an event {label, start, end} with times in milliseconds, found "cat". Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected an event {label, start, end} with times in milliseconds, found {"label":"cat","start":"0","end":1}. Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected an event that ends after it starts, found {"label":"cat","start":2,"end":1}. Prepare the task again, or correct the entry.",
        "task/labels: "TASK/train.json": clip "a.wav": expected an event {label, start, end} with times in milliseconds, found {"label":"cat","start":0,"end":1,"gain":2}. Prepare the task again, or correct the entry.",
        "store/json-content: "TASK/train.json" is not as expected. The whole file: expected an object, found ["a.wav"]. Make it again with the program that wrote it.",
        "task/clip-name: "TASK/train.json" names the clip "../a.wav"; expected a file name without a path. Prepare the task again: the names of its clips must not contain slashes.",
        "store/json-duplicate-key: "TASK/train.json" names "a.wav" twice; expected every name once. Remove one of the two entries.",
      ]
    `)
  })

  it('refuses a vocabulary that is not one, naming the row', async () => {
    const sentences: string[] = []
    for (const text of [
      '',
      'idx,name\n0,cat\n',
      'idx,label\n',
      'idx,label\n0,cat\n0,dog\n',
      'idx,label\n0,cat\n1,cat\n',
      'idx,label\n0,cat\n2,dog\n',
      'idx,label\n0,cat,dog\n',
    ]) {
      await writeFile(join(dir, 'labelvocabulary.csv'), text)
      sentences.push(await sentence())
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: expected the columns idx and label, found an empty file. The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: expected the columns idx and label, found idx,name. The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: expected at least one label, found none. The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: row 2: index 0 has the label "cat" already, found "dog". The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: row 2: the label "cat" occurs twice. The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: row 2: expected an index from 0 to 1, found "2". The file lists the labels of the task as idx,label: idx from 0, one line per label.",
        "task/vocabulary: "TASK/labelvocabulary.csv" is not a label vocabulary: row 1: expected 2 fields, found 3. The file lists the labels of the task as idx,label: idx from 0, one line per label.",
      ]
    `)
  })
})
