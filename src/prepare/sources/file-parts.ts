import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { RandomAccessReader } from 'yauzl'

/** A stretch of a file, or bytes that are in no file. */
export type Part = { readonly path: string; readonly sizeBytes: number } | { readonly bytes: Uint8Array }

const READ_BYTES = 2 ** 17

/** Several files read as if they were one. Files are opened for each reading and closed after it. */
export class PartsReader extends RandomAccessReader {
  constructor(private readonly parts: readonly Part[]) {
    super()
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.range(start, end), { objectMode: false, highWaterMark: READ_BYTES })
  }

  /** The bytes from `start` up to `end`. */
  async *range(start: number, end: number): AsyncIterable<Uint8Array> {
    let partStart = 0
    for (const part of this.parts) {
      const partEnd = partStart + sizeOf(part)
      const from = Math.max(start, partStart) - partStart
      const to = Math.min(end, partEnd) - partStart
      if (from < to) {
        if ('bytes' in part) yield Buffer.from(part.bytes.subarray(from, to))
        else yield* createReadStream(part.path, { start: from, end: to - 1, highWaterMark: READ_BYTES })
      }
      partStart = partEnd
    }
  }
}

/** Bytes of all parts together. */
export function totalBytes(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + sizeOf(part), 0)
}

/** Up to `nBytes` from the beginning of a file. */
export async function readBeginning(path: string, nBytes: number): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(nBytes), 0, nBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function sizeOf(part: Part): number {
  return 'bytes' in part ? part.bytes.byteLength : part.sizeBytes
}
