import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { create, Header } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentOf, leaveEarly } from '../../../test/collect-archive.js'
import { SOURCE_LIMITS } from './limits.js'
import { openArchive } from './open-archive.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-tar-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const LONG = `${'long '.repeat(40)}.wav`
const contents: Readonly<Record<string, Buffer>> = {
  'corpus/table.csv': Buffer.from('file,label\n'),
  'corpus/audio/a.wav': Buffer.alloc(900_001, 'a'),
  'corpus/audio/näive – 音声.wav': Buffer.alloc(512, 'b'),
  [`corpus/audio/${LONG}`]: Buffer.alloc(1000, 'c'),
  'corpus/empty.txt': Buffer.alloc(0),
}

/** A tar of `contents`, made by the tar package; with `prefix` names begin with `./`. */
async function corpusTar(prefix = ''): Promise<Buffer> {
  const root = join(dir, 'root')
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), content)
  }
  await create({ file: join(dir, 'made.tar'), cwd: root, portable: true }, [`${prefix}corpus`])
  return readFileSync(join(dir, 'made.tar'))
}

/** A tar made by hand, of members that no honest program packs. */
function rawTar(
  ...members: { path: string; type?: string; linkpath?: string; content?: string; size?: number }[]
) {
  const blocks = members.flatMap(({ path, type = 'File', linkpath, content = '', size = content.length }) => {
    const header = new Header({ path, type: type as 'File', linkpath, size, mode: 0o644, mtime: new Date(0) })
    const block = Buffer.alloc(512)
    header.encode(block)
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
    body.write(content)
    return [block, body]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

async function opened(
  bytes: Uint8Array,
  fileName = 'x.tar',
  isRead: (name: string) => boolean = () => false,
  limits = {},
) {
  const path = join(dir, fileName)
  await writeFile(path, bytes)
  const sums = { md5: '', sha256: createHash('sha256').update(bytes).digest('hex') }
  const progress: [number, number][] = []
  const archive = await openArchive(
    { path, fileName, knownDir: join(dir, 'known'), ...sums },
    { isRead, limits: { ...SOURCE_LIMITS, ...limits }, onListed: (...bytes) => progress.push(bytes) },
  )
  return { archive, progress }
}

describe.each([
  ['x.tar', (bytes: Buffer) => bytes, ''],
  ['x.tar', (bytes: Buffer) => bytes, './'],
  ['x.tar.gz', (bytes: Buffer) => gzipSync(bytes), ''],
  ['x.tgz', (bytes: Buffer) => gzipSync(bytes), './'],
])('%s with names that begin with "%3$s"', (fileName, pack, prefix) => {
  it('lists files and gives their content', async () => {
    const { archive, progress } = await opened(pack(await corpusTar(prefix)), fileName)
    const sizes = Object.fromEntries(archive.members.map(({ name, sizeBytes }) => [name, sizeBytes]))
    expect(sizes).toEqual(
      Object.fromEntries(Object.entries(contents).map(([name, { byteLength }]) => [name, byteLength])),
    )
    for (const concurrency of [1, 4]) {
      const content = await contentOf(archive, undefined, concurrency)
      expect([...content.keys()].sort()).toEqual(Object.keys(contents).sort())
      for (const [name, bytes] of content) expect(bytes.equals(contents[name])).toBe(true)
    }
    expect(progress.at(-1)?.[0]).toBe(progress.at(-1)?.[1])
  })

  it('may be left early', async () => {
    const { archive } = await opened(pack(await corpusTar(prefix)), fileName)
    for (const concurrency of [1, 4]) expect(await leaveEarly(archive, concurrency)).toBe(4)
    expect((await contentOf(archive, ['corpus/table.csv'])).get('corpus/table.csv')).toEqual(
      contents['corpus/table.csv'],
    )
  })
})

describe('a tar', () => {
  const isTable = (name: string) => name.endsWith('.csv')

  it('gives what the task announced, and says how to announce the rest', async () => {
    const { archive } = await opened(gzipSync(await corpusTar()), 'x.tar.gz', isTable)
    expect(Buffer.from(await archive.read('corpus/table.csv'))).toEqual(contents['corpus/table.csv'])
    await expect(archive.read('corpus/empty.txt')).rejects.toThrow(
      '"corpus/empty.txt" of "x.tar.gz" is to be read, but the task does not announce it.',
    )
    await expect(archive.read('corpus/no.csv')).rejects.toThrow('"x.tar.gz" holds no "corpus/no.csv".')
  })

  it('is passed through once: the next program finds the listing and the tables in the cache', async () => {
    const bytes = gzipSync(await corpusTar())
    const first = await opened(bytes, 'x.tar.gz', isTable)
    expect(first.progress).not.toEqual([])
    const second = await opened(bytes, 'x.tar.gz', isTable)
    expect(second.progress).toEqual([])
    expect(second.archive.members).toEqual(first.archive.members)
    expect(Buffer.from(await second.archive.read('corpus/table.csv'))).toEqual(contents['corpus/table.csv'])
    // Another task reads other files of the same archive.
    const third = await opened(bytes, 'x.tar.gz', (name) => name.endsWith('empty.txt'))
    expect(third.progress).toEqual([])
    expect((await third.archive.read('corpus/empty.txt')).byteLength).toBe(0)
  })

  it('is passed through again when what the cache holds is damaged or of another archive', async () => {
    const bytes = gzipSync(await corpusTar())
    const { archive } = await opened(bytes, 'x.tar.gz', isTable)
    const known = join(dir, 'known')
    const [kept] = readdirSync(join(known, 'members'))
    await writeFile(join(known, 'members', kept), Buffer.alloc(11 + 32))
    expect(Buffer.from(await archive.read('corpus/table.csv'))).toEqual(contents['corpus/table.csv'])
    const listing = readdirSync(known).find((name) => name.startsWith('listing-')) as string
    await writeFile(
      join(known, listing),
      readFileSync(join(known, listing), 'utf8').replace('table', 'tbale'),
    )
    await expect(
      opened(bytes, 'x.tar.gz', isTable).then(({ archive: other }) => contentOf(other)),
    ).rejects.toThrow('"corpus/tbale.csv", which it held before, is gone')
    await writeFile(join(known, listing), '{')
    expect((await opened(bytes, 'x.tar.gz', isTable)).archive.members).toEqual(archive.members)
    const other = await opened(gzipSync(rawTar({ path: 'b.csv', content: 'b' })), 'x.tar.gz', isTable)
    expect(other.archive.members).toEqual([{ name: 'b.csv', sizeBytes: 1 }])
  })

  it.each([
    ['../x', 'a path that leads upwards'],
    ['/etc/passwd', 'an absolute path'],
    ['a\\b', 'a name with a backslash'],
    ['C:/x', 'a path with a drive letter'],
  ])('is refused for the name %j', async (path, flaw) => {
    await expect(opened(rawTar({ path, content: 'x' }))).rejects.toThrow(flaw)
  })

  it.each([
    ['SymbolicLink', 'a symbolic link to "../../etc/passwd"'],
    ['Link', 'a hard link to "../../etc/passwd"'],
  ])('is refused for a %s', async (type, what) => {
    const bytes = rawTar({ path: 'a', type, linkpath: '../../etc/passwd' })
    await expect(opened(bytes)).rejects.toThrow(`"x.tar" holds "a", ${what}; expected plain files`)
  })

  it.each(['CharacterDevice', 'FIFO'])('is refused for a %s', async (type) => {
    await expect(opened(rawTar({ path: 'a', type }))).rejects.toMatchObject({ code: 'source/refused-member' })
  })

  it('is refused for members of unknown types rather than losing them', async () => {
    const bytes = rawTar({ path: 'a', content: 'x' }, { path: 'b', content: 'y' })
    bytes[1024 + 156] = 'S'.charCodeAt(0)
    // The sum over the header, with its own field as blanks.
    bytes.fill(' ', 1024 + 148, 1024 + 156)
    const sum = bytes.subarray(1024, 1536).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 1024 + 148)
    await expect(opened(bytes)).rejects.toThrow('"x.tar" holds "b", a member of the type')
  })

  it('is refused for a link that a real program packed', async () => {
    await symlink('a.wav', join(dir, 'link.wav'))
    await create({ file: join(dir, 'link.tar'), cwd: dir }, ['link.wav'])
    await expect(opened(readFileSync(join(dir, 'link.tar')))).rejects.toThrow('a symbolic link to "a.wav"')
  })

  it('is refused for a name that comes twice', async () => {
    const bytes = rawTar({ path: 'a', content: 'x' }, { path: './a', content: 'y' })
    await expect(opened(bytes)).rejects.toThrow('"x.tar" holds "a" twice')
  })

  it('is refused when it is cut off, damaged or something else', async () => {
    const whole = gzipSync(await corpusTar())
    await expect(opened(whole.subarray(0, whole.byteLength - 20), 'x.tar.gz')).rejects.toThrow(
      '"x.tar.gz" is no whole tar',
    )
    const damaged = Buffer.from(whole)
    damaged[damaged.byteLength - 6] ^= 1
    await expect(opened(damaged, 'x.tar.gz')).rejects.toThrow('"x.tar.gz" is no whole tar')
    const plain = gunzipSync(whole)
    await expect(opened(plain.subarray(0, 5000))).rejects.toThrow('"x.tar" is no whole tar')
    const header = Buffer.from(plain)
    header[148] ^= 1
    await expect(opened(header)).rejects.toThrow('"x.tar" is no whole tar: TAR_ENTRY_INVALID')
    await expect(opened(gzipSync('no tar at all'.repeat(100)), 'x.tar.gz')).rejects.toThrow('no whole tar')
    await expect(opened(Buffer.alloc(5000, 'noise'))).rejects.toThrow('"x.tar" is no whole tar')
  })

  it('is refused as a bomb while it is listed', async () => {
    const bytes = gzipSync(await corpusTar())
    await expect(opened(bytes, 'x.tar.gz', undefined, { unpackedBytes: 900_000 })).rejects.toThrow('zip bomb')
    await expect(opened(bytes, 'x.tar.gz', isTable, { readBytes: 5 })).rejects.toThrow(
      '"corpus/table.csv" in "x.tar.gz" has 11 bytes; at most 5 can be read at once.',
    )
  })

  it('stops when a visitor fails, and when the user stops it', async () => {
    const { archive } = await opened(gzipSync(await corpusTar()), 'x.tar.gz')
    const names = new Set(archive.members.map(({ name }) => name))
    for (const concurrency of [1, 4])
      await expect(
        archive.visit(names, () => Promise.reject(new Error('the disk is full')), { concurrency }),
      ).rejects.toThrow('the disk is full')
    const signal = AbortSignal.abort(new Error('stopped by the user'))
    await expect(archive.visit(names, async () => {}, { concurrency: 1, signal })).rejects.toThrow(
      'stopped by the user',
    )
  })
})

describe('openArchive', () => {
  it('takes a file of no archive suffix for what it is', async () => {
    const { archive } = await opened(Buffer.from('RIFF....WAVE'), 'mic1raw.wav')
    expect(archive.members).toEqual([{ name: 'mic1raw.wav', sizeBytes: 12 }])
    expect(Buffer.from(await archive.read('mic1raw.wav')).toString()).toBe('RIFF....WAVE')
    expect((await contentOf(archive)).get('mic1raw.wav')?.toString()).toBe('RIFF....WAVE')
  })

  it('goes by content: what is not what its name says is refused', async () => {
    const gzip = gzipSync(await corpusTar())
    await expect(opened(gzip, 'x.zip')).rejects.toThrow('"x.zip" is a gzip; expected a zip.')
    await expect(opened(gzip, 'x.tar')).rejects.toThrow('"x.tar" is a gzip; expected a tar.')
    await expect(opened(gzip, 'x.wav')).rejects.toThrow('"x.wav" is a gzip; expected a suffix of zip, tar')
    await expect(opened(Buffer.from('noise'), 'x.7z')).rejects.toThrow(
      '"x.7z" is none of these; expected a 7z.',
    )
    await expect(opened(Buffer.from('BZh9'), 'x.tar.bz2')).rejects.toMatchObject({
      code: 'source/wrong-format',
    })
    const page = Buffer.from('<html><title>Sign in</title></html>')
    for (const name of ['x.zip', 'x.wav', 'x.tar'])
      await expect(opened(page, name)).rejects.toThrow(`"${name}" is a web page ("Sign in")`)
  })
})
