import { HearError } from '../base/errors.js'

interface Diagnosis {
  code: string
  what: string
  hint: string
}

const NOT_A_FOLDER: Diagnosis = {
  code: 'not-a-folder',
  what: 'a part of the path is a file, not a folder',
  hint: 'Choose another path, or move the file that is in the way.',
}

const DENIED: Diagnosis = {
  code: 'permission-denied',
  what: 'permission was denied',
  hint: 'Change the permissions of the folder, or choose a folder that you own.',
}

/** What the operating system's error codes mean to the user: the sentence's end and the next step. */
const DIAGNOSES: Readonly<Record<string, Diagnosis>> = {
  ENOENT: { code: 'file-missing', what: 'there is no such file', hint: 'Check the path for a misspelling.' },
  ENOTDIR: NOT_A_FOLDER,
  // What mkdir says when the folder that it is to make is a file.
  EEXIST: NOT_A_FOLDER,
  ENOTEMPTY: {
    code: 'folder-not-empty',
    what: 'there is a folder of that name, and it is not empty',
    hint: 'Choose another path, or remove that folder.',
  },
  EISDIR: { code: 'not-a-file', what: 'it is a folder, not a file', hint: 'Give the path of a file.' },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: {
    code: 'read-only',
    what: 'the file system is read-only',
    hint: 'Choose a folder on a file system that can be written.',
  },
  ENOSPC: {
    code: 'disk-full',
    what: 'the disk is full',
    hint: 'Free some space or choose a folder on another disk, then run the same command again.',
  },
  EDQUOT: {
    code: 'disk-full',
    what: 'your disk quota is used up',
    hint: 'Free some space or choose a folder on another disk, then run the same command again.',
  },
  EFBIG: {
    code: 'disk-full',
    what: 'the file would be larger than the file system or the process may write',
    hint: 'Raise the limit (ulimit -f) or choose a folder on another disk.',
  },
  EMFILE: {
    code: 'too-many-files',
    what: 'too many files are open',
    hint: 'Raise the limit of open files (ulimit -n).',
  },
  ENAMETOOLONG: {
    code: 'name-too-long',
    what: 'the name is longer than the file system allows',
    hint: 'Choose a shorter path.',
  },
}

/**
 * Turns a failure of the operating system into one HearError that names the file and the remedy. A HearError
 * and anything that carries no system error code (a bug) come back as they are.
 *
 * @param doing what was being tried, as it follows "Cannot": `write`, `read`, `make the folder`.
 */
export function fileError(error: unknown, doing: string, path: string): unknown {
  if (error instanceof HearError) return error
  const errno = (error as NodeJS.ErrnoException | null)?.code
  if (typeof errno !== 'string' || !/^E[A-Z0-9]+$/.test(errno)) return error
  const known = DIAGNOSES[errno]
  const code = known === undefined ? 'store/file-failed' : `store/${known.code}`
  return new HearError(code, `Cannot ${doing} "${path}": ${known?.what ?? (error as Error).message}.`, {
    hint: known?.hint ?? 'Check that the disk is healthy and mounted.',
    cause: error,
  })
}

/** Runs `work`, and rethrows its failures as `fileError` words them. */
export async function withFileErrors<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, doing, path)
  }
}
