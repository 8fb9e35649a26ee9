import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { withFileErrors } from './file-errors.js'
import { makeFolders } from './make-folders.js'

/** Largest single write: Node and Linux both stop just below 2 GiB. */
const WRITE_BYTES = 2 ** 30

/**
 * A file that appears under its name only when it is whole: bytes go to a hidden temporary sibling, which
 * `commit` flushes to the disk and renames over `path`. `abort` (after any failure, as often as you like)
 * removes it. The failure of any step is one HearError that names `path`, not the temporary name.
 */
export class AtomicFile {
  private handle: FileHandle | undefined

  private constructor(
    readonly path: string,
    private readonly temporary: string,
    handle: FileHandle,
  ) {
    this.handle = handle
  }

  /** Makes the folder if need be and opens the temporary sibling. */
  static async create(path: string): Promise<AtomicFile> {
    const folder = dirname(path)
    // The name is drawn by the system, so that two programs writing the same path never share a temporary file.
    const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
    await makeFolders(folder)
    return withFileErrors(
      'write',
      path,
      async () => new AtomicFile(path, temporary, await open(temporary, 'wx')),
    )
  }

  /** Writes all of `bytes` at the end, or at `position`. Removes the temporary file when that fails. */
  async write(bytes: Uint8Array, position?: number): Promise<void> {
    const handle = this.opened()
    await this.orAbort(async () => {
      for (let done = 0; done < bytes.byteLength; ) {
        const length = Math.min(WRITE_BYTES, bytes.byteLength - done)
        const at = position === undefined ? null : position + done
        done += (await handle.write(bytes, done, length, at)).bytesWritten
      }
    })
  }

  /** Flushes and closes the temporary file; it keeps its temporary name until `publish`. */
  async seal(): Promise<void> {
    const handle = this.opened()
    await this.orAbort(async () => {
      await handle.sync()
      this.handle = undefined
      await handle.close()
    })
  }

  /** Gives the sealed file its name, replacing what had it. */
  async publish(): Promise<void> {
    await this.orAbort(() => rename(this.temporary, this.path))
  }

  /** Flushes, closes and renames: the file is there, whole. */
  async commit(): Promise<void> {
    await this.seal()
    await this.publish()
  }

  /** Removes the temporary file; does nothing after `publish`. Never throws. */
  async abort(): Promise<void> {
    const handle = this.handle
    this.handle = undefined
    await handle?.close().catch(() => undefined)
    await rm(this.temporary, { force: true }).catch(() => undefined)
  }

  private opened(): FileHandle {
    if (this.handle === undefined) throw new Error(`"${this.path}" is no longer open for writing`)
    return this.handle
  }

  private async orAbort(work: () => Promise<void>): Promise<void> {
    try {
      await withFileErrors('write', this.path, work)
    } catch (error) {
      await this.abort()
      throw error
    }
  }
}

/**
 * Writes a file so that it is either whole or not there (or still the old one). Text is UTF-8.
 *
 * @throws HearError naming the file when the disk is full or the folder cannot be written.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const file = await AtomicFile.create(path)
  await file.write(asBytes(content))
  await file.commit()
}

/**
 * Writes several files of one folder that belong together. All are written under temporary names first; then
 * the last one, the mark of completeness, is removed, the others are renamed in order and the last one comes
 * last. A crash at any point leaves a folder that has no mark, or one that is whole.
 *
 * @param files names and contents; the last is the mark of completeness.
 */
export async function commitFiles(
  dir: string,
  files: readonly (readonly [name: string, content: Uint8Array | string])[],
): Promise<void> {
  const sealed: AtomicFile[] = []
  try {
    for (const [name, content] of files) {
      const file = await AtomicFile.create(join(dir, name))
      sealed.push(file)
      await file.write(asBytes(content))
      await file.seal()
    }
    const mark = sealed[sealed.length - 1].path
    await withFileErrors('replace', mark, () => rm(mark, { force: true }))
    for (const file of sealed) await file.publish()
  } catch (error) {
    for (const file of sealed) await file.abort()
    throw error
  }
}

/** A folder in the making; see `createAtomicFolder`. */
export interface AtomicFolder {
  /** Where to write while it is in the making. */
  readonly temporary: string
  /** Renames it to its name; an empty folder of that name is replaced, any other makes it fail. */
  commit(): Promise<void>
  /** Removes it; does nothing after `commit`. Never throws. */
  abort(): Promise<void>
}

/** Opens a hidden temporary sibling of `dir` that becomes `dir` in one rename when it is whole. */
export async function createAtomicFolder(dir: string): Promise<AtomicFolder> {
  const target = resolve(dir)
  const temporary = await withFileErrors('make the folder', dir, async () => {
    const sibling = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
    await mkdir(dirname(target), { recursive: true })
    // Not mkdtemp: its folders can be read by their owner only, and this one becomes the result.
    await mkdir(sibling)
    return sibling
  })
  const abort = () => rm(temporary, { recursive: true, force: true }).catch(() => undefined)
  return {
    temporary,
    abort,
    async commit() {
      try {
        await withFileErrors('make the folder', dir, () => rename(temporary, target))
      } catch (error) {
        await abort()
        throw error
      }
    },
  }
}

function asBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content
}
