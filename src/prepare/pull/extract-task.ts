import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseWavFormat } from '../../audio/wav-format.js'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'
import { readTaskFolder } from '../../store/task-folder.js'
import { TASK_METADATA_FILE } from '../../store/task-metadata.js'
import { taskFolderName } from '../../store/write-task-folder.js'
import { clipsAtRate } from '../clips-at-rate.js'
import type { FetchedArchive } from '../sources/fetch-archive.js'
import { SOURCE_LIMITS, type SourceLimits } from '../sources/limits.js'
import { gatherBytes } from '../sources/member-bytes.js'
import { openArchive } from '../sources/open-archive.js'
import type { WantedArchive } from './archive-addresses.js'

export interface ExtractOptions {
  readonly limits?: Partial<SourceLimits>
  readonly signal?: AbortSignal
  /** Bytes of the archive that were read while its members were listed. */
  readonly onListed?: (bytes: number, totalBytes: number) => void
  /** Files written, of all. */
  readonly onFile?: (done: number, total: number) => void
}

/** A member that belongs to the task folder: its path there. */
interface Wanted {
  readonly member: string
  readonly path: string
}

/** Files written at once; larger ones one by one. */
const CONCURRENCY = 4
/** `hear-<version>/tasks/<folder>/<path>`; Zenodo's archives begin with `tasks`. */
const MEMBER = /^((?:hear-[^/]+\/)?tasks\/([^/]+))\/(.+)$/
const TEXT_FILE = /^(labelvocabulary\.csv|[^/]+\.json)$/

/**
 * Unpacks one of HEAR's prepared archives into the empty folder `dir`, and checks that it is the task folder that was
 * asked for: the name, metadata, vocabulary and labels, and of every clip a whole wav file at the rate.
 *
 * @returns the number of clips
 * @throws HearError for an archive that is damaged, holds anything else than the files of that folder (links, paths
 *   that lead out, other rates), or a folder that is not as HEAR's are; `dir` is then to be removed
 */
export async function extractTask(
  fetched: FetchedArchive,
  wanted: WantedArchive,
  dir: string,
  { limits: givenLimits, signal, onListed, onFile }: ExtractOptions = {},
): Promise<number> {
  const limits = { ...SOURCE_LIMITS, ...givenLimits }
  const archive = await openArchive(fetched, { isRead: () => false, limits, onListed, signal })
  try {
    const files = new Map<string, string>()
    let root: string | undefined
    for (const { name } of archive.members) {
      const { member, path } = wantedMember(name, root, fetched.fileName, wanted)
      root ??= member.slice(0, -path.length - 1)
      files.set(member, path)
    }
    for (const folder of new Set([...files.values()].map((path) => dirname(path))))
      await withFileErrors('make the folder', join(dir, folder), () =>
        mkdir(join(dir, folder), { recursive: true }),
      )
    let done = 0
    await archive.visit(
      new Set(files.keys()),
      async (name, member) => {
        const path = files.get(name)!
        const bytes = await gatherBytes(
          member.stream(),
          fetched.fileName,
          { name, ...member },
          limits.readBytes,
        )
        if (path.includes('/')) refuseOtherRate(parseWavFormat(bytes, name).sampleRate, name, wanted)
        // Two names that this disk takes for one must not overwrite each other.
        await withFileErrors('write', join(dir, path), () =>
          writeFile(join(dir, path), bytes, { flag: 'wx' }),
        )
        onFile?.(++done, files.size)
      },
      { concurrency: CONCURRENCY, signal },
    )
  } finally {
    await archive.close()
  }
  return checkFolder(dir, wanted, fetched.fileName)
}

function wantedMember(
  name: string,
  root: string | undefined,
  archive: string,
  { folder, sampleRate }: WantedArchive,
): Wanted {
  const found = MEMBER.exec(name)
  const [, ownRoot, ownFolder, path] = found ?? []
  const parts = path?.split('/') ?? []
  const fits =
    ownFolder === folder &&
    (root ?? ownRoot) === ownRoot &&
    (parts.length === 1 ? TEXT_FILE.test(path) : parts.length === 3 && parts[0] === String(sampleRate))
  if (fits) return { member: name, path }
  throw notThatTask(
    archive,
    `it holds "${name}"; expected ${TASK_METADATA_FILE}, labels and ${sampleRate}/<split>/<clip> within tasks/${folder}/`,
  )
}

function refuseOtherRate(found: number, name: string, { sampleRate }: WantedArchive): void {
  if (found === sampleRate) return
  throw new HearError('pull/clip-rate', `"${name}" is sampled at ${found} Hz; expected ${sampleRate} Hz.`, {
    hint: 'The archive is not what its name says: get it elsewhere, or make the task with hear prepare.',
  })
}

async function checkFolder(dir: string, wanted: WantedArchive, archive: string): Promise<number> {
  const task = await readTaskFolder(dir).catch((error: unknown) => {
    if (!(error instanceof HearError)) throw error
    // The folder is a temporary one: the user knows the archive.
    const message = error.message.replaceAll(dir, archive)
    throw new HearError(error.code, message, { hint: error.hint, cause: error })
  })
  const { task_name, version, mode } = task.metadata
  const named = mode === undefined ? wanted.folder : taskFolderName({ task_name, version, mode })
  if (named !== wanted.folder)
    throw notThatTask(archive, `its ${TASK_METADATA_FILE} is that of ${named}; expected ${wanted.folder}`)
  const { missing, extra } = await clipsAtRate(task, wanted.sampleRate)
  if (missing.length > 0)
    throw notThatTask(archive, `clips with labels and no audio: ${missing.length}, such as ${missing[0]}`)
  if (extra.length > 0)
    throw notThatTask(archive, `files that no labels name: ${extra.length}, such as ${extra[0]}`)
  return [...task.splits.values()].reduce((sum, { clips }) => sum + clips.size, 0)
}

function notThatTask(archive: string, flaw: string): HearError {
  return new HearError(
    'pull/not-that-task',
    `"${archive}" is not the task folder that it should be: ${flaw}.`,
    {
      hint: 'Check the task, mode and rate; else get the archive elsewhere, or make the task with hear prepare.',
    },
  )
}
