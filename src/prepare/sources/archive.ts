import type { Member } from './member-names.js'

/** A member while it is visited. */
export interface OpenMember {
  readonly sizeBytes: number
  /**
   * The member's bytes, once; leaving off before the end is cheap. @throws HearError naming archive and member when
   * they are damaged
   */
  stream(): AsyncIterable<Uint8Array>
}

/** What a visitor does with a member; it is waited for, and its failure ends the visit. */
export type UseMember = (name: string, member: OpenMember) => Promise<void>

export interface VisitOptions {
  /** How many members may be in use at once. */
  readonly concurrency: number
  readonly signal?: AbortSignal
}

/** An archive, a folder or a bare file, whose members are read in place: nothing is unpacked to the disk. */
export interface Archive {
  /** As the archive has them; folders are not listed. */
  readonly members: readonly Member[]
  /** Visits the named members in the cheapest order. @throws HearError for a name that is not there */
  visit(names: ReadonlySet<string>, use: UseMember, options: VisitOptions): Promise<void>
  /** The whole of one member. Of an archive that is read only from end to end: of one that was announced. */
  read(name: string): Promise<Uint8Array>
  close(): Promise<void>
}
