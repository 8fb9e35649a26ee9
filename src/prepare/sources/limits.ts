/** What a source may ask of this machine; archives come from strangers. */
export interface SourceLimits {
  /** Largest archive that is downloaded, in bytes. */
  readonly archiveBytes: number
  /** Most bytes that the members of one archive may hold when unpacked. */
  readonly unpackedBytes: number
  /**
   * Most times its own size that an archive may unpack to; judged only beyond 1 GiB, since silence and tables
   * compress well.
   */
  readonly unpackedRatio: number
  readonly nMembers: number
  /** Largest member that is read into memory (tables, annotations, recordings to be cut), in bytes. */
  readonly readBytes: number
}

/** Room for the largest corpora of HEAR (MAESTRO: 101 GB in one zip, NSynth: 300,000 members) several times over. */
export const SOURCE_LIMITS: SourceLimits = {
  archiveBytes: 512 * 2 ** 30,
  unpackedBytes: 2 * 2 ** 40,
  // 16-bit recordings shrink to a half or a third; a bomb unpacks to thousands of times its size.
  unpackedRatio: 250,
  nMembers: 4_000_000,
  readBytes: 2 ** 30,
}

/** Where `unpackedRatio` begins to be judged, in bytes. */
export const RATIO_JUDGED_BYTES = 2 ** 30
