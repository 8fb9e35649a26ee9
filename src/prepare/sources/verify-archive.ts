import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { HearError } from '../../base/errors.js'
import { writeFileAtomic } from '../../store/atomic.js'
import { withFileErrors } from '../../store/file-errors.js'
import { readJson } from '../../store/json-file.js'
import { type Digests, digestFile } from './file-digest.js'
import { htmlTitle } from './html-title.js'

/** Checksums that a file must have, in hexadecimal; those that are not given are not looked at. */
export interface ExpectedDigests {
  readonly md5?: string
  readonly sha256?: string
}

/** What was found when a file's checksums were last computed in full. */
const Stamp = z.strictObject({
  md5: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  modifiedMs: z.number(),
  samplesSha256: z.string(),
})

const N_SAMPLES = 64
const SAMPLE_BYTES = 2 ** 16

/**
 * Checks a file's checksums. They are computed in full unless `stampPath` tells that they were for a file of the
 * same size, date and samples (64 pieces of 64 KiB, evenly spread: all of a file up to 4 MiB): so a corpus of
 * 100 GB is read once, and a damaged or exchanged file is still noticed. The stamp is written when they are right.
 *
 * @returns the checksums of the file
 * @throws HearError naming the file for a checksum that differs, and when it cannot be read
 */
export async function verifyArchive(
  path: string,
  expected: ExpectedDigests,
  stampPath: string,
  onBytes: (bytes: number, totalBytes: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Digests> {
  const { size, mtimeMs } = await withFileErrors('read', path, () => stat(path))
  const stamp = await readJson(stampPath, Stamp).catch(() => undefined)
  const samplesSha256 = await hashSamples(path, size)
  if (
    stamp?.sizeBytes === size &&
    stamp.modifiedMs === mtimeMs &&
    stamp.samplesSha256 === samplesSha256 &&
    fits(expected, stamp)
  )
    return { md5: stamp.md5, sha256: stamp.sha256 }
  const digests = await digestFile(path, (nBytes) => onBytes(nBytes, size), signal)
  refuseWrongDigests(expected, digests, `"${path}"`, size, await pageTitle(path))
  await stampArchive(path, digests, stampPath)
  return digests
}

/** Writes the stamp that spares `verifyArchive` a second reading. @param digests of the file as it is now */
export async function stampArchive(path: string, digests: Digests, stampPath: string): Promise<void> {
  const { size, mtimeMs } = await withFileErrors('read', path, () => stat(path))
  const stamp: z.infer<typeof Stamp> = {
    md5: digests.md5,
    sha256: digests.sha256,
    sizeBytes: size,
    modifiedMs: mtimeMs,
    samplesSha256: await hashSamples(path, size),
  }
  await writeFileAtomic(stampPath, `${JSON.stringify(stamp, null, 1)}\n`)
}

/** @throws HearError when a checksum is not as expected. @param what the file or address, as it begins the message */
export function refuseWrongDigests(
  expected: ExpectedDigests,
  found: Digests,
  what: string,
  sizeBytes: number,
  page?: string,
): void {
  if (fits(expected, found)) return
  const kind = expected.md5 !== undefined && expected.md5 !== found.md5 ? 'md5' : 'sha256'
  const about = page === undefined ? '' : `; it is a web page${page === '' ? '' : ` ("${page}")`}`
  throw new HearError(
    'source/wrong-checksum',
    `${what} has the ${kind} checksum ${found[kind]} (${sizeBytes} bytes); expected ${expected[kind]}${about}.`,
    {
      hint: 'The file is damaged, or the host has put another in its place: get it again, or elsewhere, and give its folder with --source.',
    },
  )
}

function fits(expected: ExpectedDigests, found: Digests): boolean {
  return (
    (expected.md5 === undefined || expected.md5 === found.md5) &&
    (expected.sha256 === undefined || expected.sha256 === found.sha256)
  )
}

async function hashSamples(path: string, sizeBytes: number): Promise<string> {
  return withFileErrors('read', path, async () => {
    const handle = await open(path, 'r')
    try {
      const hash = createHash('sha256')
      const buffer = Buffer.alloc(SAMPLE_BYTES)
      const step = Math.max(SAMPLE_BYTES, (sizeBytes - SAMPLE_BYTES) / (N_SAMPLES - 1))
      for (let i = 0; i < N_SAMPLES && i * step < sizeBytes; i++) {
        const { bytesRead } = await handle.read(buffer, 0, SAMPLE_BYTES, Math.floor(i * step))
        hash.update(buffer.subarray(0, bytesRead))
      }
      return hash.digest('hex')
    } finally {
      await handle.close()
    }
  })
}

async function pageTitle(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    return htmlTitle(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}
