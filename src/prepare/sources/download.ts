import { HearError } from '../../base/errors.js'
import type { Digests } from './file-digest.js'
import { htmlTitle } from './html-title.js'
import { type HttpAnswer, type HttpGetOptions, httpGet, TransferFailure } from './http-get.js'
import { PartialFile } from './partial-file.js'
import type { SourceEvent } from './source-events.js'
import { type ExpectedDigests, refuseWrongDigests } from './verify-archive.js'

export interface DownloadRequest {
  readonly url: string
  /** Where the file goes. */
  readonly path: string
  /** Its name in messages. */
  readonly fileName: string
  readonly expected: ExpectedDigests
}

export interface DownloadOptions extends HttpGetOptions {
  readonly limitBytes: number
  readonly onProgress?: (event: SourceEvent) => void
}

/** Failures in a row, without a mebibyte more than before, after which a download is given up. */
const MAX_FAILURES = 6
const PROGRESS_BYTES = 2 ** 20
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 60_000
/** A server may ask for more patience than ours. */
const LONGEST_ASKED_WAIT_MS = 600_000

/**
 * Downloads a file to `path`, which appears only when it is whole and its checksums are right. What an earlier try
 * left in `<path>.partial` is continued, and counts for the checksum; where that comes out wrong, all is fetched
 * anew, once. The caller holds the file's lock.
 *
 * @returns the checksums of the file
 * @throws HearError for a wrong checksum (the file is then deleted), a page in place of an archive, a refusal of the
 * server, a file over the limit, and a host that cannot be reached after several tries (what came is then kept).
 */
export async function download(request: DownloadRequest, options: DownloadOptions): Promise<Digests> {
  for (;;) {
    const verify = (bytes: number) =>
      options.onProgress?.({ kind: 'verify', file: request.fileName, bytes, totalBytes: undefined })
    const partial = await PartialFile.open(request.path, verify, options.signal)
    const nResumed = partial.nBytes
    let keep = true
    try {
      // Without a checksum or the server's own mark nothing tells whether the beginning fits the rest.
      const { md5, sha256 } = request.expected
      if (nResumed > 0 && (md5 ?? sha256 ?? conditionOf(partial)) === undefined)
        await partial.restart(undefined)
      await transfer(request, partial, options)
      const digests = partial.digests()
      keep = false
      refuseWrongDigests(request.expected, digests, `"${request.url}"`, partial.nBytes)
      await partial.commit()
      return digests
    } catch (error) {
      const wrong = error instanceof HearError && /^source\/(wrong-checksum|html)/.test(error.code)
      if (keep && !wrong && partial.nBytes > 0) await partial.close()
      else await partial.discard()
      if (!wrong || nResumed === 0) throw error
      const reason = 'what an earlier download left does not fit the rest'
      options.onProgress?.({ kind: 'retry', file: request.fileName, reason, waitMs: 0 })
    }
  }
}

async function transfer(
  request: DownloadRequest,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<void> {
  let mostBytes = partial.nBytes
  for (let nFailures = 0; ; ) {
    try {
      await transferOnce(request, partial, options)
      return
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error
      nFailures = partial.nBytes >= mostBytes + PROGRESS_BYTES ? 1 : nFailures + 1
      mostBytes = Math.max(mostBytes, partial.nBytes)
      if (nFailures === MAX_FAILURES)
        throw new HearError(
          'source/unreachable',
          `Cannot download "${request.url}": ${error.message}; ${MAX_FAILURES} tries failed.`,
          {
            hint: `Run the same command later: it continues after the ${partial.nBytes} bytes that came. Or get the archive elsewhere and give its folder with --source.`,
            cause: error,
          },
        )
      const waitMs = Math.min(
        error.retryAfterMs ?? Math.min(FIRST_WAIT_MS * 2 ** (nFailures - 1), LONGEST_WAIT_MS),
        LONGEST_ASKED_WAIT_MS,
      )
      options.onProgress?.({ kind: 'retry', file: request.fileName, reason: error.message, waitMs })
      await options.sleep(waitMs, options.signal)
    }
  }
}

async function transferOnce(
  request: DownloadRequest,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<void> {
  const start = partial.nBytes
  const headers: Record<string, string> = {}
  if (start > 0) {
    headers.range = `bytes=${start}-`
    const condition = conditionOf(partial)
    if (condition !== undefined) headers['if-range'] = condition
  }
  await httpGet(request.url, headers, options, async (answer) => {
    const totalBytes = await beginningAt(answer, request, partial, options)
    if (totalBytes === 'complete') return
    refuseTooLarge(totalBytes ?? 0)
    for await (const chunk of answer.body) {
      if (partial.nBytes === 0) refusePage(chunk)
      refuseTooLarge(partial.nBytes + chunk.byteLength)
      await partial.append(chunk)
      options.onProgress?.({ kind: 'download', file: request.fileName, bytes: partial.nBytes, totalBytes })
    }
    if (totalBytes !== undefined && partial.nBytes !== totalBytes)
      throw new TransferFailure(`the answer ended after ${partial.nBytes} of ${totalBytes} bytes`)
  })

  function refuseTooLarge(nBytes: number): void {
    if (nBytes <= options.limitBytes) return
    throw new HearError(
      'source/too-large',
      `"${request.url}" gives ${nBytes} bytes or more; expected at most ${options.limitBytes}.`,
      { hint: 'Check the address. A larger archive can be given as a folder with --source.' },
    )
  }

  function refusePage(chunk: Uint8Array): void {
    const title = htmlTitle(chunk)
    if (title === undefined) return
    throw new HearError(
      'source/html',
      `"${request.url}" gave a web page${title === '' ? '' : ` ("${title}")`}; expected the archive "${request.fileName}".`,
      { hint: 'Open the address in a browser, get the archive by hand, and give its folder with --source.' },
    )
  }
}

/**
 * Reads the head of the answer and makes the partial file ready for its body.
 *
 * @returns bytes of the whole file, undefined where the server does not say, `complete` when nothing is missing
 */
async function beginningAt(
  answer: HttpAnswer,
  request: DownloadRequest,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<number | undefined | 'complete'> {
  const { status, headers } = answer
  const start = partial.nBytes
  if (status === 200) {
    const { etag } = headers
    const lastModified = headers['last-modified']
    await partial.restart({ url: request.url, etag, lastModified })
    return asCount(headers['content-length'])
  }
  if (status === 206 && start > 0) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '')
    if (range !== null && Number(range[1]) === start) return asCount(range[2])
    await partial.restart(undefined)
    throw new TransferFailure(`asked for the bytes from ${start}, it answered "${headers['content-range']}"`)
  }
  if (status === 416 && start > 0) {
    const total = /^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')
    if (total !== null && Number(total[1]) === start) return 'complete'
    await partial.restart(undefined)
    throw new TransferFailure(`it has no bytes from ${start} on`)
  }
  if (status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501))
    throw new TransferFailure(`it answered ${status}`, retryAfterMs(headers['retry-after'], options.now()))
  throw new HearError('source/refused', `"${request.url}" answered ${status}; expected the archive.`, {
    hint:
      status === 401 || status === 403
        ? 'The host wants a login: get the archive by hand and give its folder with --source.'
        : 'The file may have moved: get the archive by hand and give its folder with --source.',
  })
}

/** What If-Range may hold: a strong ETag, or else the date. */
function conditionOf(partial: PartialFile): string | undefined {
  const { etag, lastModified } = partial.origin ?? {}
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified
}

function asCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
