import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { withFileErrors } from '../../store/file-errors.js'

/** Checksums in hexadecimal. */
export interface Digests {
  readonly md5: string
  readonly sha256: string
}

const READ_BYTES = 2 ** 20

/** The checksums of a file as it grows: MD5, which HEAR's configurations give, and SHA-256. */
export class FileDigest {
  private readonly md5 = createHash('md5')
  private readonly sha256 = createHash('sha256')
  nBytes = 0

  add(bytes: Uint8Array): void {
    this.md5.update(bytes)
    this.sha256.update(bytes)
    this.nBytes += bytes.byteLength
  }

  /** Adds everything that an open file holds. */
  async addFile(handle: FileHandle, onBytes: (nBytes: number) => void, signal?: AbortSignal): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    for (let at = 0; ; ) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, at)
      if (bytesRead === 0) return
      this.add(buffer.subarray(0, bytesRead))
      at += bytesRead
      onBytes(this.nBytes)
    }
  }

  /** Of all that was added so far; more may follow. */
  digests(): Digests {
    return { md5: this.md5.copy().digest('hex'), sha256: this.sha256.copy().digest('hex') }
  }
}

/** The checksums of a whole file. @throws HearError naming the file when it cannot be read */
export async function digestFile(
  path: string,
  onBytes: (nBytes: number) => void,
  signal?: AbortSignal,
): Promise<Digests> {
  return withFileErrors('read', path, async () => {
    const handle = await open(path, 'r')
    try {
      const digest = new FileDigest()
      await digest.addFile(handle, onBytes, signal)
      return digest.digests()
    } finally {
      await handle.close()
    }
  })
}
