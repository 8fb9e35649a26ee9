import { stat } from 'node:fs/promises'
import { HearError } from '../../base/errors.js'
import type { SourceLimits } from './limits.js'
import { checkedBytes } from './member-bytes.js'
import { type Member, MemberNames, refusedMember } from './member-names.js'
import type { Sequence } from './sequential-archive.js'
import { listBySevenZip, unpackBySevenZip } from './seven-zip-process.js'

/**
 * Reads a 7z or rar (version 4 or 5) with 7-Zip, from end to end: listing is quick, reading any member of a solid
 * archive unpacks what lies before it. A CRC-32 is checked where the archive has one.
 *
 * @param archive its name in messages
 */
export function readSevenZip(
  path: string,
  archive: string,
  limits: SourceLimits,
  signal?: AbortSignal,
): Sequence {
  let listed: Promise<ListedMember[]> | undefined
  const list = () => {
    listed ??= listMembers(path, archive, limits, signal)
    return listed
  }
  return {
    list,
    async pass(wanted, onMember, passSignal) {
      const names = new Set(wanted.map(({ name }) => name))
      const inOrder = (await list()).filter(({ name }) => names.has(name))
      const rawNames = inOrder.map(({ rawName }) => rawName)
      const chunks = new ChunkReader(unpackBySevenZip(path, archive, rawNames, passSignal))
      try {
        for (const member of inOrder) {
          const state = { leftBytes: member.sizeBytes }
          const bytes = chunks.take(state)
          await onMember(member, checkedBytes(bytes, archive, member, member.crc32))
          // Who leaves off the last member has no need of what follows.
          if (state.leftBytes > 0 && member === inOrder.at(-1)) return
          for await (const _ of chunks.take(state));
        }
        await chunks.expectEnd(archive)
      } finally {
        await chunks.close()
      }
    },
  }
}

interface ListedMember extends Member {
  readonly rawName: string
  readonly crc32: number | undefined
}

async function listMembers(
  path: string,
  archive: string,
  limits: SourceLimits,
  signal: AbortSignal | undefined,
): Promise<ListedMember[]> {
  const { size } = await stat(path)
  const names = new MemberNames(archive, size, limits)
  const listing = await listBySevenZip(path, archive, signal)
  const members: ListedMember[] = []
  for (const block of listing.split(/\n(?=Path = )/)) {
    if (block.trim() === '') continue
    const facts = readFacts(block, archive)
    const name = facts.get('Path') ?? ''
    if (facts.get('Folder') === '+' || /^D/.test(facts.get('Attributes') ?? '')) continue
    refuseSpecial(facts, name, archive)
    const sizeText = facts.get('Size') ?? ''
    if (!/^\d+$/.test(sizeText)) throw badListing(archive, `no size of ${JSON.stringify(name)}`)
    const crc = facts.get('CRC') ?? ''
    const member = names.add(name, Number(sizeText))
    const crc32 = /^[0-9A-F]{8}$/.test(crc) ? Number.parseInt(crc, 16) : undefined
    members.push({ ...member, rawName: name, crc32 })
  }
  return members
}

function readFacts(block: string, archive: string): Map<string, string> {
  const facts = new Map<string, string>()
  for (const line of block.split('\n')) {
    if (line.trim() === '') continue
    const fact = /^([A-Za-z][A-Za-z -]*) =(?: (.*))?$/.exec(line)
    if (fact === null || facts.has(fact[1])) throw badListing(archive, `the line ${JSON.stringify(line)}`)
    facts.set(fact[1], fact[2] ?? '')
  }
  return facts
}

function refuseSpecial(facts: ReadonlyMap<string, string>, name: string, archive: string): void {
  const link = facts.get('Symbolic Link') || facts.get('Hard Link') || facts.get('Copy Link')
  if (link) throw refusedMember(archive, name, `a link to ${JSON.stringify(link)}`)
  const type = / ([-dlbcps])[-rwxsStT]{9}$/.exec(facts.get('Attributes') ?? '')?.[1] ?? '-'
  if (type !== '-') throw refusedMember(archive, name, type === 'l' ? 'a symbolic link' : 'a device')
  if (facts.get('Encrypted') === '+') throw refusedMember(archive, name, 'an encrypted file')
  if (facts.get('Anti') === '+') throw refusedMember(archive, name, 'the mark of a deleted file')
}

/** Cuts a stream of bytes into members by their sizes. */
class ChunkReader {
  private rest: Uint8Array = new Uint8Array(0)

  constructor(private readonly chunks: AsyncGenerator<Uint8Array>) {}

  /** Up to `leftBytes` bytes, counted down as they go: whoever leaves off can skip the rest. */
  async *take(state: { leftBytes: number }): AsyncIterable<Uint8Array> {
    while (state.leftBytes > 0) {
      if (this.rest.byteLength === 0) {
        const next = await this.chunks.next()
        if (next.done) return
        this.rest = next.value
        continue
      }
      const bytes = this.rest.subarray(0, state.leftBytes)
      this.rest = this.rest.subarray(bytes.byteLength)
      state.leftBytes -= bytes.byteLength
      yield bytes
    }
  }

  async expectEnd(archive: string): Promise<void> {
    const next = await this.chunks.next()
    if (this.rest.byteLength > 0 || !next.done)
      throw new HearError('source/bad-archive', `"${archive}" unpacks to more than it declares.`, {
        hint: 'Do not trust this archive; get it again elsewhere.',
      })
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined)
  }
}

function badListing(archive: string, found: string): HearError {
  return new HearError('source/bad-archive', `The listing of "${archive}" cannot be read: it has ${found}.`, {
    hint: 'Do not trust this archive; if it is your own, pack it again as a zip.',
  })
}
