import { open } from 'node:fs/promises'
import { HearError } from '../../base/errors.js'
import { type Part, PartsReader, totalBytes } from './file-parts.js'

/** One file of a split zip. */
export interface SplitPart {
  readonly fileName: string
  readonly path: string
  readonly sizeBytes: number
}

const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const LOCATOR_SIGNATURE = 0x07064b50
const LOCATOR_BYTES = 20
const END64_SIGNATURE = 0x06064b50
const END64_BYTES = 56
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const ZIP64_EXTRA = 0x0001
const MAX_COMMENT_BYTES = 0xffff
const FULL16 = 0xffff
const FULL32 = 0xffffffff

interface Directory {
  readonly disk: number
  readonly offset: number
  readonly sizeBytes: number
  readonly nEntries: number
  readonly lastDisk: number
}

/**
 * Reads a zip in several files (`x.z01`, `x.z02`, ..., `x.zip`) as if they were joined: the files one after the other,
 * and behind them a directory whose entries count from the beginning of the first. Nothing is written.
 *
 * @returns the parts of a zip in one, for `openZip`
 * @throws HearError when the files are not all parts of one zip
 *
 * Source: PKWARE APPNOTE 6.3.10, 4.3.12 to 4.3.16 and 4.5.3.
 */
export async function joinSplitZip(files: readonly SplitPart[], archive: string): Promise<readonly Part[]> {
  const parts = inOrder(files, archive)
  const directory = await findDirectory(parts.at(-1) as SplitPart, parts, archive)
  if (directory.lastDisk !== parts.length - 1)
    throw badSplit(
      archive,
      `its last part is number ${directory.lastDisk + 1} of as many; expected ${parts.length} parts`,
    )
  const starts = parts.map((_, i) => totalBytes(parts.slice(0, i)))
  const start = starts[directory.disk] + directory.offset
  const entries = await readRange(parts, start, start + directory.sizeBytes, archive)
  const joined = rebased(entries, directory.nEntries, starts, archive)
  return [
    ...parts,
    { bytes: joined },
    { bytes: ending(joined.byteLength, directory.nEntries, totalBytes(parts)) },
  ]
}

/** By number: `.z01` is the first disk, `.zip` the last. */
function inOrder(files: readonly SplitPart[], archive: string): SplitPart[] {
  const numbered = files.map((file) => {
    const number = /\.z(\d{2,3})$/i.exec(file.fileName)?.[1]
    if (number === undefined && !/\.zip$/i.test(file.fileName))
      throw badSplit(
        archive,
        `"${file.fileName}" is none of its parts; expected names that end in .z01 to .z999 or .zip`,
      )
    return { file, disk: number === undefined ? files.length - 1 : Number(number) - 1 }
  })
  numbered.sort((a, b) => a.disk - b.disk)
  const gap = numbered.findIndex(({ disk }, i) => disk !== i)
  if (gap !== -1)
    throw badSplit(
      archive,
      `part ${gap + 1} of ${files.length} is missing or given twice; expected .z01 onwards, and one .zip`,
    )
  return numbered.map(({ file }) => file)
}

async function findDirectory(
  last: SplitPart,
  parts: readonly SplitPart[],
  archive: string,
): Promise<Directory> {
  const nTail = Math.min(last.sizeBytes, END_BYTES + MAX_COMMENT_BYTES + LOCATOR_BYTES)
  const tail = await readTail(last.path, last.sizeBytes, nTail)
  let at = tail.byteLength - END_BYTES
  while (
    at >= 0 &&
    !(
      tail.readUInt32LE(at) === END_SIGNATURE &&
      at + END_BYTES + tail.readUInt16LE(at + 20) === tail.byteLength
    )
  )
    at--
  if (at < 0) throw badSplit(archive, `"${last.fileName}" does not end in the directory of a zip`)
  const directory: Directory = {
    lastDisk: tail.readUInt16LE(at + 4),
    disk: tail.readUInt16LE(at + 6),
    nEntries: tail.readUInt16LE(at + 10),
    sizeBytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  }
  const locator = at - LOCATOR_BYTES
  const found =
    locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_SIGNATURE
      ? await readEnd64(tail.readUInt32LE(locator + 4), readCount(tail, locator + 8), parts, archive)
      : directory
  if (found.disk >= parts.length)
    throw badSplit(archive, `its directory is on part ${found.disk + 1} of ${parts.length}`)
  return found
}

async function readEnd64(
  disk: number,
  offset: number,
  parts: readonly SplitPart[],
  archive: string,
): Promise<Directory> {
  const start = totalBytes(parts.slice(0, disk)) + offset
  const end = await readRange(parts, start, start + END64_BYTES, archive)
  if (end.readUInt32LE(0) !== END64_SIGNATURE)
    throw badSplit(archive, 'its zip64 directory is not where it should be')
  return {
    lastDisk: end.readUInt32LE(16),
    disk: end.readUInt32LE(20),
    nEntries: readCount(end, 32),
    sizeBytes: readCount(end, 40),
    offset: readCount(end, 48),
  }
}

/** The directory with every entry on disk 0, at its place in the joined file. */
function rebased(entries: Buffer, nEntries: number, starts: readonly number[], archive: string): Buffer {
  const out: Buffer[] = []
  let at = 0
  for (let i = 0; i < nEntries; i++) {
    if (at + ENTRY_BYTES > entries.byteLength || entries.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw badSplit(archive, `entry ${i + 1} of ${nEntries} of its directory is damaged`)
    const nName = entries.readUInt16LE(at + 28)
    const nExtra = entries.readUInt16LE(at + 30)
    const nComment = entries.readUInt16LE(at + 32)
    const next = at + ENTRY_BYTES + nName + nExtra + nComment
    if (next > entries.byteLength)
      throw badSplit(archive, `entry ${i + 1} of ${nEntries} of its directory is cut off`)
    const head = Buffer.from(entries.subarray(at, at + ENTRY_BYTES))
    const name = entries.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nName)
    const extra = entries.subarray(at + ENTRY_BYTES + nName, at + ENTRY_BYTES + nName + nExtra)
    out.push(rebasedEntry(head, name, extra, starts, archive))
    at = next
  }
  return Buffer.concat(out)
}

/**
 * One entry, with sizes and offset always in the zip64 field, which holds those numbers only whose 32-bit field
 * is full; comments are left out.
 */
function rebasedEntry(
  head: Buffer,
  name: Buffer,
  extra: Buffer,
  starts: readonly number[],
  archive: string,
): Buffer {
  const wide: { at: number; field: Buffer } = { at: 0, field: Buffer.alloc(0) }
  const others: Buffer[] = []
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) wide.field = extra.subarray(at + 4, end)
    else others.push(extra.subarray(at, end))
    at = end
  }
  const next = (nBytes: number) => {
    if (wide.at + nBytes > wide.field.byteLength)
      throw badSplit(archive, `the sizes of "${name}" are missing`)
    wide.at += nBytes
    return nBytes === 8 ? readCount(wide.field, wide.at - 8) : wide.field.readUInt32LE(wide.at - 4)
  }
  const unpacked = head.readUInt32LE(24) === FULL32 ? next(8) : head.readUInt32LE(24)
  const packed = head.readUInt32LE(20) === FULL32 ? next(8) : head.readUInt32LE(20)
  const offset = head.readUInt32LE(42) === FULL32 ? next(8) : head.readUInt32LE(42)
  const disk = head.readUInt16LE(34) === FULL16 ? next(4) : head.readUInt16LE(34)
  if (disk >= starts.length) throw badSplit(archive, `"${name}" is on part ${disk + 1} of ${starts.length}`)
  const field = Buffer.alloc(4 + 24)
  field.writeUInt16LE(ZIP64_EXTRA, 0)
  field.writeUInt16LE(24, 2)
  field.writeBigUInt64LE(BigInt(unpacked), 4)
  field.writeBigUInt64LE(BigInt(packed), 12)
  field.writeBigUInt64LE(BigInt(starts[disk] + offset), 20)
  const fields = Buffer.concat([field, ...others])
  head.writeUInt32LE(FULL32, 20)
  head.writeUInt32LE(FULL32, 24)
  head.writeUInt32LE(FULL32, 42)
  head.writeUInt16LE(0, 34)
  head.writeUInt16LE(fields.byteLength, 30)
  head.writeUInt16LE(0, 32)
  return Buffer.concat([head, name, fields])
}

/** What follows the directory of a zip in one file: its zip64 record, where that is, and the short record. */
function ending(directoryBytes: number, nEntries: number, directoryStart: number): Buffer {
  const end = Buffer.alloc(END64_BYTES + LOCATOR_BYTES + END_BYTES)
  end.writeUInt32LE(END64_SIGNATURE, 0)
  end.writeBigUInt64LE(BigInt(END64_BYTES - 12), 4)
  end.writeUInt16LE(45, 12)
  end.writeUInt16LE(45, 14)
  end.writeBigUInt64LE(BigInt(nEntries), 24)
  end.writeBigUInt64LE(BigInt(nEntries), 32)
  end.writeBigUInt64LE(BigInt(directoryBytes), 40)
  end.writeBigUInt64LE(BigInt(directoryStart), 48)
  end.writeUInt32LE(LOCATOR_SIGNATURE, END64_BYTES)
  end.writeBigUInt64LE(BigInt(directoryStart + directoryBytes), END64_BYTES + 8)
  end.writeUInt32LE(1, END64_BYTES + 16)
  const short = END64_BYTES + LOCATOR_BYTES
  end.writeUInt32LE(END_SIGNATURE, short)
  end.writeUInt16LE(FULL16, short + 8)
  end.writeUInt16LE(FULL16, short + 10)
  end.writeUInt32LE(FULL32, short + 12)
  end.writeUInt32LE(FULL32, short + 16)
  return end
}

async function readRange(
  parts: readonly SplitPart[],
  start: number,
  end: number,
  archive: string,
): Promise<Buffer> {
  if (!(start <= end && end <= totalBytes(parts)))
    throw badSplit(archive, 'its directory lies beyond its end')
  const chunks: Uint8Array[] = []
  for await (const chunk of new PartsReader(parts).range(start, end)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function readTail(path: string, sizeBytes: number, nBytes: number): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    return (await handle.read(Buffer.alloc(nBytes), 0, nBytes, sizeBytes - nBytes)).buffer
  } finally {
    await handle.close()
  }
}

/** A 64-bit count; those beyond 2^53 come out wrong but still larger than any file. */
function readCount(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}

function badSplit(archive: string, flaw: string): HearError {
  return new HearError('source/bad-archive', `"${archive}" is no whole split zip: ${flaw}.`, {
    hint: 'Check the parts that the task names (`multipart_zip_urls`), and get them again.',
  })
}
