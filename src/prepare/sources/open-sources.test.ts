import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ArchiveHost, answering, quickClock, serving, startHost } from '../../../test/archive-host.js'
import type { Source } from '../../tasks/task.js'
import { type OpenSources, type OpenSourcesOptions, openSources, sourceKey } from './open-sources.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-sources-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function open(sources: readonly Source[], more: Partial<OpenSourcesOptions> = {}): Promise<OpenSources> {
  return openSources(sources, {
    ...quickClock(),
    cacheDir: join(dir, 'cache'),
    baseDir: dir,
    reads: ['**'],
    decodeAudio: async (name, bytes) => {
      expect(name).toMatch(/\.wav$/)
      return { sampleRate: 8000, samples: Float32Array.from(bytes) }
    },
    ...more,
  })
}

async function folderOf(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, name, path, '..'), { recursive: true })
    await writeFile(join(dir, name, path), content)
  }
  return name
}

async function visited(files: OpenSources, paths: readonly string[] = files.paths, concurrency = 4) {
  const sums: [string, string][] = []
  await files.visit(
    new Set(paths),
    async (path, member) => {
      const hash = createHash('md5')
      let nBytes = 0
      for await (const chunk of member.stream()) {
        hash.update(chunk)
        nBytes += chunk.byteLength
      }
      expect(nBytes).toBe(member.sizeBytes)
      sums.push([path, hash.digest('hex')])
    },
    { concurrency },
  )
  return sums
}

describe('sourceKey', () => {
  it('is split, split and name, or name', () => {
    expect(sourceKey({ split: 'train', folder: '.' })).toBe('train')
    expect(sourceKey({ split: 'train', name: 'dev', folder: '.' })).toBe('train/dev')
    expect(sourceKey({ name: 'ground_truth', folder: '.' })).toBe('ground_truth')
  })

  it.each([{}, { split: '..' }, { name: 'a/b' }, { split: '' }])('refuses %j', (names) => {
    expect(() => sourceKey({ ...names, folder: '.' })).toThrow(
      'expected one of them at least, without slashes',
    )
  })
})

describe('local folders', () => {
  it('are one tree of paths: source by source, by code point within each', async () => {
    const folder = await folderOf('b', {
      'z.wav': 'z',
      '𝒻.wav': 'f',
      '\uff5e.wav': 't',
      'a/b.csv': '\ufefff,l\n',
    })
    const other = await folderOf('a', { 'a.wav': Uint8Array.of(1, 2) })
    const files = await open([
      { split: 'train', name: 'dev', folder },
      { split: 'test', folder: other },
    ])
    expect(files.paths).toEqual([
      'train/dev/a/b.csv',
      'train/dev/z.wav',
      'train/dev/\uff5e.wav',
      'train/dev/𝒻.wav',
      'test/a.wav',
    ])
    expect(files.has('test/a.wav')).toBe(true)
    expect(files.has('test/b.wav')).toBe(false)
    expect(files.sizeBytes('test/a.wav')).toBe(2)
    expect(await files.text('train/dev/a/b.csv')).toBe('f,l\n')
    expect([...(await files.bytes('test/a.wav'))]).toEqual([1, 2])
    expect(await files.audio('test/a.wav')).toEqual({ sampleRate: 8000, samples: Float32Array.of(1, 2) })
    expect((await visited(files)).map(([path]) => path).sort()).toEqual([...files.paths].sort())
    await files.close()
  })

  it('may share a key as long as no path comes twice', async () => {
    await folderOf('a', { 'a.wav': 'a' })
    await folderOf('b', { 'b.wav': 'b' })
    const both: Source[] = [
      { split: 'train', folder: 'b' },
      { split: 'train', folder: 'a' },
    ]
    expect((await open(both)).paths).toEqual(['train/b.wav', 'train/a.wav'])
    await folderOf('b', { 'a.wav': 'other' })
    await expect(open(both)).rejects.toThrow('Two sources of the task hold "train/a.wav".')
  })

  it('may hold links that stay within, and none that lead out, in circles or nowhere', async () => {
    await folderOf('a', { 'deep/a.wav': 'a' })
    await folderOf('secret', { 'key.wav': 'k' })
    const source: Source[] = [{ split: 'train', folder: 'a' }]
    await symlink('deep/a.wav', join(dir, 'a/b.wav'))
    await symlink('deep', join(dir, 'a/other'))
    expect((await open(source)).paths).toEqual(['train/b.wav', 'train/deep/a.wav', 'train/other/a.wav'])
    for (const [target, what] of [
      ['../secret/key.wav', 'a symbolic link that leads out of the folder'],
      ['../secret', 'a symbolic link that leads out of the folder'],
      ['/etc/hostname', 'a symbolic link that leads out of the folder'],
      ['nowhere.wav', 'a symbolic link that leads nowhere'],
      ['c.wav', 'a symbolic link that leads nowhere'],
      ['.', 'a symbolic link to a folder above it'],
    ]) {
      await symlink(target, join(dir, 'a/c.wav'))
      await expect(open(source), target).rejects.toThrow(what)
      await rm(join(dir, 'a/c.wav'))
    }
  })

  it('that are missing are named', async () => {
    await expect(open([{ split: 'train', folder: 'no' }])).rejects.toThrow(
      `Cannot read the folder "${join(dir, 'no')}": there is no such file.`,
    )
  })
})

describe('reading', () => {
  it('is for files that the task announces', async () => {
    await folderOf('a', { 'a.csv': 'x', 'b.csv': Uint8Array.of(0xff, 0xfe) })
    const source: Source[] = [{ split: 'train', folder: 'a' }]
    const some = await open(source, { reads: ['train/b.csv'] })
    await expect(some.text('train/a.csv')).rejects.toThrow('"a.csv" of "train" is to be read')
    await expect(some.text('train/b.csv')).rejects.toThrow('"train/b.csv" is no UTF-8 text.')
    await expect(some.text('train/c.csv')).rejects.toThrow('The sources of the task hold no "train/c.csv".')
    await expect(visited(some, ['train/c.csv'])).rejects.toThrow('hold no "train/c.csv"')
  })
})

describe('sources from a host', () => {
  let host: ArchiveHost
  const files: Record<string, Buffer> = {
    '1.wav': Buffer.from('one'),
    '2.wav': Buffer.from('two'),
    'list.txt': Buffer.alloc(0),
  }
  beforeEach(async () => {
    host = await startHost((request, response) => {
      const content = files[basename(new URL(request.url as string, host.url).pathname)]
      return (content === undefined ? answering(404) : serving(content))(request, response)
    })
  })
  afterEach(() => host.close())

  it('may be recordings without an archive, four of them under one key', async () => {
    const sources = ['1.wav', '2.wav'].map((name) => ({
      split: 'train',
      url: `${host.url}/files/${name}?download=1`,
      md5: md5Of(files[name]),
    }))
    const opened = await open(sources)
    expect(opened.paths).toEqual(['train/1.wav', 'train/2.wav'])
    expect((await opened.audio('train/2.wav')).samples).toEqual(Float32Array.from(files['2.wav']))
  })

  it('may be a list of files, which is fetched first', async () => {
    const line = (name: string) =>
      `${host.url}/${name}\t${files[name].byteLength}\t${sha256Of(files[name])}\n`
    files['list.txt'] = Buffer.from(`${line('1.wav')}\n${line('2.wav')}`)
    const source: Source = {
      split: 'train',
      list_url: `${host.url}/list.txt`,
      sha256: sha256Of(files['list.txt']),
    }
    const opened = await open([source], { connections: 1 })
    expect(opened.paths).toEqual(['train/1.wav', 'train/2.wav'])
    expect(await opened.text('train/1.wav')).toBe('one')
    expect(host.requests.map(({ path }) => path)).toEqual(['/list.txt', '/1.wav', '/2.wav'])
    await open([source])
    expect(host.requests).toHaveLength(3)

    const refused = async (text: string) => {
      files['list.txt'] = Buffer.from(text)
      return open([{ ...source, sha256: sha256Of(files['list.txt']) }])
    }
    await expect(refused('http://a.b/1.wav 3\n')).rejects.toThrow(
      'Line 1 of "list.txt" is "http://a.b/1.wav 3"; expected "<url> <bytes> <sha256>".',
    )
    await expect(refused(`${line('1.wav')}${line('1.wav')}`)).rejects.toThrow(
      '"list.txt" holds "1.wav" twice',
    )
    await expect(refused(line('1.wav').replace('\t3\t', '\t4\t')).then((o) => visited(o))).rejects.toThrow(
      '"1.wav" in "list.txt" is damaged: it has 3 bytes; the archive declares 4.',
    )
  })

  it('are fetched a few at a time, and all given up when one fails', async () => {
    let running = 0
    let most = 0
    host.answerWith(async (request, response) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
      serving(Buffer.from(basename(request.url as string)))(request, response)
    })
    const sources = Array.from({ length: 7 }, (_, i) => ({
      split: 'train',
      url: `${host.url}/${i}.wav`,
      md5: md5Of(Buffer.from(`${i}.wav`)),
    }))
    expect((await open(sources, { connections: 2 })).paths).toHaveLength(7)
    expect(most).toBe(2)
    const wrong = [...sources.slice(0, 3), { ...sources[3], url: `${host.url}/other.wav` }]
    await rm(join(dir, 'cache'), { recursive: true })
    await expect(open(wrong, { connections: 2 })).rejects.toMatchObject({ code: 'source/wrong-checksum' })
  })

  it('write nothing outside the cache', async () => {
    const before = readdirSync(dir)
    const sources: Source[] = [{ split: 'train', url: `${host.url}/1.wav`, md5: md5Of(files['1.wav']) }]
    await open(sources)
    expect(readdirSync(dir)).toEqual([...before, 'cache'])
  })
})

describe('a split zip', () => {
  const golden = fileURLToPath(new URL('../../../test/golden/sources/split-zip', import.meta.url))

  it('is read from its parts where they lie', async () => {
    const parts = readdirSync(golden).filter((name) => name !== 'MD5SUMS')
    const source: Source = {
      split: 'train',
      multipart_zip_urls: parts.map((name) => ({
        url: `https://nowhere.invalid/record/${name}?download=1`,
        md5: md5Of(readFileSync(join(golden, name))),
      })),
      zipname: 'corpus.zip',
    }
    const files = await open([source], { source: golden })
    const sums = readFileSync(join(golden, 'MD5SUMS'), 'utf8')
    for (const [path, md5] of await visited(files))
      expect(sums).toContain(`${md5}  ${path.replace('train/', '')}\n`)
    expect(files.paths.length).toBeGreaterThan(2)
    await files.close()
  })
})

describe("HEAR's small archives", () => {
  const data = process.env.HEAR_TEST_DATA
  const small = data === undefined ? undefined : join(data, 'data/tasks/hear_small')

  it.skipIf(small === undefined)(
    'are all read whole, with the sizes of their directories (needs HEAR_TEST_DATA)',
    async () => {
      const sums = readFileSync(join(small as string, 'MD5SUMS'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2}/))
        .filter(([, name]) => existsSync(join(small as string, name)))
      expect(sums.length).toBeGreaterThan(0)
      const sources = sums.map(([md5, name], i) => ({
        name: `source${i}`,
        url: `https://nowhere.invalid/${name}?download=1`,
        md5,
      }))
      const files = await open(sources, { source: small, reads: ['**/*.csv'] })
      expect((await visited(files)).map(([path]) => path).sort()).toEqual([...files.paths].sort())
      const tables = files.paths.filter((path) => path.endsWith('.csv'))
      expect(tables).not.toEqual([])
      for (const table of tables) expect((await files.text(table)).length).toBe(files.sizeBytes(table))
      await files.close()
    },
  )

  it.skipIf(data === undefined)(
    'are not confused with a web page in their place (needs HEAR_TEST_DATA)',
    async () => {
      const nasty = join(data as string, 'data/nasty')
      const url = 'https://nowhere.invalid/html_download_error.zip'
      await expect(open([{ split: 'train', url, md5: '0'.repeat(32) }], { source: nasty })).rejects.toThrow(
        'it is a web page ("404")',
      )
      const md5 = md5Of(readFileSync(join(nasty, 'html_download_error.zip')))
      await expect(open([{ split: 'train', url, md5 }], { source: nasty })).rejects.toMatchObject({
        code: 'source/html',
      })
    },
  )
})
