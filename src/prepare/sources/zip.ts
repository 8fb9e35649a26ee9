import type { Readable } from 'node:stream'
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, type ZipFile } from 'yauzl'
import { HearError } from '../../base/errors.js'
import { fileError } from '../../store/file-errors.js'
import type { Archive } from './archive.js'
import { type Part, PartsReader, totalBytes } from './file-parts.js'
import type { SourceLimits } from './limits.js'
import { checkedBytes, damaged, gatherBytes } from './member-bytes.js'
import { type Member, MemberNames, refusedMember } from './member-names.js'
import { visitAtWill } from './visit-at-will.js'
import { noSuchMember, wantedMembers } from './wanted-members.js'

interface ZipMember extends Member {
  readonly entry: Entry
}

/** The upper half of the external attributes holds a Unix mode where the upper byte of the version says so. */
const MADE_ON_UNIX = 3
const FILE_TYPE = 0o170000
const PLAIN_TYPES = [0, 0o100000, 0o040000]
const SYMBOLIC_LINK = 0o120000
const STORED = 0
const DEFLATED = 8

/**
 * Opens a zip: any member can be read at any time, several at once. Names are UTF-8 where the archive says so and
 * code page 437 elsewhere, as the format has it.
 *
 * @param parts the whole file; of a split zip as `joinSplitZip` gives them
 * @param archive its name in messages
 * @throws HearError for what is no zip, hostile names, links, encrypted members, unknown compression, and bombs
 */
export async function openZip(
  parts: readonly Part[],
  archive: string,
  limits: SourceLimits,
): Promise<Archive> {
  const sizeBytes = totalBytes(parts)
  const names = new MemberNames(archive, sizeBytes, limits)
  const members = new Map<string, ZipMember>()
  const zip = await fromRandomAccessReaderPromise(new PartsReader(parts), sizeBytes, {
    autoClose: false,
    // Names are decoded below: yauzl would turn backslashes into slashes.
    decodeStrings: false,
    lazyEntries: true,
  }).catch((error) => {
    throw badZip(archive, error)
  })
  try {
    for await (const entry of zip.eachEntry()) {
      const raw = entry.fileName as unknown as Buffer
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, true)
      if (name.endsWith('/') && entry.uncompressedSize === 0) continue
      refuseSpecial(entry, name, archive)
      const member = { ...names.add(name, entry.uncompressedSize), entry }
      members.set(member.name, member)
    }
  } catch (error) {
    zip.close()
    throw badZip(archive, error)
  }
  const inPlace = [...members.values()].sort(
    (a, b) => a.entry.relativeOffsetOfLocalHeader - b.entry.relativeOffsetOfLocalHeader,
  )
  const open = (member: ZipMember) =>
    checkedBytes(memberBytes(zip, member, archive), archive, member, member.entry.crc32)
  return {
    members: names.members,
    async visit(wanted, use, options) {
      await visitAtWill(wantedMembers(inPlace, wanted, archive), open, use, options)
    },
    async read(name) {
      const member = members.get(name)
      if (member === undefined) throw noSuchMember(archive, name)
      return gatherBytes(open(member), archive, member, limits.readBytes)
    },
    async close() {
      zip.close()
    },
  }
}

function refuseSpecial(entry: Entry, name: string, archive: string): void {
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE
  if (entry.versionMadeBy >>> 8 === MADE_ON_UNIX && !PLAIN_TYPES.includes(type))
    throw refusedMember(archive, name, type === SYMBOLIC_LINK ? 'a symbolic link' : 'a device')
  if (entry.isEncrypted()) throw refusedMember(archive, name, 'an encrypted file')
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw refusedMember(archive, name, `a file compressed by the method ${entry.compressionMethod}`)
}

async function* memberBytes(zip: ZipFile, member: ZipMember, archive: string): AsyncIterable<Uint8Array> {
  let stream: Readable | undefined
  try {
    stream = await zip.openReadStreamPromise(member.entry)
    yield* stream
  } catch (error) {
    const known = fileError(error, 'read', archive)
    if (known instanceof HearError) throw known
    throw damaged(archive, member.name, `content that cannot be read (${(error as Error).message})`, error)
  } finally {
    stream?.destroy()
  }
}

function badZip(archive: string, error: unknown): unknown {
  const known = fileError(error, 'read', archive)
  if (known instanceof HearError) return known
  return new HearError('source/bad-archive', `"${archive}" is no whole zip: ${(error as Error).message}.`, {
    hint: 'Get the archive again, and give its md5 checksum in the task.',
    cause: error,
  })
}
