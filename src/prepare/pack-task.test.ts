import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { extract, list, type ReadEntry } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeTinyTask } from '../../test/e2e/tiny-task.js'
import { packTask } from './pack-task.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-pack-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Every entry of an archive, folders with a slash at the end, in order. */
async function entriesOf(archive: string) {
  const entries: { path: string; mode?: number; uid?: number; mtime?: number; sha256: string }[] = []
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const hash = createHash('sha256')
      entry.on('data', (bytes) => hash.update(bytes))
      const { path, mode, uid, mtime } = entry
      entry.on('end', () =>
        entries.push({ path, mode, uid, mtime: mtime?.getTime(), sha256: hash.digest('hex') }),
      )
    },
  })
  return entries
}

describe('packTask', () => {
  it("writes one archive a rate, in the layout of HEAR's", async () => {
    const task = writeTinyTask(join(dir, 'tiny-1-small'), { clipsPerLabel: 1 })
    await rename(join(task, '44100'), join(task, '48000'))
    await mkdir(join(task, '16000'))
    for (const split of ['train', 'valid', 'test'])
      await mkdir(join(task, '16000', split)).then(async () => {
        for (const name of await readdir(join(task, '48000', split)))
          await writeFile(join(task, '16000', split, name), 'x')
      })
    const progress: string[] = []
    const archives = await packTask(task, join(dir, 'out'), {
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    })
    expect(archives.map((path) => basename(path))).toEqual([
      'hear-2021.1.1-tiny-1-small-16000.tar.gz',
      'hear-2021.1.1-tiny-1-small-48000.tar.gz',
    ])
    expect(progress).toHaveLength(18)
    expect(progress.at(-1)).toBe('18/18')
    const root = 'hear-2021.1.1/tasks/tiny-1-small'
    expect((await entriesOf(archives[1])).map(({ path }) => path)).toEqual([
      `${root}/labelvocabulary.csv`,
      `${root}/task_metadata.json`,
      `${root}/test.json`,
      `${root}/train.json`,
      `${root}/valid.json`,
      `${root}/48000/`,
      ...['test', 'train', 'valid'].flatMap((split) => [
        `${root}/48000/${split}/`,
        ...['high', 'low', 'noise'].map((label) => `${root}/48000/${split}/${split}_${label}_0.wav`),
      ]),
    ])
    expect(await readdir(join(dir, 'out'))).toHaveLength(2)
  })

  it('gives the same bytes whatever the dates of the files, and no owner of this machine', async () => {
    const task = writeTinyTask(join(dir, 'tiny-1-small'))
    await writeFile(join(task, 'prepared.jsonl'), '{}\n')
    const [first] = await packTask(task, join(dir, 'a'))
    await utimes(join(task, 'train.json'), 1, 1)
    const [second] = await packTask(task, join(dir, 'b'))
    expect((await readFile(first)).equals(await readFile(second))).toBe(true)
    for (const entry of await entriesOf(first))
      expect(entry).toMatchObject({
        uid: 0,
        mtime: 315_532_800_000,
        mode: entry.path.endsWith('/') ? 0o755 : 0o644,
      })
  })

  it('keeps long names and those that are not ASCII', async () => {
    const task = writeTinyTask(join(dir, 'tiny-1-small'))
    const names = [`${'very long '.repeat(24)}.wav`, 'żółw 🐢.wav', '@list.wav', '-rf.wav']
    await writeFile(
      join(task, 'valid.json'),
      JSON.stringify(Object.fromEntries(names.map((n) => [n, ['low']]))),
    )
    await rm(join(task, '44100/valid'), { recursive: true })
    await mkdir(join(task, '44100/valid'))
    for (const name of names) await writeFile(join(task, '44100/valid', name), name)
    const [archive] = await packTask(task, dir)
    await mkdir(join(dir, 'x'))
    await extract({ file: archive, cwd: join(dir, 'x'), strict: true })
    const there = join(dir, 'x/hear-2021.1.1/tasks/tiny-1-small/44100/valid')
    expect((await readdir(there)).sort()).toEqual([...names].sort())
    for (const name of names) expect(await readFile(join(there, name), 'utf8')).toBe(name)
  })

  it('refuses what would make a wrong archive, and writes nothing', async () => {
    const refusals: string[] = []
    const refuse = async (
      spoil: (task: string) => Promise<unknown>,
      name = 'tiny-1-small',
      rates?: number[],
    ) => {
      const task = writeTinyTask(join(dir, name))
      await spoil(task)
      const failure = await packTask(task, join(dir, 'out'), { sampleRates: rates }).catch((error) => error)
      refusals.push(`${failure.code}: ${failure.message.replaceAll(dir, '')}`)
      await rm(task, { recursive: true })
    }
    await refuse((task) => rm(join(task, '44100/test/test_low_2.wav')))
    await refuse((task) => writeFile(join(task, '44100/test/notes.txt'), ''))
    await refuse(async () => {}, 'copy')
    await refuse(async () => {}, 'tiny-1-small', [44100, 8000])
    await refuse((task) => rm(join(task, '44100'), { recursive: true }))
    expect(refusals).toMatchInlineSnapshot(`
      [
        "prepare/cannot-pack: Cannot pack "/tiny-1-small": clips have labels and no audio: 44100/test/test_low_2.wav.",
        "prepare/cannot-pack: Cannot pack "/tiny-1-small": files are there that no label file names: 44100/test/notes.txt.",
        "prepare/cannot-pack: Cannot pack "/copy": its task_metadata.json says that the folder is named "tiny-1-small", found "copy".",
        "prepare/cannot-pack: Cannot pack "/tiny-1-small": expected audio at 8000 Hz, found 44100.",
        "prepare/cannot-pack: Cannot pack "/tiny-1-small": it holds audio at no rate.",
      ]
    `)
    expect(existsSync(join(dir, 'out'))).toBe(false)
  })

  it('leaves nothing behind when it is stopped', async () => {
    const task = writeTinyTask(join(dir, 'tiny-1-small'))
    const abort = new AbortController()
    const packing = packTask(task, join(dir, 'out'), {
      signal: abort.signal,
      onProgress: (done) => done === 5 && abort.abort(new Error('stopped')),
    })
    await expect(packing).rejects.toThrow('stopped')
    expect(readdirSync(join(dir, 'out'))).toEqual([])
  })
})

const data = process.env.HEAR_TEST_DATA || undefined

describe("HEAR's own archives", () => {
  const folder = join(data ?? '', 'data/tasks/hear_small')
  const published =
    data === undefined ? [] : readdirSync(folder).filter((name) => /^hear-.*\.tar\.gz$/.test(name))

  it.skipIf(data === undefined)('are there (skipped without HEAR_TEST_DATA)', () => {
    expect(published.length).toBeGreaterThan(0)
  })

  it.each(published)('%s is packed again with the same entries', async (name) => {
    await extract({ file: join(folder, name), cwd: dir, strict: true })
    const [, version, rate] = /^hear-([\d.]+)-.*-(\d+)\.tar\.gz$/.exec(name)!
    const [task] = readdirSync(join(dir, `hear-${version}/tasks`))
    const from = join(dir, `hear-${version}/tasks`, task)
    const [archive] = await packTask(from, dir, { version, sampleRates: [Number(rate)] })
    expect(basename(archive)).toBe(name)
    const comparable = async (file: string) =>
      (await entriesOf(file)).map(({ path, sha256 }) => `${path} ${sha256}`).sort()
    expect(await comparable(archive)).toEqual(await comparable(join(folder, name)))
  })
})
