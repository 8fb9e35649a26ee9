import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EndOptions, ZipFile } from 'yazl'
import { contentOf, leaveEarly } from '../../../test/collect-archive.js'
import { SOURCE_LIMITS } from './limits.js'
import { joinSplitZip } from './split-zip.js'
import { openZip } from './zip.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-zip-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const wave = Buffer.alloc(300_000)
for (let i = 0; i < wave.byteLength; i++) wave[i] = (i * i) % 253

async function zipOf(fill: (zip: ZipFile) => void, options?: Partial<EndOptions>): Promise<Buffer> {
  const zip = new ZipFile()
  fill(zip)
  if (options === undefined) zip.end()
  else zip.end(options as EndOptions)
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function opened(bytes: Uint8Array, limits = {}) {
  const path = join(dir, 'x.zip')
  await writeFile(path, bytes)
  return openZip([{ path, sizeBytes: bytes.byteLength }], 'x.zip', { ...SOURCE_LIMITS, ...limits })
}

const twoFiles = () =>
  zipOf((zip) => {
    zip.addBuffer(wave, 'audio/näive – 音声.wav', { compress: true })
    zip.addBuffer(Buffer.from('file,label\n'), 'table.csv', { compress: false })
    zip.addEmptyDirectory('empty')
    zip.addBuffer(Buffer.alloc(0), 'audio/nothing.txt')
  })

/** A copy with other bytes wherever the old ones stand. */
function replaced(bytes: Buffer, old: string | Buffer, by: string | Buffer): Buffer {
  const out = Buffer.from(bytes)
  let nReplaced = 0
  for (let at = out.indexOf(old); at !== -1; at = out.indexOf(old, at + 1)) {
    Buffer.from(by).copy(out, at)
    nReplaced++
  }
  expect(nReplaced).toBeGreaterThan(0)
  expect(Buffer.byteLength(by)).toBe(Buffer.byteLength(old))
  return out
}

describe('openZip', () => {
  it('lists files and gives their content, compressed or stored', async () => {
    const zip = await opened(await twoFiles())
    expect(zip.members).toEqual([
      { name: 'audio/näive – 音声.wav', sizeBytes: wave.byteLength },
      { name: 'table.csv', sizeBytes: 11 },
      { name: 'audio/nothing.txt', sizeBytes: 0 },
    ])
    const content = await contentOf(zip)
    expect(content.get('audio/näive – 音声.wav')?.equals(wave)).toBe(true)
    expect(content.get('table.csv')?.toString()).toBe('file,label\n')
    expect(content.get('audio/nothing.txt')?.byteLength).toBe(0)
    expect(Buffer.from(await zip.read('table.csv')).toString()).toBe('file,label\n')
    await zip.close()
  })

  it('may be left early, and read again after that', async () => {
    const zip = await opened(await twoFiles())
    expect(await leaveEarly(zip)).toBe(2)
    expect((await contentOf(zip, ['audio/näive – 音声.wav'])).size).toBe(1)
    await zip.close()
  })

  it('reads names as code page 437 where they are not marked as UTF-8', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(wave, 'aeb.wav'))
    const zip = await opened(replaced(clearUtf8Flag(bytes), 'aeb.wav', Buffer.from('a\x82b.wav', 'latin1')))
    expect(zip.members[0].name).toBe('aéb.wav')
    await zip.close()
  })

  it('reads zip64', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(wave, 'a.wav', { forceZip64Format: true } as object), {
      forceZip64Format: true,
    })
    const zip = await opened(bytes)
    expect((await contentOf(zip)).get('a.wav')?.equals(wave)).toBe(true)
    await zip.close()
  })

  it.each([
    ['../x.wav', 'a path that leads upwards'],
    ['/ab.wav', 'an absolute path'],
    ['C:/.wav', 'a path with a drive letter'],
    ['a\\b.wav', 'a name with a backslash'],
    ['ab\0.wav', 'a name with a NUL character'],
  ])('refuses the name %j', async (name, flaw) => {
    const stand = 'x'.repeat(name.length)
    const bytes = replaced(await zipOf((zip) => zip.addBuffer(wave, stand)), stand, name)
    await expect(opened(bytes)).rejects.toMatchObject({ code: 'source/bad-member-name' })
    await expect(opened(bytes)).rejects.toThrow(flaw)
  })

  it('refuses names that come twice', async () => {
    const bytes = await zipOf((zip) => {
      zip.addBuffer(wave, 'a.wav')
      zip.addBuffer(wave, 'b.wav')
    })
    await expect(opened(replaced(bytes, 'b.wav', 'a.wav'))).rejects.toThrow('"x.zip" holds "a.wav" twice')
  })

  it('refuses symbolic links and devices', async () => {
    const link = await zipOf((zip) => zip.addBuffer(Buffer.from('/etc/passwd'), 'a', { mode: 0o120777 }))
    await expect(opened(link)).rejects.toThrow('"x.zip" holds "a", a symbolic link; expected plain files')
    const device = await zipOf((zip) => zip.addBuffer(Buffer.from(''), 'a', { mode: 0o020666 }))
    await expect(opened(device)).rejects.toThrow('"x.zip" holds "a", a device')
  })

  it('refuses encrypted members and unknown compression', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(wave, 'a'))
    const central = bytes.indexOf(Buffer.from('PK\x01\x02'))
    const encrypted = Buffer.from(bytes)
    encrypted[central + 8] |= 1
    await expect(opened(encrypted)).rejects.toThrow('"a", an encrypted file')
    const unknown = Buffer.from(bytes)
    unknown[central + 10] = 14
    await expect(opened(unknown)).rejects.toThrow('"a", a file compressed by the method 14')
  })

  it('notices content that is not what the directory says', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(wave, 'a.wav', { compress: false }))
    const damaged = Buffer.from(bytes)
    damaged[100_000] ^= 1
    const zip = await opened(damaged)
    await expect(contentOf(zip)).rejects.toThrow(
      /"a\.wav" in "x\.zip" is damaged: it has the CRC-32 [0-9a-f]{8};/,
    )
    await expect(zip.read('a.wav')).rejects.toMatchObject({ code: 'source/damaged-member' })
    await zip.close()
  })

  it('does not unpack more than the directory says', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(Buffer.alloc(5_000_000), 'a.wav'))
    const central = bytes.indexOf(Buffer.from('PK\x01\x02'))
    bytes.writeUInt32LE(1000, central + 24)
    const zip = await opened(bytes)
    let nBytes = 0
    const visit = zip.visit(
      new Set(['a.wav']),
      async (_name, member) => {
        for await (const chunk of member.stream()) nBytes += chunk.byteLength
      },
      { concurrency: 1 },
    )
    await expect(visit).rejects.toMatchObject({ code: 'source/damaged-member' })
    expect(nBytes).toBeLessThanOrEqual(1000)
    await zip.close()
  })

  it('refuses a bomb by what its directory declares, before unpacking anything', async () => {
    const bytes = await zipOf((zip) => zip.addBuffer(Buffer.alloc(1000), 'a.wav'))
    const central = bytes.indexOf(Buffer.from('PK\x01\x02'))
    bytes.writeUInt32LE(0xfffffff0, central + 24)
    await expect(opened(bytes)).rejects.toThrow('it looks like a zip bomb')
  })

  it('refuses to gather a member over the limit in memory', async () => {
    const zip = await opened(await twoFiles(), { readBytes: 10 })
    await expect(zip.read('table.csv')).rejects.toThrow(
      '"table.csv" in "x.zip" has 11 bytes; at most 10 can be read at once.',
    )
    await zip.close()
  })

  it('refuses what is cut off or no zip, and a name that is not there', async () => {
    const bytes = await twoFiles()
    for (const nBytes of [0, 10, 1000, bytes.byteLength - 1])
      await expect(opened(bytes.subarray(0, nBytes))).rejects.toThrow('"x.zip" is no whole zip')
    const zip = await opened(bytes)
    await expect(zip.read('no.csv')).rejects.toThrow('"x.zip" holds no "no.csv".')
    await expect(contentOf(zip, ['table.csv', 'no.csv'])).rejects.toThrow('"x.zip" holds no "no.csv".')
    await zip.close()
  })

  it('hands on the failure of a visitor and stops', async () => {
    const zip = await opened(await twoFiles())
    let nVisited = 0
    const visit = zip.visit(
      new Set(zip.members.map(({ name }) => name)),
      async () => {
        nVisited++
        throw new Error('the disk is full')
      },
      { concurrency: 1 },
    )
    await expect(visit).rejects.toThrow('the disk is full')
    expect(nVisited).toBe(1)
    await zip.close()
  })
})

function clearUtf8Flag(bytes: Buffer): Buffer {
  const out = Buffer.from(bytes)
  out.writeUInt16LE(out.readUInt16LE(6) & ~0x800, 6)
  const central = out.indexOf(Buffer.from('PK\x01\x02'))
  out.writeUInt16LE(out.readUInt16LE(central + 8) & ~0x800, central + 8)
  return out
}

describe('a split zip', () => {
  // Made by Info-ZIP: zip -X -s 64k -r corpus.zip corpus.
  const golden = fileURLToPath(new URL('../../../test/golden/sources', import.meta.url))
  const folders = readdirSync(golden).filter((name) => readdirSync(join(golden, name)).includes('MD5SUMS'))
  const partsOf = (folder: string) =>
    readdirSync(join(golden, folder))
      .filter((name) => /\.z(ip|\d+)$/.test(name))
      .map((fileName) => {
        const path = join(golden, folder, fileName)
        return { fileName, path, sizeBytes: statSync(path).size }
      })
  const sumsOf = (folder: string) =>
    readFileSync(join(golden, folder, 'MD5SUMS'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2}/) as [string, string])

  it('is recorded', () => {
    expect(folders).not.toEqual([])
  })

  it.each(folders)(
    '%s is read as if it were joined, in whatever order its parts are named',
    async (folder) => {
      const parts = partsOf(folder).reverse()
      expect(parts.length).toBeGreaterThan(1)
      const zip = await openZip(await joinSplitZip(parts, 'x.zip'), 'x.zip', SOURCE_LIMITS)
      const sums = [...(await contentOf(zip))].map(([name, bytes]) => [
        createHash('md5').update(bytes).digest('hex'),
        name,
      ])
      expect(sums.sort()).toEqual(sumsOf(folder).sort())
      expect(await leaveEarly(zip)).toBeGreaterThan(0)
      await zip.close()
    },
  )

  it.each(folders)('%s is refused when a part is missing or foreign', async (folder) => {
    const parts = partsOf(folder)
    await expect(joinSplitZip(parts.slice(1), 'x.zip')).rejects.toThrow('part 1 of')
    await expect(joinSplitZip(parts.slice(0, -1), 'x.zip')).rejects.toThrow(/directory of a zip|part \d+ of/)
    const twice = [...parts, { ...parts[0], fileName: `x.z${String(parts.length).padStart(2, '0')}` }]
    await expect(joinSplitZip(twice, 'x.zip')).rejects.toThrow(`expected ${parts.length + 1} parts`)
    const foreign = [{ ...parts[0], fileName: 'readme.txt' }, ...parts.slice(1)]
    await expect(joinSplitZip(foreign, 'x.zip')).rejects.toThrow('"readme.txt" is none of its parts')
  })

  it('with zip64 records is read too', async () => {
    // One part is the smallest split: the joined directory must still be found behind the zip64 record.
    const bytes = await zipOf((zip) => zip.addBuffer(wave, 'a.wav', { forceZip64Format: true } as object), {
      forceZip64Format: true,
    })
    const path = join(dir, 'x.zip')
    await writeFile(path, bytes)
    const parts = [{ fileName: 'x.zip', path, sizeBytes: bytes.byteLength }]
    const zip = await openZip(await joinSplitZip(parts, 'x.zip'), 'x.zip', SOURCE_LIMITS)
    expect((await contentOf(zip)).get('a.wav')?.equals(wave)).toBe(true)
    await zip.close()
  })
})
