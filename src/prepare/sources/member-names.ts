import { HearError } from '../../base/errors.js'
import { RATIO_JUDGED_BYTES, type SourceLimits } from './limits.js'

/** A file within an archive. */
export interface Member {
  /** Path within the archive, with `/` between its parts; letters as the archive has them (NFC, NFD). */
  readonly name: string
  readonly sizeBytes: number
}

/**
 * Collects the members of an archive while its directory is read, and refuses what an honest archive does not
 * hold. Names that differ only in case are two members: nothing is written under a member's own name.
 */
export class MemberNames {
  readonly members: Member[] = []
  private readonly names = new Set<string>()
  private unpackedBytes = 0

  /** @param archiveBytes size of the archive itself */
  constructor(
    private readonly archive: string,
    private readonly archiveBytes: number,
    private readonly limits: SourceLimits,
  ) {}

  /** @throws HearError for a name that leads out of the archive or comes twice, and for a zip bomb */
  add(rawName: string, sizeBytes: number): Member {
    const member = { name: memberPath(rawName, this.archive), sizeBytes }
    if (this.names.has(member.name))
      throw new HearError(
        'source/duplicate-member',
        `"${this.archive}" holds "${member.name}" twice; expected every name once.`,
        { hint: 'Which of the two is meant cannot be known: pack the archive again.' },
      )
    this.names.add(member.name)
    this.members.push(member)
    this.unpackedBytes += sizeBytes
    this.refuseBomb()
    return member
  }

  private refuseBomb(): void {
    const { limits, unpackedBytes } = this
    const ratio = unpackedBytes / Math.max(1, this.archiveBytes)
    const excess =
      this.members.length > limits.nMembers
        ? `holds more than ${limits.nMembers} members`
        : !(unpackedBytes <= limits.unpackedBytes)
          ? `unpacks to more than ${limits.unpackedBytes} bytes`
          : unpackedBytes > RATIO_JUDGED_BYTES && ratio > limits.unpackedRatio
            ? `unpacks to more than ${limits.unpackedRatio} times its ${this.archiveBytes} bytes`
            : undefined
    if (excess !== undefined)
      throw new HearError('source/too-large', `"${this.archive}" ${excess}: it looks like a zip bomb.`, {
        hint: 'If the archive is honest, unpack it yourself and give the folder as the source of the task.',
      })
  }
}

/**
 * The path of a member without `.` parts and doubled slashes.
 *
 * @throws HearError for a name that is absolute, leads upwards, has a drive letter, a backslash or a NUL, or is
 * empty
 */
export function memberPath(name: string, archive: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  const flaw = name.startsWith('/')
    ? 'an absolute path'
    : parts.includes('..')
      ? 'a path that leads upwards'
      : /^[a-z]:/i.test(parts[0] ?? '')
        ? 'a path with a drive letter'
        : name.includes('\\')
          ? 'a name with a backslash'
          : name.includes('\0')
            ? 'a name with a NUL character'
            : parts.length === 0
              ? 'an empty name'
              : undefined
  if (flaw === undefined) return parts.join('/')
  throw new HearError(
    'source/bad-member-name',
    `"${archive}" holds ${JSON.stringify(name)}: ${flaw}; expected a path within the archive, with "/" between folders.`,
    { hint: 'Do not trust this archive; if it is your own, pack it again.' },
  )
}

/** The refusal of a member that is no plain file: `what` is a link, a device, an encrypted file. */
export function refusedMember(archive: string, name: string, what: string): HearError {
  return new HearError(
    'source/refused-member',
    `"${archive}" holds ${JSON.stringify(name)}, ${what}; expected plain files and folders.`,
    { hint: 'Pack the archive again with plain files in its place.' },
  )
}
