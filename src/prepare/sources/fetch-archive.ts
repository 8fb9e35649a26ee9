import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../../base/errors.js'
import { makeFolders } from '../../store/make-folders.js'
import type { Clock } from './clock.js'
import { download } from './download.js'
import type { Digests } from './file-digest.js'
import { withFileLock } from './file-lock.js'
import { archiveFileName, httpUrl } from './file-name.js'
import { SOURCE_LIMITS, type SourceLimits } from './limits.js'
import type { ProxyFor } from './proxy.js'
import type { SourceEvent } from './source-events.js'
import { stampArchive, verifyArchive } from './verify-archive.js'

/** An archive by its address. Without a checksum its content is whatever the address gives. */
export interface ArchiveAddress {
  readonly url: string
  readonly md5?: string
  readonly sha256?: string
}

export interface FetchOptions extends Clock {
  /** Folder for downloads and what is known of them, shared by all tasks and programs. */
  readonly cacheDir: string
  /** Where archives are taken from in place of their own address: a folder or a base URL that holds them by name. */
  readonly source?: string
  readonly limits?: Partial<SourceLimits>
  /** A connection over which nothing comes for so long is given up; 30 s unless given. */
  readonly stallMs?: number
  readonly proxyFor?: ProxyFor
  readonly signal?: AbortSignal
  readonly onProgress?: (event: SourceEvent) => void
}

/** An archive on this machine whose checksum is right. */
export interface FetchedArchive extends Digests {
  readonly path: string
  readonly fileName: string
  /** The folder of the cache where what is known of the archive is kept. */
  readonly knownDir: string
}

const STALL_MS = 30_000

/**
 * Makes sure that an archive is on this machine and whole: in the folder `source`, where it stays; or in the
 * cache, as `<cacheDir>/<checksum>/<file name>`, downloaded from its address or from the base URL `source`.
 *
 * @throws HearError as `download` and `verifyArchive` do; for a folder that lacks the archive
 */
export async function fetchArchive(address: ArchiveAddress, options: FetchOptions): Promise<FetchedArchive> {
  const fileName = archiveFileName(address.url)
  const expected = { md5: checksum(address, 'md5', 32), sha256: checksum(address, 'sha256', 64) }
  const urlHash = createHash('sha256').update(address.url).digest('hex').slice(0, 32)
  const knownDir = join(options.cacheDir, expected.md5 ?? expected.sha256 ?? `url-${urlHash}`)
  const stampPath = join(knownDir, `${fileName}.verified.json`)
  const verify = (path: string) =>
    verifyArchive(
      path,
      expected,
      stampPath,
      (bytes, totalBytes) => options.onProgress?.({ kind: 'verify', file: fileName, bytes, totalBytes }),
      options.signal,
    )
  await makeFolders(knownDir)
  if (options.source !== undefined && !isUrl(options.source)) {
    const path = join(options.source, fileName)
    await refuseMissing(path, options.source, fileName, address)
    return { path, fileName, knownDir, ...(await verify(path)) }
  }
  const url = options.source === undefined ? address.url : mirrored(options.source, fileName)
  const path = join(knownDir, fileName)
  const onWait = () => options.onProgress?.({ kind: 'wait', file: fileName })
  const digests = await withFileLock(`${path}.lock`, options, options.signal, onWait, async (signal) => {
    if (await isFile(path)) {
      try {
        return await verify(path)
      } catch (error) {
        if (!(error instanceof HearError) || error.code !== 'source/wrong-checksum') throw error
        options.onProgress?.({ kind: 'retry', file: fileName, reason: error.message, waitMs: 0 })
        await rm(path)
      }
    }
    const { archiveBytes } = { ...SOURCE_LIMITS, ...options.limits }
    const stallMs = options.stallMs ?? STALL_MS
    const found = await download(
      { url, path, fileName, expected },
      { ...options, signal, stallMs, limitBytes: archiveBytes },
    )
    await stampArchive(path, found, stampPath)
    return found
  })
  return { path, fileName, knownDir, ...digests }
}

/** A checksum as a stranger's configuration gives it: it becomes the name of a folder. */
function checksum(address: ArchiveAddress, kind: 'md5' | 'sha256', nDigits: number): string | undefined {
  const given = address[kind]
  if (given === undefined) return undefined
  if (given.length === nDigits && /^[0-9a-f]+$/i.test(given)) return given.toLowerCase()
  throw new HearError(
    'source/bad-checksum',
    `The ${kind} checksum of "${address.url}" is ${JSON.stringify(given)}; expected ${nDigits} hexadecimal digits.`,
    { hint: 'Correct it in the task.' },
  )
}

function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source)
}

function mirrored(base: string, fileName: string): string {
  const url = httpUrl(base)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${fileName}`
  return url.href
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function refuseMissing(
  path: string,
  folder: string,
  fileName: string,
  address: ArchiveAddress,
): Promise<void> {
  if (await isFile(path)) return
  const sum =
    address.md5 !== undefined
      ? ` (md5 ${address.md5})`
      : address.sha256 !== undefined
        ? ` (sha256 ${address.sha256})`
        : ''
  throw new HearError('source/missing-archive', `The folder "${folder}" holds no file "${fileName}"${sum}.`, {
    hint: `Put the archive there under that name; it comes from ${address.url}.`,
  })
}
