import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SplitLabels } from './label-files.js'
import { pythonFloat } from './python-json.js'
import {
  replaceTaskFolder,
  type TaskFolderOptions,
  TaskFolderWriter,
  type TaskMetadata,
  taskFolderName,
} from './write-task-folder.js'

const metadata: TaskMetadata = {
  task_name: 'tiny',
  version: 'v1',
  sample_duration: pythonFloat(1),
  mode: 'small',
  splits: ['train', 'test'],
}
const labels = {
  vocabulary: ['a', 'b'],
  splits: new Map<string, SplitLabels>([
    ['train', new Map([['1.wav', ['a']]])],
    ['test', new Map([['2.wav', ['b']]])],
  ]),
}
const bytes = (text: string) => new TextEncoder().encode(text)

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hearkit-task-folder-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function writeTiny(rate: number, changes: Partial<TaskMetadata> = {}, options?: TaskFolderOptions) {
  const writer = await TaskFolderWriter.create(dir, { ...metadata, ...changes } as TaskMetadata, options)
  await writer.addClip(rate, 'train', '1.wav', bytes(`one at ${rate}`))
  await writer.addClip(rate, 'test', '2.wav', bytes(`two at ${rate}`))
  return writer.finish(labels)
}

const filesBelow = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort()

describe('a task folder', () => {
  it("has hear-preprocess's layout and texts", async () => {
    const path = await writeTiny(16000)
    expect(path).toBe(join(dir, 'tiny-v1-small'))
    expect(filesBelow(path)).toEqual([
      '16000/test/2.wav',
      '16000/train/1.wav',
      'labelvocabulary.csv',
      'task_metadata.json',
      'test.json',
      'train.json',
    ])
    expect(readFileSync(join(path, '16000/train/1.wav'), 'utf8')).toBe('one at 16000')
    expect(readFileSync(join(path, 'labelvocabulary.csv'), 'utf8')).toBe('idx,label\n0,a\n1,b\n')
    expect(readFileSync(join(path, 'test.json'), 'utf8')).toBe('{\n "2.wav": [\n  "b"\n ]\n}')
    expect(readFileSync(join(path, 'task_metadata.json'), 'utf8')).toMatchInlineSnapshot(`
      "{
       "task_name": "tiny",
       "version": "v1",
       "sample_duration": 1.0,
       "mode": "small",
       "splits": [
        "train",
        "test"
       ]
      }"
    `)
  })

  it('is not there under its name before it is whole', async () => {
    const writer = await TaskFolderWriter.create(dir, metadata)
    await writer.addClip(16000, 'train', '1.wav', bytes('one'))
    expect(readdirSync(dir).filter((name) => !name.startsWith('.'))).toEqual([])
    await writer.abort()
    expect(readdirSync(dir)).toEqual([])
  })

  it('has the permissions that any new folder has', async () => {
    mkdirSync(join(dir, 'plain'))
    expect(statSync(await writeTiny(16000)).mode).toBe(statSync(join(dir, 'plain')).mode)
  })

  it('takes the place of an empty folder', async () => {
    mkdirSync(join(dir, taskFolderName(metadata)))
    expect(filesBelow(await writeTiny(16000))).toContain('task_metadata.json')
  })
})

describe('writing a task folder again', () => {
  it('replaces it and keeps the sample rates that only the old one had', async () => {
    const path = await writeTiny(16000)
    await writeTiny(44100)
    writeFileSync(join(path, '44100/test/2.wav'), 'changed since')
    await writeTiny(44100)
    expect(filesBelow(path).filter((name) => name.endsWith('.wav'))).toEqual([
      '16000/test/2.wav',
      '16000/train/1.wav',
      '44100/test/2.wav',
      '44100/train/1.wav',
    ])
    expect(readFileSync(join(path, '44100/test/2.wav'), 'utf8')).toBe('two at 44100')
    expect(readdirSync(dir)).toEqual(['tiny-v1-small'])
  })

  it('drops the old sample rates when the labels are others', async () => {
    const path = await writeTiny(16000)
    writeFileSync(join(path, 'train.json'), '{}')
    await writeTiny(44100)
    expect(filesBelow(path).filter((name) => name.endsWith('.wav'))).toEqual([
      '44100/test/2.wav',
      '44100/train/1.wav',
    ])
  })

  it('refuses other metadata before anything is written, unless told to overwrite', async () => {
    const path = await writeTiny(16000)
    const before = readFileSync(join(path, 'task_metadata.json'), 'utf8')
    await expect(writeTiny(16000, { seed: 2 })).rejects.toMatchObject({
      code: 'store/task-folder-differs',
      message: `"${path}" already holds a task folder whose task_metadata.json differs from the one to be written.`,
      hint: 'Choose another folder, or ask for it to be overwritten.',
    })
    expect(readFileSync(join(path, 'task_metadata.json'), 'utf8')).toBe(before)
    expect(readdirSync(dir)).toEqual(['tiny-v1-small'])

    await writeTiny(16000, { seed: 2 }, { overwrite: true })
    expect(readFileSync(join(path, 'task_metadata.json'), 'utf8')).toContain('"seed": 2')
  })

  it('never replaces a folder that is no task folder, whatever it is told', async () => {
    const path = join(dir, taskFolderName(metadata))
    mkdirSync(path)
    writeFileSync(join(path, 'thesis.tex'), 'years of work')
    await expect(writeTiny(16000, {}, { overwrite: true })).rejects.toMatchObject({
      code: 'store/not-a-task-folder',
    })
    expect(readFileSync(join(path, 'thesis.tex'), 'utf8')).toBe('years of work')
  })
})

describe('a task folder that cannot be finished leaves nothing behind', () => {
  const failing: { title: string; spoil: (writer: TaskFolderWriter) => Promise<unknown>; message: string }[] =
    [
      {
        title: 'a clip without labels',
        spoil: async (writer) => {
          await writer.addClip(16000, 'train', 'extra.wav', bytes('x'))
          await writer.finish(labels)
        },
        message: '"extra.wav" has audio in 16000/train but no labels',
      },
      {
        title: 'labels without a clip at one of the rates',
        spoil: async (writer) => {
          await writer.addClip(44100, 'train', '1.wav', bytes('x'))
          await writer.finish(labels)
        },
        message: '"2.wav" has labels in test but no audio at 44100 Hz',
      },
      {
        title: 'a label outside the vocabulary',
        spoil: (writer) => writer.finish({ ...labels, vocabulary: ['a'] }),
        message: 'the label "b" of "2.wav" is not in the vocabulary',
      },
      {
        title: 'labels of too few splits',
        spoil: (writer) => writer.finish({ ...labels, splits: new Map([...labels.splits].slice(0, 1)) }),
        message: 'expected labels of the splits train, test, found train',
      },
      {
        title: 'a split that the metadata does not name',
        spoil: (writer) => writer.addClip(16000, 'valid', '3.wav', bytes('x')),
        message: 'the split "valid" of "3.wav" is not in metadata.splits',
      },
      {
        title: 'a file name that leads out of the folder',
        spoil: (writer) => writer.addClip(16000, 'train', '../3.wav', bytes('x')),
        message: '"../3.wav" is not a plain file name ending in .wav',
      },
      {
        title: 'a clip that comes twice',
        spoil: (writer) => writer.addClip(16000, 'train', '1.wav', bytes('x')),
        message: '"1.wav" comes twice in 16000/train',
      },
    ]

  it.each(failing)('because of $title', async ({ spoil, message }) => {
    const writer = await TaskFolderWriter.create(dir, metadata)
    await writer.addClip(16000, 'train', '1.wav', bytes('one'))
    await writer.addClip(16000, 'test', '2.wav', bytes('two'))
    await expect(spoil(writer)).rejects.toMatchObject({
      code: 'store/task-folder-inconsistent',
      message: `In the task folder "${join(dir, 'tiny-v1-small')}", ${message}.`,
    })
    expect(readdirSync(dir)).toEqual([])
  })

  it('because of an abort between two clips', async () => {
    const abort = new AbortController()
    const writer = await TaskFolderWriter.create(dir, metadata, { signal: abort.signal })
    await writer.addClip(16000, 'train', '1.wav', bytes('one'))
    abort.abort(new Error('stopped by the user'))
    await expect(writer.addClip(16000, 'test', '2.wav', bytes('two'))).rejects.toThrow('stopped by the user')
    expect(readdirSync(dir)).toEqual([])
  })

  it('because a file is where the parent folder should be', async () => {
    writeFileSync(join(dir, 'file'), '')
    const parent = join(dir, 'file')
    await expect(TaskFolderWriter.create(parent, metadata)).rejects.toMatchObject({
      code: 'store/not-a-folder',
    })
    expect(existsSync(parent)).toBe(true)
  })
})

describe('a task folder that takes the place of another', () => {
  const write = (name: string, content: string) => {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'task_metadata.json'), content)
  }
  const metadataOf = (name: string) => readFileSync(join(dir, name, 'task_metadata.json'), 'utf8')

  it.each([
    ['before the new one came', []],
    ['after the new one came', ['task']],
  ])('removes the one that a crash left aside %s', async (_, there) => {
    for (const name of there) write(name, 'old')
    write('.new-old', 'older')
    write('.new', 'new')
    await replaceTaskFolder(join(dir, '.new'), join(dir, 'task'))
    expect(metadataOf('task')).toBe('new')
    expect(readdirSync(dir)).toEqual(['task'])
  })
})
