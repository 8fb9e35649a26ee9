import { join } from 'node:path'
import { fileHash, type PreparedClips, type PreparedRecord } from './prepared-record.js'

/** Files read at once. */
const CONCURRENT = 8

/**
 * The clips of a record that are there as recorded, each with the rates at which its file has the recorded hash. Every
 * file is read: a record says what was made, and only the content says that it still is.
 * @param sampleRates the rates that matter; others are left alone and kept in the result as recorded
 */
export async function verifiedClips(
  dir: string,
  recorded: PreparedClips,
  sampleRates: readonly number[],
  onClip: (nDone: number) => void,
  signal: AbortSignal | undefined,
): Promise<PreparedClips> {
  const verified: PreparedClips = new Map()
  const entries = [...recorded]
  let next = 0
  let nDone = 0
  const work = async () => {
    while (next < entries.length) {
      signal?.throwIfAborted()
      const [key, { sha256, warnings }] = entries[next++]
      const kept: Record<string, string> = {}
      for (const [rate, hash] of Object.entries(sha256))
        if (!sampleRates.includes(Number(rate)) || (await fileHash(join(dir, rate, key))) === hash)
          kept[rate] = hash
      verified.set(key, { sha256: kept, warnings })
      onClip(++nDone)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT }, work))
  return verified
}

/** Whether the label files and the metadata are as recorded. */
export async function areFilesVerified(dir: string, { header }: PreparedRecord): Promise<boolean> {
  for (const [name, hash] of Object.entries(header.files))
    if ((await fileHash(join(dir, name))) !== hash) return false
  return true
}

/** Whether clips are there at every one of the rates. */
export function haveRates(clips: PreparedClips, sampleRates: readonly number[]): boolean {
  for (const { sha256 } of clips.values()) if (sampleRates.some((rate) => !(rate in sha256))) return false
  return true
}
