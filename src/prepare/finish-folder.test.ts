import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { finishFolder, mendFolder, refuseLostClips } from './finish-folder.js'
import type { PreparedRecord } from './prepared-record.js'

let parent: string
let dir: string
let work: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'hear-finish-'))
  dir = join(parent, 'task')
  work = join(parent, '.task.preparing')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

async function write(folder: string, contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

async function read(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = files
    .sort()
    .map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')])
  return Object.fromEntries(await Promise.all(contents))
}

const texts = new Map([
  ['train.json', 'labels'],
  ['task_metadata.json', '{}'],
])
const record: PreparedRecord = {
  header: {
    format: 'hearkit-prepared-1',
    recipe: '0'.repeat(64),
    plan: '1'.repeat(64),
    resampler: 'hearkit',
    hearkit: '0.1.0',
    files: {},
    summary: { clips: { train: 2 }, foldSeed: null, warnings: [] },
  },
  clips: new Map(),
}

describe('a folder of finished clips', () => {
  it('becomes the task folder, in place of an old one', async () => {
    await write(dir, { 'task_metadata.json': 'old', '8000/train/gone.wav': 'x' })
    await write(work, { '16000/train/a.wav': 'a' })
    await finishFolder(work, dir, texts)
    expect(await read(dir)).toEqual({
      '16000/train/a.wav': 'a',
      'task_metadata.json': '{}',
      'train.json': 'labels',
    })
    expect(await readdir(parent)).toEqual(['task'])
  })

  it('mends a task folder: adds rates, replaces clips, and leaves all else', async () => {
    await write(dir, {
      'task_metadata.json': 'spoilt',
      '8000/train/a.wav': 'a',
      '8000/train/b.wav': 'spoilt',
      'notes.txt': 'mine',
    })
    await write(work, {
      '8000/train/b.wav': 'b',
      '8000/valid/c.wav': 'c',
      '16000/train/a.wav': 'a16',
      'prepared.jsonl': '',
    })
    await mendFolder(work, dir, texts, record)
    const { 'prepared.jsonl': written, ...rest } = await read(dir)
    expect(rest).toEqual({
      '16000/train/a.wav': 'a16',
      '8000/train/a.wav': 'a',
      '8000/train/b.wav': 'b',
      '8000/valid/c.wav': 'c',
      'notes.txt': 'mine',
      'task_metadata.json': '{}',
      'train.json': 'labels',
    })
    expect(JSON.parse(written)).toEqual(record.header)
    expect(existsSync(work)).toBe(false)
  })
})

describe('clips whose names the file system takes for the same', () => {
  const clips = new Map(
    ['train/A.wav', 'train/a.wav', 'test/b.wav'].map((key) => [key, { sha256: { 8000: 'x' }, warnings: [] }]),
  )

  it('are refused where one took the place of the other', async () => {
    await write(work, { '8000/train/A.wav': 'a', '8000/test/b.wav': 'b' })
    await expect(refuseLostClips(work, clips)).rejects.toMatchObject({
      code: 'prepare/names-collide',
      message: `2 clips were written to "${join(work, '8000/train')}", and it holds 1 files: the file system takes some of their names for the same.`,
    })
  })

  it('are fine where both are there', async () => {
    await write(work, { '8000/train/A.wav': 'A', '8000/train/a.wav': 'a', '8000/test/b.wav': 'b' })
    await refuseLostClips(work, clips)
    expect(Object.keys(await read(work)).length).toBe(3)
  })
})
