import type { UseMember, VisitOptions } from './archive.js'
import type { Member } from './member-names.js'
import { RunningJobs } from './running-jobs.js'

/**
 * Visits members of an archive that can be read in any order, several at once.
 *
 * @param members in the order of the visit
 * @param open starts reading one; what it returns is left early by whoever leaves off
 */
export async function visitAtWill<M extends Member>(
  members: readonly M[],
  open: (member: M) => AsyncIterable<Uint8Array>,
  use: UseMember,
  options: VisitOptions,
): Promise<void> {
  const jobs = new RunningJobs(options.concurrency)
  try {
    for (const member of members) {
      options.signal?.throwIfAborted()
      await jobs.start(() =>
        use(member.name, { sizeBytes: member.sizeBytes, stream: once(member.name, () => open(member)) }),
      )
    }
  } finally {
    await jobs.finish()
  }
}

/** A stream that is handed out only once. */
export function once(name: string, open: () => AsyncIterable<Uint8Array>): () => AsyncIterable<Uint8Array> {
  let given = false
  return () => {
    if (given) throw new Error(`the stream of "${name}" was asked for twice`)
    given = true
    return open()
  }
}
