import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../store/atomic.js'
import { readJson } from '../../store/json-file.js'
import type { Member } from './member-names.js'

const DIGEST_BYTES = 32

const Listing = z.strictObject({
  schema: z.literal('hearkit-archive-listing-1'),
  sha256: z.string(),
  members: z.array(z.tuple([z.string(), z.number()])),
})

/**
 * What a pass through an archive has brought to light, in the folder of the cache that belongs to the archive's
 * checksum, so that the next program need not pass again: its members, and the content of those that a task
 * reads. Each is written whole or not at all, and checked when it is read; what does not fit counts as not there.
 */
export class KeptMembers {
  /** @param sha256 of the archive */
  constructor(
    private readonly dir: string,
    private readonly sha256: string,
  ) {}

  async listing(): Promise<Member[] | undefined> {
    const listing = await readJson(this.listingPath, Listing).catch(() => undefined)
    if (listing?.sha256 !== this.sha256) return undefined
    return listing.members.map(([name, sizeBytes]) => ({ name, sizeBytes }))
  }

  async keepListing(members: readonly Member[]): Promise<void> {
    const listing: z.infer<typeof Listing> = {
      schema: 'hearkit-archive-listing-1',
      sha256: this.sha256,
      members: members.map(({ name, sizeBytes }) => [name, sizeBytes]),
    }
    await writeFileAtomic(this.listingPath, JSON.stringify(listing))
  }

  /** Whether the content of a member is here, by its size; `content` looks closer. */
  async has(member: Member): Promise<boolean> {
    return stat(this.contentPath(member.name)).then(
      ({ size }) => size === member.sizeBytes + DIGEST_BYTES,
      () => false,
    )
  }

  async content(name: string): Promise<Uint8Array | undefined> {
    const file = await readFile(this.contentPath(name)).catch(() => undefined)
    if (file === undefined || file.byteLength < DIGEST_BYTES) return undefined
    const content = file.subarray(0, file.byteLength - DIGEST_BYTES)
    return file.subarray(content.byteLength).equals(digest(content)) ? content : undefined
  }

  /** Keeps a member's content, with its SHA-256 behind it. */
  async keepContent(name: string, content: Uint8Array): Promise<void> {
    await writeFileAtomic(this.contentPath(name), Buffer.concat([content, digest(content)]))
  }

  private get listingPath(): string {
    return join(this.dir, `listing-${this.sha256.slice(0, 16)}.json`)
  }

  /** The name comes from a stranger, so the file has its hash for a name. */
  private contentPath(name: string): string {
    const hash = createHash('sha256').update(this.sha256).update(name).digest('hex')
    return join(this.dir, 'members', hash)
  }
}

function digest(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}
