import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomic } from '../../store/atomic.js'
import { withFileErrors } from '../../store/file-errors.js'
import { readJson } from '../../store/json-file.js'
import { type Digests, FileDigest } from './file-digest.js'

/** What the server said of the file that the partial one is the beginning of. */
const Origin = z.strictObject({
  url: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
})
export type Origin = z.infer<typeof Origin>

/**
 * A file on its way in: `<path>.partial`, with `<path>.partial.json` beside it saying where it comes from. It
 * keeps the checksum of all that it holds, what an earlier program left included, and becomes `path` by `commit`.
 * Only the holder of the file's lock may have one.
 */
export class PartialFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private digest: FileDigest,
    private said: Origin | undefined,
  ) {}

  /** Opens what is there, or begins. @param onBytes hears how much of what is there has been read for its checksum */
  static async open(
    path: string,
    onBytes: (nBytes: number) => void,
    signal?: AbortSignal,
  ): Promise<PartialFile> {
    const name = `${path}.partial`
    return withFileErrors('write', name, async () => {
      const handle = await open(name, 'a+').then(async (made) => {
        // Opened for appending to make it, then for writing anywhere: appending ignores positions.
        await made.close()
        return open(name, 'r+')
      })
      try {
        const digest = new FileDigest()
        await digest.addFile(handle, onBytes, signal)
        const said = await readJson(`${name}.json`, Origin).catch(() => undefined)
        return new PartialFile(path, handle, digest, said)
      } catch (error) {
        await handle.close()
        throw error
      }
    })
  }

  get nBytes(): number {
    return this.digest.nBytes
  }

  /** Where it comes from; undefined when nothing is known. */
  get origin(): Origin | undefined {
    return this.said
  }

  /** Empties it: a new file begins. */
  async restart(origin: Origin | undefined): Promise<void> {
    await withFileErrors('write', `${this.path}.partial`, () => this.handle.truncate(0))
    this.digest = new FileDigest()
    this.said = origin
    if (origin === undefined) await rm(`${this.path}.partial.json`, { force: true })
    else await writeFileAtomic(`${this.path}.partial.json`, `${JSON.stringify(origin)}\n`)
  }

  async append(bytes: Uint8Array): Promise<void> {
    await withFileErrors('write', `${this.path}.partial`, async () => {
      for (let done = 0; done < bytes.byteLength; )
        done += (await this.handle.write(bytes, done, bytes.byteLength - done, this.nBytes + done))
          .bytesWritten
    })
    this.digest.add(bytes)
  }

  /** Of everything that it holds. */
  digests(): Digests {
    return this.digest.digests()
  }

  /** Flushes it and gives it its name. */
  async commit(): Promise<void> {
    await withFileErrors('write', this.path, async () => {
      await this.handle.sync()
      await this.handle.close()
      await rename(`${this.path}.partial`, this.path)
      await rm(`${this.path}.partial.json`, { force: true })
    })
  }

  /** Removes it. */
  async discard(): Promise<void> {
    await this.handle.close()
    await rm(`${this.path}.partial`, { force: true })
    await rm(`${this.path}.partial.json`, { force: true })
  }

  /** Leaves it for the next try. */
  async close(): Promise<void> {
    await this.handle.close()
  }
}
