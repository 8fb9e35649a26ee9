import { HearError } from '../../base/errors.js'
import type { Archive } from './archive.js'
import type { ArchiveAddress, FetchedArchive } from './fetch-archive.js'
import { archiveFileName } from './file-name.js'
import type { SourceLimits } from './limits.js'
import { openLooseFiles } from './loose-files.js'
import { MemberNames } from './member-names.js'

/** One file of a list. */
export interface ListedFile extends ArchiveAddress {
  readonly sizeBytes: number
  readonly sha256: string
}

/**
 * Reads a list of files: a line for each, `<url> <bytes> <sha256>`, as TensorFlow Datasets keeps them.
 *
 * @param list its name in messages
 * @throws HearError naming the line that is not so
 */
export function parseListedFiles(text: string, list: string): ListedFile[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return []
    const parts = /^(https?:\S+)\s+(\d{1,15})\s+([0-9a-f]{64})\s*$/i.exec(line)
    if (parts !== null) return [{ url: parts[1], sizeBytes: Number(parts[2]), sha256: parts[3] }]
    const shown = JSON.stringify(line.length > 120 ? `${line.slice(0, 117)}...` : line)
    throw new HearError(
      'source/bad-list',
      `Line ${i + 1} of "${list}" is ${shown}; expected "<url> <bytes> <sha256>".`,
      { hint: 'Check that its address is that of a list of files.' },
    )
  })
}

/** Opens the fetched files of a list as one archive, each under its file name. @throws HearError for a name twice */
export function openListedFiles(
  files: readonly ListedFile[],
  fetched: (url: string) => FetchedArchive,
  list: string,
  limits: SourceLimits,
): Archive {
  const names = new MemberNames(list, Number.POSITIVE_INFINITY, limits)
  const paths = new Map<string, string>()
  for (const { url, sizeBytes } of files) {
    const { name } = names.add(archiveFileName(url), sizeBytes)
    paths.set(name, fetched(url).path)
  }
  return openLooseFiles(list, names.members, (name) => paths.get(name) as string, limits)
}
