import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { writeFileAtomic } from '../store/atomic.js'
import { withFileErrors } from '../store/file-errors.js'
import { replaceTaskFolder } from '../store/write-task-folder.js'
import { type PreparedClips, type PreparedRecord, writePreparedRecord } from './prepared-record.js'

/**
 * Makes the folder of finished clips the task folder: adds its labels and metadata, and gives it its name.
 * @param texts the files of the task folder beside its audio, by name
 */
export async function finishFolder(
  work: string,
  dir: string,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [file, text] of texts)
    await withFileErrors('write', join(dir, file), () => writeFile(join(work, file), text))
  await replaceTaskFolder(work, dir)
}

/**
 * Moves clips into a task folder of the same plan, which lacked them: a new rate at once, other clips one by one. The
 * folder keeps its name all the while, and its record names the clips only when they are there.
 */
export async function mendFolder(
  work: string,
  dir: string,
  texts: ReadonlyMap<string, string>,
  record: PreparedRecord,
): Promise<void> {
  for (const rate of (await namesIn(work)) ?? [])
    if (/^\d+$/.test(rate)) await moveRate(join(work, rate), join(dir, rate))
  for (const [file, text] of texts) await writeFileAtomic(join(dir, file), text)
  await writePreparedRecord(dir, record)
  await withFileErrors('remove', work, () => rm(work, { recursive: true, force: true }))
}

async function moveRate(from: string, to: string): Promise<void> {
  if ((await namesIn(to)) === undefined) return withFileErrors('make the folder', to, () => rename(from, to))
  for (const split of (await namesIn(from)) ?? []) {
    await withFileErrors('make the folder', join(to, split), () =>
      mkdir(join(to, split), { recursive: true }),
    )
    for (const name of (await namesIn(join(from, split))) ?? []) {
      const path = join(to, split, name)
      await withFileErrors('replace', path, () => rename(join(from, split, name), path))
    }
  }
}

/**
 * Refuses a folder with fewer files than clips were written: the file system takes two of their names for one, as those
 * of macOS and Windows do with "A.wav" and "a.wav".
 */
export async function refuseLostClips(dir: string, clips: PreparedClips): Promise<void> {
  const written = new Map<string, number>()
  for (const [key, { sha256 }] of clips)
    for (const rate of Object.keys(sha256)) {
      const folder = join(dir, rate, key.slice(0, key.indexOf('/')))
      written.set(folder, (written.get(folder) ?? 0) + 1)
    }
  for (const [folder, nClips] of written) {
    const nFiles = (await namesIn(folder))?.length ?? 0
    if (nFiles < nClips)
      throw new HearError(
        'prepare/names-collide',
        `${nClips} clips were written to "${folder}", and it holds ${nFiles} files: the file system takes some of their names for the same.`,
        {
          hint: 'Choose a folder with --out on a file system that tells capital from small letters, or give the clips a fileStem each.',
        },
      )
  }
}

/** Names in a folder; undefined where there is none. */
async function namesIn(dir: string): Promise<string[] | undefined> {
  return withFileErrors('read', dir, () =>
    readdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    }),
  )
}
