import { createReadStream } from 'node:fs'
import { HearError } from '../../base/errors.js'
import { fileError } from '../../store/file-errors.js'
import type { Archive } from './archive.js'
import type { SourceLimits } from './limits.js'
import { checkedBytes, gatherBytes } from './member-bytes.js'
import type { Member } from './member-names.js'
import { visitAtWill } from './visit-at-will.js'
import { noSuchMember, wantedMembers } from './wanted-members.js'

const READ_BYTES = 2 ** 18

/**
 * Opens files of this machine as if they were one archive.
 *
 * @param archive its name in messages
 * @param pathOf where a member lies
 */
export function openLooseFiles(
  archive: string,
  members: readonly Member[],
  pathOf: (name: string) => string,
  limits: SourceLimits,
): Archive {
  const byName = new Map(members.map((member) => [member.name, member]))
  const open = (member: Member) => checkedBytes(fileBytes(pathOf(member.name)), archive, member)
  return {
    members,
    async visit(wanted, use, options) {
      await visitAtWill(wantedMembers(members, wanted, archive), open, use, options)
    },
    async read(name) {
      const member = byName.get(name)
      if (member === undefined) throw noSuchMember(archive, name)
      return gatherBytes(open(member), archive, member, limits.readBytes)
    },
    async close() {},
  }
}

async function* fileBytes(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_BYTES })
  } catch (error) {
    throw error instanceof HearError ? error : fileError(error, 'read', path)
  }
}
