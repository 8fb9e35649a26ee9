import { stat } from 'node:fs/promises'
import { HearError } from '../../base/errors.js'
import type { Archive } from './archive.js'
import type { FetchedArchive } from './fetch-archive.js'
import { readBeginning } from './file-parts.js'
import { htmlTitle } from './html-title.js'
import { KeptMembers } from './kept-members.js'
import type { SourceLimits } from './limits.js'
import { openLooseFiles } from './loose-files.js'
import { memberPath } from './member-names.js'
import { openSequence } from './sequential-archive.js'
import { readSevenZip } from './seven-zip.js'
import { joinSplitZip } from './split-zip.js'
import { readTar } from './tar.js'
import { openZip } from './zip.js'

export interface OpenArchiveOptions {
  /** Which members a task reads in whole; an archive that is read from end to end keeps them aside. */
  readonly isRead: (name: string) => boolean
  readonly limits: SourceLimits
  readonly onListed?: (bytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

type Format = 'zip' | 'gzip' | 'tar' | '7z' | 'rar' | 'other'

/** The formats that end in these; what ends in another suffix is a file in its own right. */
const FORMAT_OF_SUFFIX: readonly (readonly [RegExp, Format])[] = [
  [/\.zip$/i, 'zip'],
  [/\.(tar\.gz|tgz)$/i, 'gzip'],
  [/\.tar$/i, 'tar'],
  [/\.7z$/i, '7z'],
  [/\.rar$/i, 'rar'],
]

/** Archives that hear does not read; without this they would pass for recordings. */
const UNKNOWN_ARCHIVE =
  /\.(gz|bz2|tbz2?|xz|txz|zst|tzst|lzma|lz4|Z|ace|arj|cab|iso|dmg|z\d{2,3}|r\d{2}|part\d+\.rar|00\d)$/i

const HEAD_BYTES = 4096

/**
 * Opens an archive by its content: zip, tar, tar.gz, 7z or rar; a file whose name promises none of them is taken for
 * a recording or table in its own right.
 *
 * @throws HearError for a file that is not what its name says, for archives of other kinds, and as `openZip`,
 * `readTar` and `readSevenZip` do
 */
export async function openArchive(fetched: FetchedArchive, options: OpenArchiveOptions): Promise<Archive> {
  const { path, fileName } = fetched
  const { limits, isRead, signal } = options
  const head = await readBeginning(path, HEAD_BYTES)
  const format = formatOf(head)
  const { size: sizeBytes } = await stat(path)
  const promised = FORMAT_OF_SUFFIX.find(([suffix]) => suffix.test(fileName))?.[1]
  if (promised === undefined) {
    if (format === 'other' && !UNKNOWN_ARCHIVE.test(fileName)) {
      refusePage(fileName, head)
      return openLooseFiles(
        fileName,
        [{ name: memberPath(fileName, fileName), sizeBytes }],
        () => path,
        limits,
      )
    }
    throw notAnArchive(
      fileName,
      'a suffix of zip, tar, tar.gz, tgz, 7z or rar, or a recording',
      describe(format),
    )
  }
  if (format !== promised && !isOldTar(promised, format, head)) {
    refusePage(fileName, head)
    throw notAnArchive(fileName, describe(promised), describe(format))
  }
  if (promised === 'zip') return openZip([{ path, sizeBytes }], fileName, limits)
  const sequence =
    promised === 'tar' || promised === 'gzip'
      ? readTar(path, fileName, promised === 'gzip', limits, options.onListed ?? (() => {}), signal)
      : readSevenZip(path, fileName, limits, signal)
  const kept = new KeptMembers(fetched.knownDir, fetched.sha256)
  return openSequence(sequence, fileName, isRead, kept, limits, signal)
}

/** Opens a zip in several files. @param name the name of the whole */
export async function openSplitArchive(
  parts: readonly FetchedArchive[],
  name: string,
  limits: SourceLimits,
): Promise<Archive> {
  const files = []
  for (const { path, fileName } of parts) {
    refusePage(fileName, await readBeginning(path, HEAD_BYTES))
    files.push({ path, fileName, sizeBytes: (await stat(path)).size })
  }
  return openZip(await joinSplitZip(files, name), name, limits)
}

function formatOf(head: Buffer): Format {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte)
  // A zip without members is its end record alone.
  if (starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6)) return 'zip'
  if (starts(0x1f, 0x8b)) return 'gzip'
  if (starts(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)) return '7z'
  if (starts(0x52, 0x61, 0x72, 0x21, 0x1a, 0x07)) return 'rar'
  if (head.toString('latin1', 257, 262) === 'ustar') return 'tar'
  return 'other'
}

/** Tars from before POSIX have no mark of their own; the parser checks the sum of their first header. */
function isOldTar(promised: Format, format: Format, head: Buffer): boolean {
  return promised === 'tar' && format === 'other' && head.byteLength >= 1024 && htmlTitle(head) === undefined
}

function describe(format: Format): string {
  return { zip: 'a zip', gzip: 'a gzip', tar: 'a tar', '7z': 'a 7z', rar: 'a rar', other: 'none of these' }[
    format
  ]
}

function notAnArchive(fileName: string, expected: string, found: string): HearError {
  return new HearError('source/wrong-format', `"${fileName}" is ${found}; expected ${expected}.`, {
    hint: 'Check that the address and its md5 checksum are those of the archive that the task means.',
  })
}

function refusePage(fileName: string, head: Buffer): void {
  const title = htmlTitle(head)
  if (title === undefined || /\.html?$/i.test(fileName)) return
  throw new HearError(
    'source/html',
    `"${fileName}" is a web page${title === '' ? '' : ` ("${title}")`}; expected an archive or a recording.`,
    { hint: 'Open its address in a browser, get the archive by hand, and give its folder with --source.' },
  )
}
