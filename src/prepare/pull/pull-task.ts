import { readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../../base/errors.js'
import { createAtomicFolder } from '../../store/atomic.js'
import { fileError, withFileErrors } from '../../store/file-errors.js'
import { readBytes } from '../../store/json-file.js'
import { makeFolders } from '../../store/make-folders.js'
import { clipPath, readTaskFolder } from '../../store/task-folder.js'
import { existingMetadataText } from '../../store/write-task-folder.js'
import { type FetchedArchive, type FetchOptions, fetchArchive } from '../sources/fetch-archive.js'
import { withFileLock } from '../sources/file-lock.js'
import { archiveNames, knownMd5, publishedArchive, type WantedArchive } from './archive-addresses.js'
import { extractTask } from './extract-task.js'

export interface PullOptions extends Omit<FetchOptions, 'source'> {
  /** Folder that the task folder goes into. */
  readonly outDir: string
  /** A folder or base URL that holds the archive by name, in place of HEAR's hosts. */
  readonly source?: string
  /** What the archive's checksum must be, where the caller knows it. */
  readonly md5?: string
  /** Clips written, of all. */
  readonly onFile?: (done: number, total: number) => void
}

export interface PulledTask {
  readonly dir: string
  readonly archive: string
  readonly sha256: string
  /** The checksum that the archive was compared with; null where none is known. */
  readonly comparedMd5: string | null
  readonly nClips: number
  /** The rate was there already, the same byte for byte. */
  readonly wasThere: boolean
}

/**
 * Takes one of HEAR's own prepared archives as it is: fetches it, checks it, and unpacks it into `<outDir>/<folder>`.
 * A rate joins a folder that holds others, where metadata, vocabulary and labels agree byte for byte; the folder is
 * never left half-written.
 *
 * @throws HearError as `publishedArchive`, `fetchArchive` and `extractTask` do; when a source holds no such archive;
 *   and for a folder of that name that holds another task, or other audio at the rate
 */
export async function pullTask(wanted: WantedArchive, options: PullOptions): Promise<PulledTask> {
  const fetched = await fetchWanted(wanted, options)
  const dir = join(options.outDir, wanted.folder)
  await makeFolders(options.outDir)
  const lock = join(options.outDir, `.${wanted.folder}.lock`)
  const onWait = () => options.onProgress?.({ kind: 'wait', file: wanted.folder })
  const { nClips, wasThere } = await withFileLock(lock, options, options.signal, onWait, (signal) =>
    place(fetched, wanted, dir, { ...options, signal }),
  )
  const comparedMd5 = expectedMd5(fetched.fileName, options) ?? null
  return { dir, archive: fetched.fileName, sha256: fetched.sha256, comparedMd5, nClips, wasThere }
}

function expectedMd5(fileName: string, { md5 }: PullOptions): string | undefined {
  return md5 ?? knownMd5(fileName)
}

async function fetchWanted(wanted: WantedArchive, options: PullOptions): Promise<FetchedArchive> {
  const { source, md5, ...fetching } = options
  if (source === undefined) {
    const published = publishedArchive(wanted)
    return fetchArchive({ ...published, md5: md5 ?? published.md5 }, fetching)
  }
  const names = archiveNames(wanted)
  if (!/^https?:\/\//i.test(source)) {
    const there = await withFileErrors('read the folder', source, () => readdir(source))
    const name = names.find((candidate) => there.includes(candidate))
    if (name === undefined) throw noSuchArchive(source, names)
    // A folder is read by name; the address stands for where the archive would come from.
    const url = `https://hearbenchmark.com/${name}`
    return fetchArchive({ url, md5: expectedMd5(name, options) }, { ...fetching, source })
  }
  for (const name of names)
    try {
      const url = `${source.replace(/\/+$/, '')}/${name}`
      return await fetchArchive({ url, md5: expectedMd5(name, options) }, fetching)
    } catch (error) {
      if (!(error instanceof HearError) || error.code !== 'source/refused') throw error
    }
  throw noSuchArchive(source, names)
}

async function place(
  fetched: FetchedArchive,
  wanted: WantedArchive,
  dir: string,
  options: PullOptions,
): Promise<{ nClips: number; wasThere: boolean }> {
  const isThere = (await existingMetadataText(dir)) !== undefined
  const unpacked = await createAtomicFolder(dir)
  try {
    const nClips = await extractTask(fetched, wanted, unpacked.temporary, {
      ...options,
      onListed: (bytes, totalBytes) =>
        options.onProgress?.({ kind: 'list', file: fetched.fileName, bytes, totalBytes }),
    })
    options.signal?.throwIfAborted()
    if (!isThere) {
      await unpacked.commit()
      return { nClips, wasThere: false }
    }
    await refuseOtherLabels(unpacked.temporary, dir, wanted)
    const rateDir = join(dir, String(wanted.sampleRate))
    const wasThere = await stat(rateDir).then(
      () => true,
      () => false,
    )
    if (wasThere) await refuseOtherAudio(unpacked.temporary, dir, wanted)
    else
      await withFileErrors('make the folder', rateDir, () =>
        rename(join(unpacked.temporary, String(wanted.sampleRate)), rateDir),
      )
    return { nClips, wasThere }
  } finally {
    await unpacked.abort()
  }
}

/** Rates share one folder only where they are the same clips with the same labels. */
async function refuseOtherLabels(
  pulled: string,
  dir: string,
  { folder, sampleRate }: WantedArchive,
): Promise<void> {
  const texts = (await readdir(pulled)).filter((name) => name !== String(sampleRate)).sort()
  for (const name of texts)
    if (!(await isSame(join(pulled, name), join(dir, name))))
      throw new HearError(
        'pull/labels-differ',
        `"${dir}" holds a task folder whose ${name} differs from that of the archive of ${folder}.`,
        { hint: 'Choose another folder with --out: rates may share one only where all labels agree.' },
      )
}

async function refuseOtherAudio(pulled: string, dir: string, { sampleRate }: WantedArchive): Promise<void> {
  const { splits } = await readTaskFolder(pulled)
  for (const [split, { clips }] of splits)
    for (const clip of clips.keys()) {
      const [ours, theirs] = [pulled, dir].map((root) => clipPath({ dir: root }, sampleRate, split, clip))
      if (!(await isSame(ours, theirs)))
        throw new HearError(
          'pull/audio-differs',
          `"${theirs}" differs from the clip in the archive, or is not there.`,
          {
            hint: `Remove "${join(dir, String(sampleRate))}" to take the archive's audio, or choose another --out.`,
          },
        )
    }
}

/** Whether the second file is there and holds the same bytes as the first. */
async function isSame(pulled: string, existing: string): Promise<boolean> {
  const there = await readFile(existing).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw fileError(error, 'read', existing)
  })
  return there?.equals(await readBytes(pulled)) === true
}

function noSuchArchive(source: string, names: readonly string[]): HearError {
  return new HearError('pull/no-such-archive', `"${source}" holds no archive named ${names.join(', ')}.`, {
    hint: 'Check the task, --mode, --sample-rate and --version against the names that are there.',
  })
}
