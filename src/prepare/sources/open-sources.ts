import { resolve } from 'node:path'
import { HearError } from '../../base/errors.js'
import { readText } from '../../store/json-file.js'
import { compareCodePoints } from '../../store/label-files.js'
import type { Source, SourceFiles } from '../../tasks/task.js'
import type { Archive, UseMember, VisitOptions } from './archive.js'
import { type ArchiveAddress, type FetchedArchive, type FetchOptions, fetchArchive } from './fetch-archive.js'
import { archiveFileName } from './file-name.js'
import { matchesAny } from './globs.js'
import { SOURCE_LIMITS } from './limits.js'
import { type ListedFile, openListedFiles, parseListedFiles } from './listed-files.js'
import { openLocalFolder } from './local-folder.js'
import { openArchive, openSplitArchive } from './open-archive.js'
import { RunningJobs } from './running-jobs.js'
import { notAnnounced } from './sequential-archive.js'

export interface OpenSourcesOptions extends FetchOptions {
  /** Folder that local folders count from: that of the task file. */
  readonly baseDir?: string
  /** Globs over paths: which files the task reads in whole. */
  readonly reads: readonly string[]
  /** Downloads at once, over all sources; 3 unless given. */
  readonly connections?: number
  /** Decodes a recording; `name` is for messages and the suffix. */
  readonly decodeAudio: (
    name: string,
    bytes: Uint8Array,
  ) => Promise<{ readonly sampleRate: number; readonly samples: Float32Array }>
}

/** The files of all sources of a task. */
export interface OpenSources extends SourceFiles {
  /** Bytes of a file when unpacked. */
  sizeBytes(path: string): number
  /**
   * Visits files in the cheapest order, archive by archive, without unpacking anything to the disk.
   *
   * @throws HearError for a path that is not there and for damage; whatever `use` throws
   */
  visit(paths: ReadonlySet<string>, use: UseMember, options?: Partial<VisitOptions>): Promise<void>
  close(): Promise<void>
}

interface OpenSource {
  readonly key: string
  readonly archive: Archive
}

const CONNECTIONS = 3

/** The folder that a source's files appear in: `<split>`, `<split>/<name>` or `<name>`. */
export function sourceKey(source: Source): string {
  const parts = [source.split, source.name].filter((part) => part !== undefined)
  if (parts.length > 0 && parts.every((part) => /^[^/\\\0]+$/.test(part) && part !== '.' && part !== '..'))
    return parts.join('/')
  throw new HearError(
    'source/bad-key',
    `A source has the split ${JSON.stringify(source.split)} and the name ${JSON.stringify(source.name)}; expected one of them at least, without slashes.`,
    { hint: 'Correct the source in the task.' },
  )
}

/**
 * Gets all sources of a task onto this machine, checks them, and opens them.
 *
 * @throws HearError for an archive that cannot be had or read, and for a path that two sources give; the reason of
 * the signal
 */
export async function openSources(
  sources: readonly Source[],
  options: OpenSourcesOptions,
): Promise<OpenSources> {
  const isRead = matchesAny(options.reads)
  const archives = await fetchAll(sources.flatMap(addressesOf), options)
  const listed = await readLists(sources, archives)
  const fetched = new Map([...archives, ...(await fetchAll([...listed.values()].flat(), options))])
  const open: OpenSource[] = []
  try {
    for (const source of sources) open.push(await openSource(source, fetched, listed, isRead, options))
    return sourceFiles(open, isRead, options)
  } catch (error) {
    for (const { archive } of open) await archive.close()
    throw error
  }
}

/** By URL: two sources may name the same archive. */
type Fetched = ReadonlyMap<string, FetchedArchive>
type Listed = ReadonlyMap<string, readonly ListedFile[]>

/** @returns what the addresses gave, by URL */
async function fetchAll(addresses: readonly ArchiveAddress[], options: OpenSourcesOptions): Promise<Fetched> {
  const fetched = new Map<string, FetchedArchive>()
  // The first failure stops the other downloads; what came of them is kept.
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const jobs = new RunningJobs(options.connections ?? CONNECTIONS)
  try {
    for (const address of new Map(addresses.map((one) => [one.url, one])).values())
      await jobs.start(async () => {
        try {
          fetched.set(address.url, await fetchArchive(address, { ...options, signal }))
        } catch (error) {
          failed.abort(error)
          throw error
        }
      })
  } finally {
    await jobs.finish()
  }
  return fetched
}

/** What the lists among the sources name, by the URL of the list. */
async function readLists(sources: readonly Source[], fetched: Fetched): Promise<Listed> {
  const listed = new Map<string, readonly ListedFile[]>()
  for (const source of sources) {
    if (!('list_url' in source)) continue
    const { path, fileName } = fetched.get(source.list_url) as FetchedArchive
    listed.set(source.list_url, parseListedFiles(await readText(path), fileName))
  }
  return listed
}

function addressesOf(source: Source): readonly ArchiveAddress[] {
  if ('folder' in source) return []
  if ('multipart_zip_urls' in source) return source.multipart_zip_urls
  return 'list_url' in source ? [{ url: source.list_url, sha256: source.sha256 }] : [source]
}

async function openSource(
  source: Source,
  fetched: Fetched,
  listed: Listed,
  isRead: (path: string) => boolean,
  options: OpenSourcesOptions,
): Promise<OpenSource> {
  const key = sourceKey(source)
  const limits = { ...SOURCE_LIMITS, ...options.limits }
  const given = (url: string) => fetched.get(url) as FetchedArchive
  if ('folder' in source)
    return { key, archive: await openLocalFolder(resolve(options.baseDir ?? '', source.folder), limits) }
  if ('multipart_zip_urls' in source) {
    const parts = source.multipart_zip_urls.map(({ url }) => given(url))
    return { key, archive: await openSplitArchive(parts, source.zipname, limits) }
  }
  if ('list_url' in source) {
    const files = listed.get(source.list_url) as readonly ListedFile[]
    return { key, archive: openListedFiles(files, given, archiveFileName(source.list_url), limits) }
  }
  const file = archiveFileName(source.url)
  const onListed = (bytes: number, totalBytes: number) =>
    options.onProgress?.({ kind: 'list', file, bytes, totalBytes })
  const ours = (name: string) => isRead(`${key}/${name}`)
  const { signal } = options
  return { key, archive: await openArchive(given(source.url), { isRead: ours, limits, onListed, signal }) }
}

interface Place {
  readonly source: OpenSource
  readonly name: string
  readonly sizeBytes: number
}

function sourceFiles(
  open: readonly OpenSource[],
  isRead: (path: string) => boolean,
  options: OpenSourcesOptions,
): OpenSources {
  const places = new Map<string, Place>()
  for (const source of open) {
    const byName = [...source.archive.members].sort((a, b) => compareCodePoints(a.name, b.name))
    for (const { name, sizeBytes } of byName) {
      const path = `${source.key}/${name}`
      if (places.has(path))
        throw new HearError('source/duplicate-path', `Two sources of the task hold "${path}".`, {
          hint: 'Give the sources different names.',
        })
      places.set(path, { source, name, sizeBytes })
    }
  }
  const placeOf = (path: string): Place => {
    const place = places.get(path)
    if (place !== undefined) return place
    throw new HearError('source/no-such-file', `The sources of the task hold no "${path}".`, {
      hint: 'Check that they are the archives that the task was written for.',
    })
  }
  const bytes = async (path: string) => {
    const { source, name } = placeOf(path)
    if (!isRead(path)) throw notAnnounced(source.key, name)
    return source.archive.read(name)
  }
  return {
    paths: [...places.keys()],
    has: (path) => places.has(path),
    sizeBytes: (path) => placeOf(path).sizeBytes,
    bytes,
    async text(path) {
      const content = await bytes(path)
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(content)
      } catch (cause) {
        throw new HearError('source/not-text', `"${path}" is no UTF-8 text.`, {
          hint: 'Check that it is the table that the task means.',
          cause,
        })
      }
    },
    audio: async (path) => options.decodeAudio(path, await bytes(path)),
    async visit(paths, use, { concurrency = 1, signal = options.signal } = {}) {
      const wanted = new Map<OpenSource, Map<string, string>>()
      for (const path of paths) {
        const { source, name } = placeOf(path)
        const names = wanted.get(source) ?? new Map<string, string>()
        wanted.set(source, names.set(name, path))
      }
      for (const source of open) {
        const names = wanted.get(source)
        if (names === undefined) continue
        const useHere: UseMember = (name, member) => use(names.get(name) as string, member)
        await source.archive.visit(new Set(names.keys()), useHere, { concurrency, signal })
      }
    },
    async close() {
      for (const { archive } of open) await archive.close()
    },
  }
}
