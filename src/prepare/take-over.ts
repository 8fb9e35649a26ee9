import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { withFileErrors } from '../store/file-errors.js'
import { existingMetadataText } from '../store/write-task-folder.js'
import {
  type PreparedClips,
  type PreparedHeader,
  type PreparedRecord,
  RECORD_FILE,
  readPreparedRecord,
} from './prepared-record.js'
import { areFilesVerified, haveRates, verifiedClips } from './verify-prepared.js'

export interface TakeOverOptions {
  readonly sampleRates: readonly number[]
  readonly overwrite: boolean
  /** Told how many clips of a folder were read. */
  readonly onClip: (nDone: number, nClips: number) => void
  readonly signal: AbortSignal
}

/** Clips that need not be made. */
export interface TakenOver {
  /** In the finished folder, where there is one of this plan. */
  readonly standing: PreparedClips | undefined
  /** In the folder of an interrupted run. */
  readonly begun: PreparedClips
  /** The finished folder lacks nothing. */
  readonly complete: boolean
}

/**
 * Looks at what earlier runs left, and reads every file of it.
 *
 * @param dir the finished folder, whose record is `existing`
 * @param work the folder of an interrupted run; removed where it is of another plan
 * @throws HearError when `dir` holds a task folder of another plan (unless `overwrite`) or no task folder
 */
export async function takeOver(
  dir: string,
  work: string,
  header: PreparedHeader,
  existing: PreparedRecord | undefined,
  options: TakeOverOptions,
): Promise<TakenOver> {
  let standing: PreparedClips | undefined
  if (existing?.header.plan === header.plan) {
    const verified = await verifyFolder(dir, existing, options)
    if (verified.complete) return { standing: verified.clips, begun: new Map(), complete: true }
    standing = verified.clips
  } else if (!options.overwrite && (await existingMetadataText(dir)) !== undefined)
    throw new HearError(
      'prepare/folder-differs',
      `"${dir}" holds a task folder that is not what would be prepared now${existing ? '' : `: it has no ${RECORD_FILE} that says what its files should be`}.`,
      { hint: 'Choose another folder with --out, or replace it with --overwrite.' },
    )
  const interrupted = await readPreparedRecord(work)
  if (interrupted?.header.plan === header.plan) {
    const asked = await withoutOtherRates(work, interrupted, options.sampleRates)
    const { clips } = await verifyFolder(work, asked, options)
    return { standing, begun: clips, complete: false }
  }
  await withFileErrors('remove', work, () => rm(work, { recursive: true, force: true }))
  return { standing, begun: new Map(), complete: false }
}

/** Removes what an interrupted run made of rates that are not wanted now: nothing would complete them. */
async function withoutOtherRates(
  work: string,
  record: PreparedRecord,
  sampleRates: readonly number[],
): Promise<PreparedRecord> {
  const isOther = (rate: string) => !sampleRates.includes(Number(rate))
  const others = new Set<string>()
  const clips: PreparedClips = new Map()
  for (const [key, { sha256, warnings }] of record.clips) {
    for (const rate of Object.keys(sha256)) if (isOther(rate)) others.add(rate)
    const kept = Object.entries(sha256).filter(([rate]) => !isOther(rate))
    clips.set(key, { sha256: Object.fromEntries(kept), warnings })
  }
  for (const rate of others) {
    const folder = join(work, rate)
    await withFileErrors('remove', folder, () => rm(folder, { recursive: true, force: true }))
  }
  return { ...record, clips }
}

/** The clips of a folder that are as recorded, and whether that is all there should be. */
export async function verifyFolder(
  dir: string,
  record: PreparedRecord,
  { sampleRates, onClip, signal }: Omit<TakeOverOptions, 'overwrite'>,
): Promise<{ clips: PreparedClips; complete: boolean }> {
  const nClips = record.clips.size
  const clips = await verifiedClips(dir, record.clips, sampleRates, (nDone) => onClip(nDone, nClips), signal)
  const expected = Object.values(record.header.summary.clips).reduce((sum, n) => sum + n, 0)
  const complete =
    nClips === expected && haveRates(clips, sampleRates) && (await areFilesVerified(dir, record))
  return { clips, complete }
}
