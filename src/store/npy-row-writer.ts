import { HearError } from '../base/errors.js'
import { AtomicFile } from './atomic.js'
import { formatNpyHeader } from './npy-header.js'

/** Bytes collected before a write, so that rows of a few kB do not become a system call each. */
const BUFFER_BYTES = 4 * 2 ** 20

/**
 * Streams float32 rows of one length into an .npy file that appears under its name only when it is whole. The
 * number of rows need not be known before: the header has a fixed size and is patched at the end.
 */
export class NpyRowWriter {
  /** Rows appended so far. */
  rows = 0
  private readonly pending = new Uint8Array(BUFFER_BYTES)
  private pendingBytes = 0

  private constructor(
    private readonly file: AtomicFile,
    readonly dim: number,
  ) {}

  /**
   * @param dim length of every row, at least 1.
   * @throws HearError naming the file when it cannot be written.
   */
  static async create(path: string, dim: number): Promise<NpyRowWriter> {
    if (!Number.isInteger(dim) || dim < 1) throw new Error(`a row of ${dim} elements`)
    const file = await AtomicFile.create(path)
    await file.write(formatNpyHeader(0, dim))
    return new NpyRowWriter(file, dim)
  }

  /** Appends row-major values [n, dim], n of 0 or more. The values are copied: the caller may reuse the array. */
  async append(values: Float32Array): Promise<void> {
    if (values.length % this.dim !== 0)
      throw new HearError(
        'store/npy-row',
        `"${this.file.path}" takes rows of ${this.dim} values; found ${values.length} values, which is no whole number of rows.`,
      )
    this.rows += values.length / this.dim
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    if (this.pendingBytes + bytes.length > BUFFER_BYTES) await this.flush()
    if (bytes.length > BUFFER_BYTES) return this.file.write(bytes)
    this.pending.set(bytes, this.pendingBytes)
    this.pendingBytes += bytes.length
  }

  /** Writes what is left and the final header, and flushes the file to the disk under its temporary name. */
  async seal(): Promise<void> {
    await this.flush()
    await this.file.write(formatNpyHeader(this.rows, this.dim), 0)
    await this.file.seal()
  }

  /** Gives the sealed file its name. */
  publish(): Promise<void> {
    return this.file.publish()
  }

  /** Seals and publishes. */
  async finish(): Promise<void> {
    await this.seal()
    await this.publish()
  }

  /** Removes the temporary file; does nothing after `publish`. Never throws. */
  abort(): Promise<void> {
    return this.file.abort()
  }

  private async flush(): Promise<void> {
    if (this.pendingBytes === 0) return
    const bytes = this.pending.subarray(0, this.pendingBytes)
    this.pendingBytes = 0
    await this.file.write(bytes)
  }
}
