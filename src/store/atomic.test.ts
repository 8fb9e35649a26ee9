import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HearError } from '../base/errors.js'
import { AtomicFile, commitFiles, createAtomicFolder, writeFileAtomic } from './atomic.js'
import { fileError } from './file-errors.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-atomic-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  it('writes text and bytes, makes the folders, replaces an old file and leaves nothing else', async () => {
    await writeFileAtomic(join(dir, 'a/b/text.txt'), 'é')
    await writeFileAtomic(join(dir, 'a/b/text.txt'), Uint8Array.of(1, 2, 3))
    expect([...(await readFile(join(dir, 'a/b/text.txt')))]).toEqual([1, 2, 3])
    expect(await readdir(join(dir, 'a/b'))).toEqual(['text.txt'])
  })

  it.runIf(process.platform === 'linux')('fails at once where the system takes no new folders', async () => {
    await expect(writeFileAtomic('/proc/hear/deep/x.json', '{}')).rejects.toThrow(
      'Cannot make the folder "/proc/hear/deep": there is no such file.',
    )
  })

  it('names the folder when a part of the path is a file', async () => {
    await writeFile(join(dir, 'plain'), '')
    const failure = await writeFileAtomic(join(dir, 'plain/x.json'), '{}').catch((error) => error)
    expect(failure).toBeInstanceOf(HearError)
    expect(failure.code).toBe('store/not-a-folder')
    expect(failure.message).toBe(
      `Cannot make the folder "${join(dir, 'plain')}": a part of the path is a file, not a folder.`,
    )
    expect(failure.hint).toBe('Choose another path, or move the file that is in the way.')
  })

  it('leaves no temporary file behind when the name is taken by a folder', async () => {
    await mkdir(join(dir, 'taken'))
    await expect(writeFileAtomic(join(dir, 'taken'), 'x')).rejects.toMatchObject({ code: 'store/not-a-file' })
    expect(await readdir(dir)).toEqual(['taken'])
  })
})

describe('AtomicFile', () => {
  it('removes the temporary file when a write fails, and says what to do about a full disk', async () => {
    const file = await AtomicFile.create(join(dir, 'big.npy'))
    const handle = (file as unknown as { handle: { write: unknown } }).handle
    handle.write = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
    const failure = await file.write(new Uint8Array(8)).catch((error) => error)
    expect(failure.code).toBe('store/disk-full')
    expect(failure.message).toBe(`Cannot write "${join(dir, 'big.npy')}": the disk is full.`)
    expect(failure.hint).toBe(
      'Free some space or choose a folder on another disk, then run the same command again.',
    )
    expect(await readdir(dir)).toEqual([])
  })

  it('shows nothing under its name before the commit, and nothing at all after an abort', async () => {
    const file = await AtomicFile.create(join(dir, 'x.bin'))
    await file.write(Uint8Array.of(1))
    expect((await readdir(dir)).filter((name) => !name.startsWith('.'))).toEqual([])
    await file.abort()
    await file.abort()
    expect(await readdir(dir)).toEqual([])
  })
})

describe('commitFiles', () => {
  it('keeps the old mark away while the files change, and puts it last', async () => {
    await commitFiles(dir, [
      ['a.json', '1'],
      ['mark.json', '1'],
    ])
    expect((await readdir(dir)).sort()).toEqual(['a.json', 'mark.json'])
    await rm(join(dir, 'a.json'))
    await mkdir(join(dir, 'a.json'))
    await expect(
      commitFiles(dir, [
        ['a.json', '2'],
        ['mark.json', '2'],
      ]),
    ).rejects.toMatchObject({ code: 'store/not-a-file' })
    expect(await readdir(dir)).toEqual(['a.json'])
  })
})

describe('createAtomicFolder', () => {
  it('appears in one rename', async () => {
    const folder = await createAtomicFolder(join(dir, 'deep/task'))
    await writeFile(join(folder.temporary, 'x'), 'x')
    await folder.commit()
    expect(await readdir(join(dir, 'deep'))).toEqual(['task'])
    expect(await readdir(join(dir, 'deep/task'))).toEqual(['x'])
  })

  it('is removed by an abort, and by a commit onto a folder that is not empty', async () => {
    const first = await createAtomicFolder(join(dir, 'task'))
    await first.abort()
    expect(await readdir(dir)).toEqual([])
    await mkdir(join(dir, 'task/old'), { recursive: true })
    const second = await createAtomicFolder(join(dir, 'task'))
    await expect(second.commit()).rejects.toThrow(
      `Cannot make the folder "${join(dir, 'task')}": there is a folder of that name, and it is not empty.`,
    )
    expect(await readdir(dir)).toEqual(['task'])
  })
})

describe('fileError', () => {
  const wordings = ['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EIO'].map((code) => {
    const error = fileError(Object.assign(new Error(`${code}: raw text`), { code }), 'write', '/out/x')
    return error instanceof HearError ? `${error.code} | ${error.message} | ${error.hint}` : 'no HearError'
  })

  it('words the failures of the operating system for the user', () => {
    expect(wordings).toMatchInlineSnapshot(`
      [
        "store/permission-denied | Cannot write "/out/x": permission was denied. | Change the permissions of the folder, or choose a folder that you own.",
        "store/read-only | Cannot write "/out/x": the file system is read-only. | Choose a folder on a file system that can be written.",
        "store/disk-full | Cannot write "/out/x": the disk is full. | Free some space or choose a folder on another disk, then run the same command again.",
        "store/disk-full | Cannot write "/out/x": your disk quota is used up. | Free some space or choose a folder on another disk, then run the same command again.",
        "store/not-a-folder | Cannot write "/out/x": a part of the path is a file, not a folder. | Choose another path, or move the file that is in the way.",
        "store/file-failed | Cannot write "/out/x": EIO: raw text. | Check that the disk is healthy and mounted.",
      ]
    `)
  })

  it('leaves bugs and errors that already speak to the user alone', () => {
    const bug = new TypeError('x is undefined')
    const known = new HearError('a/b', 'known')
    expect(fileError(bug, 'read', 'f')).toBe(bug)
    expect(fileError(known, 'read', 'f')).toBe(known)
  })
})
