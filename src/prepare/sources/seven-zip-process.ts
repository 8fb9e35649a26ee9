import { Worker } from 'node:worker_threads'
import { HearError } from '../../base/errors.js'

/** What the worker thread is started with. */
export interface SevenZipJob {
  readonly path: string
  /** Members to unpack; without them the archive is listed. */
  readonly names: readonly string[] | undefined
  /** Over shared memory: bytes that were sent and not yet read. */
  readonly unreadBytes: Int32Array
}

export type SevenZipMessage =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'end'
      /** 0 when all went well; undefined when 7-Zip broke down. */
      readonly code: number | undefined
      readonly output: string
      readonly errors: string
    }

/** What 7-Zip prints when it lists an archive in full. @throws HearError with 7-Zip's own words */
export async function listBySevenZip(path: string, archive: string, signal?: AbortSignal): Promise<string> {
  let listing = ''
  for await (const message of runSevenZip(path, archive, undefined, signal))
    if (message.kind === 'end') listing = message.output
  return listing
}

/**
 * The bytes of the named members, one after the other in the archive's order. They come as they are unpacked, and
 * 7-Zip waits while nobody takes them: nothing is written to the disk, and a solid archive is passed through once.
 *
 * @throws HearError with 7-Zip's own words when it meets damage
 */
export async function* unpackBySevenZip(
  path: string,
  archive: string,
  names: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const message of runSevenZip(path, archive, names, signal))
    if (message.kind === 'bytes') yield message.bytes
}

/** 7-Zip works without a pause, so it has a thread of its own, which ends with the loop over its messages. */
async function* runSevenZip(
  path: string,
  archive: string,
  names: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<SevenZipMessage> {
  signal?.throwIfAborted()
  const unreadBytes = new Int32Array(new SharedArrayBuffer(4))
  const job: SevenZipJob = { path, names, unreadBytes }
  const worker = new Worker(new URL('./seven-zip-worker.js', import.meta.url), { workerData: job })
  const messages: SevenZipMessage[] = []
  let wake = () => {}
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown) => {
    failure ??= { error }
    wake()
  }
  const onAbort = () => fail(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  worker.on('message', (message: SevenZipMessage) => {
    messages.push(message)
    wake()
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`the thread of 7-Zip ended with ${code}`)))
  try {
    for (;;) {
      const message = messages.shift()
      if (message === undefined) {
        if (failure !== undefined) throw failure.error
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if (message.kind === 'bytes') {
        yield message
        Atomics.sub(unreadBytes, 0, message.bytes.byteLength)
        Atomics.notify(unreadBytes, 0)
        continue
      }
      if (message.code !== 0) throw refusal(archive, message.errors)
      yield message
      return
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

function refusal(archive: string, errors: string): HearError {
  const words = errors.replace(/\s+/g, ' ').trim().slice(0, 300)
  const encrypted = /password|encrypt/i.test(words)
  return new HearError(
    'source/bad-archive',
    `"${archive}" cannot be read; 7-Zip says: ${words === '' ? 'nothing' : words}.`,
    {
      hint: encrypted
        ? 'Encrypted archives are not read: unpack it yourself and give the folder as the source of the task.'
        : 'Get the archive again, and give its md5 checksum in the task.',
    },
  )
}
