import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { HearError } from '../../base/errors.js'
import { fileError } from '../../store/file-errors.js'
import type { SourceLimits } from './limits.js'
import { checkedBytes } from './member-bytes.js'
import { MemberNames, memberPath, refusedMember } from './member-names.js'
import type { Sequence } from './sequential-archive.js'

const READ_BYTES = 2 ** 18

const PLAIN_FILES = ['File', 'OldFile', 'ContiguousFile']
const SPECIALS: Readonly<Record<string, string>> = {
  Link: 'a hard link',
  SymbolicLink: 'a symbolic link',
  CharacterDevice: 'a device',
  BlockDevice: 'a device',
  FIFO: 'a named pipe',
}

/**
 * Reads a tar, compressed by gzip or not, from end to end: listing it takes a pass. Inflating runs beside the main
 * thread.
 *
 * @param archive its name in messages
 * @param onBytes hears how much of the file a listing has read
 */
export function readTar(
  path: string,
  archive: string,
  compressed: boolean,
  limits: SourceLimits,
  onBytes: (bytes: number, totalBytes: number) => void,
  signal?: AbortSignal,
): Sequence {
  return {
    async list(isRead, keep) {
      const { size } = await stat(path)
      const names = new MemberNames(archive, size, limits)
      const read = (nBytes: number) => onBytes(nBytes, size)
      await visitFiles(happenings(path, archive, compressed, read, signal), archive, async (file, bytes) => {
        const member = names.add(file.path, file.size)
        if (isRead(member.name)) await keep(member, checkedBytes(bytes, archive, member))
        return 'go on'
      })
      return names.members
    },
    async pass(wanted, onMember, passSignal) {
      const byName = new Map(wanted.map((member) => [member.name, member]))
      const all = happenings(path, archive, compressed, () => {}, passSignal)
      await visitFiles(all, archive, async (file, bytes) => {
        const member = byName.get(memberPath(file.path, archive))
        if (member === undefined) return 'go on'
        byName.delete(member.name)
        await onMember(member, checkedBytes(bytes, archive, member))
        return byName.size === 0 ? 'enough' : 'go on'
      })
      const [missing] = byName.keys()
      if (missing !== undefined) throw badTar(archive, `"${missing}", which it held before, is gone`)
    },
  }
}

/** What comes out of a tar, in order: a member begins, some of its bytes, its end. */
type Happening = ReadEntry | Uint8Array | 'end'

/**
 * Calls `use` for each plain file and skips what it leaves of the bytes, until the end or until it has enough.
 *
 * @throws HearError for a member that is neither file nor folder
 */
async function visitFiles(
  all: AsyncGenerator<Happening>,
  archive: string,
  use: (file: ReadEntry, bytes: AsyncIterable<Uint8Array>) => Promise<'go on' | 'enough'>,
): Promise<void> {
  try {
    for (let at = await all.next(); !at.done; at = await all.next()) {
      const entry = at.value as ReadEntry
      refuseSpecial(entry, archive)
      let within = true
      const bytes = async function* () {
        while (within) {
          const { value } = await all.next()
          if (value === 'end') within = false
          else yield value as Uint8Array
        }
      }
      if (PLAIN_FILES.includes(entry.type) && (await use(entry, bytes())) === 'enough') return
      while (within) within = (await all.next()).value !== 'end'
    }
  } finally {
    await all.return(undefined)
  }
}

async function* happenings(
  path: string,
  archive: string,
  compressed: boolean,
  onBytes: (nBytes: number) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Happening> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES })
  const gunzip = compressed ? createGunzip({ chunkSize: READ_BYTES }) : undefined
  if (gunzip !== undefined) {
    file.on('error', (error) => gunzip.destroy(error))
    file.pipe(gunzip)
  }
  // Every entry flows at once, so that what a chunk brings is all here when `write` returns.
  let brought: Happening[] = []
  let flaw: unknown
  const parser = new Parser({ strict: true })
  parser.on('entry', (entry: ReadEntry) => {
    brought.push(entry)
    entry.on('end', () => brought.push('end'))
    entry.on('data', (bytes) => brought.push(bytes))
  })
  parser.on('ignoredEntry', ({ path: name, type }: ReadEntry) => {
    flaw ??= refusedMember(archive, name, `a member of the type "${type}", which hear cannot read`)
  })
  parser.on('error', (error) => {
    flaw ??= badTar(archive, error.message, error)
  })
  function* take(): Generator<Happening> {
    const taken = brought
    brought = []
    yield* taken
    if (flaw !== undefined) throw flaw
  }
  try {
    for await (const chunk of gunzip ?? file) {
      signal?.throwIfAborted()
      parser.write(chunk as Buffer)
      onBytes(file.bytesRead)
      yield* take()
    }
    parser.end()
    yield* take()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code?.startsWith('Z_') ? badTar(archive, message, error) : fileError(error, 'read', path)
  } finally {
    file.destroy()
    gunzip?.destroy()
  }
}

function refuseSpecial(entry: ReadEntry, archive: string): void {
  const special = SPECIALS[entry.type]
  if (special === undefined) return
  const to = entry.linkpath === undefined ? '' : ` to ${JSON.stringify(entry.linkpath)}`
  throw refusedMember(archive, entry.path, `${special}${to}`)
}

function badTar(archive: string, flaw: string, cause?: unknown): HearError {
  return new HearError('source/bad-archive', `"${archive}" is no whole tar: ${flaw}.`, {
    hint: 'Get the archive again, and give its md5 checksum in the task.',
    cause,
  })
}
