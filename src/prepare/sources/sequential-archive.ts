import { HearError } from '../../base/errors.js'
import type { Archive } from './archive.js'
import type { KeptMembers } from './kept-members.js'
import type { SourceLimits } from './limits.js'
import { gatherBytes } from './member-bytes.js'
import type { Member } from './member-names.js'
import { type OnMember, visitInPassing } from './visit-in-passing.js'
import { noSuchMember, wantedMembers } from './wanted-members.js'

/** An archive that is read from end to end. */
export interface Sequence {
  /**
   * The members, where the archive says them in one place or a pass must be made anyway.
   *
   * @param keep for the members that a task reads, in a pass that comes by them
   */
  list(isRead: (name: string) => boolean, keep: OnMember): Promise<Member[]>
  /** Goes through the wanted members in their order and waits for `onMember`. */
  pass(wanted: readonly Member[], onMember: OnMember, signal?: AbortSignal): Promise<void>
}

/**
 * Opens an archive that is read from end to end. Its listing, and the content of the members that the task
 * announces, are taken from what an earlier program kept, or kept for the next.
 *
 * @param isRead whether a task reads the whole of a member
 */
export async function openSequence(
  sequence: Sequence,
  archive: string,
  isRead: (name: string) => boolean,
  kept: KeptMembers,
  limits: SourceLimits,
  signal?: AbortSignal,
): Promise<Archive> {
  const keep: OnMember = async (member, bytes) => {
    await kept.keepContent(member.name, await gatherBytes(bytes, archive, member, limits.readBytes))
  }
  let members = await kept.listing()
  if (members === undefined) {
    members = await sequence.list(isRead, keep)
    await kept.keepListing(members)
  }
  const missing: Member[] = []
  for (const member of members) if (isRead(member.name) && !(await kept.has(member))) missing.push(member)
  if (missing.length > 0) await sequence.pass(missing, keep, signal)
  const byName = new Map(members.map((member) => [member.name, member]))
  return {
    members,
    async visit(names, use, options) {
      const wanted = wantedMembers(members, names, archive)
      if (wanted.length === 0) return
      await visitInPassing(
        archive,
        (onMember) => sequence.pass(wanted, onMember, options.signal),
        use,
        options,
      )
    },
    async read(name) {
      const member = byName.get(name)
      if (member === undefined) throw noSuchMember(archive, name)
      if (!isRead(name)) throw notAnnounced(archive, name)
      const content = await kept.content(name)
      if (content !== undefined) return content
      // Kept, but damaged since.
      await sequence.pass([member], keep, signal)
      return (await kept.content(name)) as Uint8Array
    },
    async close() {},
  }
}

/** The refusal to read a member that the task did not say it reads. */
export function notAnnounced(archive: string, name: string): HearError {
  return new HearError(
    'source/not-announced',
    `"${name}" of "${archive}" is to be read, but the task does not announce it.`,
    { hint: 'Add a glob that fits it to `reads` of the task.' },
  )
}
