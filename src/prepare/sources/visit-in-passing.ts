import type { UseMember, VisitOptions } from './archive.js'
import { gatherBytes } from './member-bytes.js'
import type { Member } from './member-names.js'
import { RunningJobs } from './running-jobs.js'
import { once } from './visit-at-will.js'

/** Members up to this size are gathered and used while the pass goes on; larger ones hold it up. */
const GATHERED_BYTES = 8 * 2 ** 20

/** What happens to a member when a pass comes by; what it leaves of `bytes` is skipped. */
export type OnMember = (member: Member, bytes: AsyncIterable<Uint8Array>) => Promise<void>

/**
 * Visits members of an archive that is read from end to end.
 *
 * @param pass goes through the archive once, calls `onMember` for each wanted member and waits for it, and may end
 * after the last of them
 */
export async function visitInPassing(
  archive: string,
  pass: (onMember: OnMember) => Promise<void>,
  use: UseMember,
  options: VisitOptions,
): Promise<void> {
  const jobs = new RunningJobs(options.concurrency)
  try {
    await pass(async (member, bytes) => {
      options.signal?.throwIfAborted()
      const { name, sizeBytes } = member
      if (sizeBytes <= GATHERED_BYTES && options.concurrency > 1) {
        const whole = await gatherBytes(bytes, archive, member, GATHERED_BYTES)
        await jobs.start(() => use(name, { sizeBytes, stream: once(name, () => only(whole)) }))
      } else {
        await use(name, { sizeBytes, stream: once(name, () => bytes) })
      }
    })
  } finally {
    await jobs.finish()
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
