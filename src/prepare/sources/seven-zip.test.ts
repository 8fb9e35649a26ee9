import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SevenZipModuleFactory } from '7z-wasm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentOf, leaveEarly } from '../../../test/collect-archive.js'
import { rar4, rar5 } from '../../../test/rar-file.js'
import { SOURCE_LIMITS } from './limits.js'

// 7-Zip runs in a worker thread, which must be JavaScript: these tests run on the built package.
const built = new URL('../../../dist/prepare/sources/open-archive.js', import.meta.url).href
const { openArchive } = (await import(built)) as typeof import('./open-archive.js')

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-7z-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const noise = Buffer.alloc(400_000)
for (let i = 0, state = 1; i < noise.byteLength; i++) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  noise[i] = state >>> 24
}
const contents: Readonly<Record<string, Buffer>> = {
  'corpus/table.csv': Buffer.from('file,label\n'),
  'corpus/audio/-rf --help [1]*?.wav': noise.subarray(0, 1000),
  'corpus/audio/a.wav': noise,
  'corpus/audio/Ä é 音声.wav': noise.subarray(5000, 90_000),
  'corpus/empty.txt': Buffer.alloc(0),
}

/** Packs files by 7-Zip itself. */
async function sevenZipOf(files: Readonly<Record<string, Buffer>>, ...options: string[]): Promise<Buffer> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, 'root', name)), { recursive: true })
    await writeFile(join(dir, 'root', name), content)
  }
  return packed(...options)
}

async function packed(...options: string[]): Promise<Buffer> {
  const start: SevenZipModuleFactory = createRequire(import.meta.url)('7z-wasm')
  const sevenZip = await start({ stdout: () => {}, stderr: () => {} })
  sevenZip.FS.mkdir('/here')
  sevenZip.FS.mount(sevenZip.NODEFS, { root: dir }, '/here')
  sevenZip.FS.chdir('/here/root')
  sevenZip.callMain(['a', ...options, '../made.7z', '.'])
  return readFile(join(dir, 'made.7z'))
}

async function opened(bytes: Uint8Array, fileName: string, isRead = (name: string) => name.endsWith('.csv')) {
  const path = join(dir, fileName)
  await writeFile(path, bytes)
  const sums = { md5: '', sha256: createHash('sha256').update(bytes).digest('hex') }
  return openArchive(
    { path, fileName, knownDir: join(dir, 'known'), ...sums },
    { isRead, limits: SOURCE_LIMITS },
  )
}

const asciiContents = Object.fromEntries(Object.entries(contents).filter(([name]) => /^[ -~]+$/.test(name)))

describe.each([
  ['a solid 7z', 'x.7z', contents, () => sevenZipOf(contents, '-mx=1')],
  ['a 7z of single members', 'x.7z', contents, () => sevenZipOf(contents, '-mx=1', '-ms=off')],
  ['a rar of version 5', 'x.rar', contents, async () => rar5(contents)],
  ['a rar of version 4', 'x.rar', asciiContents, async () => rar4(asciiContents)],
])('%s', (_what, fileName, expected, pack) => {
  it('gives names, sizes and content, and the tables that were announced', async () => {
    const archive = await opened(await pack(), fileName)
    const sizes = Object.fromEntries(archive.members.map(({ name, sizeBytes }) => [name, sizeBytes]))
    expect(sizes).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, { byteLength }]) => [name, byteLength])),
    )
    for (const concurrency of [1, 4]) {
      const content = await contentOf(archive, undefined, concurrency)
      expect([...content.keys()].sort()).toEqual(Object.keys(expected).sort())
      for (const [name, bytes] of content) expect(bytes.equals(expected[name])).toBe(true)
    }
    expect(Buffer.from(await archive.read('corpus/table.csv')).toString()).toBe('file,label\n')
  })

  it('gives some members without the others, and may be left early', async () => {
    const archive = await opened(await pack(), fileName)
    const name = 'corpus/audio/-rf --help [1]*?.wav'
    expect(await contentOf(archive, [name])).toEqual(new Map([[name, expected[name]]]))
    for (const concurrency of [1, 4])
      expect(await leaveEarly(archive, concurrency)).toBe(Object.keys(expected).length - 1)
  })
})

describe('what 7-Zip reads', () => {
  it.each([
    ['7z', () => sevenZipOf({ 'a.wav': noise }, '-mx=0'), 'x.7z'],
    ['rar', async () => rar5({ 'a.wav': noise }), 'x.rar'],
  ])('as %s is noticed when damaged', async (_what, pack, fileName) => {
    const bytes = await pack()
    const damaged = Buffer.from(bytes)
    damaged[100_000] ^= 1
    const archive = await opened(damaged, fileName)
    await expect(contentOf(archive)).rejects.toThrow(/"a\.wav" in "x\..*" is damaged: it has the CRC-32/)
  })

  it('is refused when cut off', async () => {
    const bytes = await sevenZipOf(contents, '-mx=1')
    const start = bytes.subarray(0, bytes.byteLength - 100)
    await expect(opened(start, 'x.7z')).rejects.toThrow('"x.7z" cannot be read; 7-Zip says: ')
  })

  it('is refused when encrypted, with or without its names', async () => {
    const options = ['-pgeheim', '-mx=1']
    await expect(opened(await sevenZipOf(contents, ...options), 'x.7z')).rejects.toThrow('an encrypted file')
    await rm(join(dir, 'made.7z'))
    await expect(opened(await packed(...options, '-mhe=on'), 'x.7z')).rejects.toMatchObject({
      code: 'source/bad-archive',
      hint: expect.stringContaining('Encrypted archives are not read'),
    })
  })

  it.each(['../x.wav', '/etc/passwd', 'C:/x'])('is refused for the name %s', async (name) => {
    await expect(opened(rar5({ [name]: noise }), 'x.rar')).rejects.toMatchObject({
      code: 'source/bad-member-name',
    })
  })

  it('does not mistake a name for lines of its listing', async () => {
    const archive = await opened(rar5({ 'a\nSize = 1\n\nPath = b': noise }), 'x.rar')
    expect(archive.members.map(({ sizeBytes }) => sizeBytes)).toEqual([noise.byteLength])
    // 7-Zip writes such names in another way than it reads them: the member is not found, which is an error.
    await expect(contentOf(archive)).rejects.toMatchObject({ code: 'source/damaged-member' })
  })

  it('is refused for a symbolic link', async () => {
    await mkdir(join(dir, 'root'))
    await symlink('/etc/passwd', join(dir, 'root/a.wav'))
    await expect(opened(await packed('-snl'), 'x.7z')).rejects.toThrow('"x.7z" holds "a.wav", a')
  })

  it('stops when a visitor fails, and when the user stops it', async () => {
    const archive = await opened(await sevenZipOf(contents, '-mx=1'), 'x.7z')
    const names = new Set(archive.members.map(({ name }) => name))
    await expect(
      archive.visit(names, () => Promise.reject(new Error('the disk is full')), { concurrency: 1 }),
    ).rejects.toThrow('the disk is full')
    const stop = new AbortController()
    const stopped = archive.visit(
      names,
      async () => {
        stop.abort(new Error('stopped by the user'))
      },
      { concurrency: 1, signal: stop.signal },
    )
    await expect(stopped).rejects.toThrow('stopped by the user')
  })
})
