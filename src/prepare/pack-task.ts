import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Header, type HeaderData, Pax } from 'tar'
import { HearError } from '../base/errors.js'
import { AtomicFile } from '../store/atomic.js'
import { readBytes } from '../store/json-file.js'
import { sortedTexts } from '../store/label-files.js'
import { clipPath, readTaskFolder, type TaskFolder } from '../store/task-folder.js'
import { TASK_METADATA_FILE } from '../store/task-metadata.js'
import { taskFolderName } from '../store/write-task-folder.js'
import { clipsAtRate } from './clips-at-rate.js'

/** The version of hear-preprocess whose archives ours stand beside. */
export const HEAR_ARCHIVE_VERSION = '2021.1.1'

export interface PackOptions {
  /** Hz; all that the folder holds unless given. */
  readonly sampleRates?: readonly number[]
  /** The version in the archives' names; `HEAR_ARCHIVE_VERSION` unless given. */
  readonly version?: string
  readonly signal?: AbortSignal
  /** Clips packed, of those of all rates. */
  readonly onProgress?: (done: number, total: number) => void
}

/** 1980-01-01: tar programs warn of files from 1970. */
const PACKED_AT = new Date(315_532_800_000)
const BLOCK_BYTES = 512
const NAMED_IN_ERRORS = 3

/**
 * The name of HEAR's archive of a task at a rate.
 * Source: hear-preprocess 2021.1.1, pipeline of the archives; TASKS.md of HEAR's facts, common rule 16.
 */
export function archiveName(version: string, folder: string, sampleRate: number): string {
  return `hear-${version}-${folder}-${sampleRate}.tar.gz`
}

/**
 * Packs a task folder into HEAR's archives, one a rate: `<outDir>/hear-<version>-<task folder>-<rate>.tar.gz`, which
 * holds `hear-<version>/tasks/<task folder>/` with the metadata, vocabulary and labels, and that rate's audio. Nothing
 * else of the folder is packed. The same content gives the same bytes (with the same Node, whose zlib compresses):
 * names are sorted, dates, owners and modes fixed. An archive appears when it is whole and replaces one of its name.
 *
 * @returns the paths of the archives, in the order of the rates
 * @throws HearError before anything is written when a rate or a clip is not there, a file at a rate has no labels, or
 *   the folder is not named as its metadata says; and when the disk refuses
 */
export async function packTask(
  taskDir: string,
  outDir: string,
  { sampleRates, version = HEAR_ARCHIVE_VERSION, signal, onProgress }: PackOptions = {},
): Promise<string[]> {
  const task = await readTaskFolder(resolve(taskDir))
  refuseOtherName(task)
  const rates = sampleRates ?? task.sampleRates
  if (rates.length === 0)
    throw cannotPack(task, 'it holds audio at no rate', 'Prepare the task again, with its audio.')
  for (const rate of rates) await refuseIncomplete(task, rate)
  const nClips = [...task.splits.values()].reduce((sum, { clips }) => sum + clips.size, 0)
  let done = 0
  const packed: string[] = []
  for (const rate of rates) {
    const path = join(outDir, archiveName(version, task.name, rate))
    const onClip = () => onProgress?.(++done, nClips * rates.length)
    await writeGzip(path, entries(task, rate, `hear-${version}/tasks/${task.name}`, onClip), signal)
    packed.push(path)
  }
  return packed
}

async function writeGzip(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await AtomicFile.create(path)
  try {
    await pipeline(
      Readable.from(bytes, { objectMode: false }),
      createGzip(),
      async (zipped: AsyncIterable<Uint8Array>) => {
        for await (const chunk of zipped) await file.write(chunk)
      },
      { signal },
    )
    await file.commit()
  } catch (error) {
    await file.abort()
    signal?.throwIfAborted()
    throw error
  }
}

/** The tar, entry by entry: texts first, then the audio under its folders, each by name. */
async function* entries(
  task: TaskFolder,
  rate: number,
  root: string,
  onClip: () => void,
): AsyncGenerator<Uint8Array> {
  const labelFiles = task.metadata.splits.map((split) => `${split}.json`)
  for (const name of sortedTexts([TASK_METADATA_FILE, 'labelvocabulary.csv', ...labelFiles]))
    yield* entry(`${root}/${name}`, await readBytes(join(task.dir, name)))
  yield* entry(`${root}/${rate}/`)
  for (const split of sortedTexts(task.splits.keys())) {
    yield* entry(`${root}/${rate}/${split}/`)
    for (const clip of sortedTexts(task.splits.get(split)!.clips.keys())) {
      yield* entry(`${root}/${rate}/${split}/${clip}`, await readBytes(clipPath(task, rate, split, clip)))
      onClip()
    }
  }
  // Two empty blocks end a tar.
  yield new Uint8Array(2 * BLOCK_BYTES)
}

/** A file, or a folder where there is no content. */
function* entry(path: string, content?: Uint8Array): Generator<Uint8Array> {
  const size = content?.byteLength ?? 0
  const data: HeaderData = {
    path,
    size,
    mode: content === undefined ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    mtime: PACKED_AT,
    type: content === undefined ? 'Directory' : 'File',
  }
  const header = new Header(data)
  header.encode()
  if (header.needPax) yield new Pax({ path, size, mtime: PACKED_AT }).encode()
  yield header.block!
  if (content === undefined || size === 0) return
  yield content
  if (size % BLOCK_BYTES > 0) yield new Uint8Array(BLOCK_BYTES - (size % BLOCK_BYTES))
}

function refuseOtherName(task: TaskFolder): void {
  const { task_name, version, mode } = task.metadata
  const expected = mode === undefined ? undefined : taskFolderName({ task_name, version, mode })
  if (expected === undefined || expected === task.name) return
  throw cannotPack(
    task,
    `its ${TASK_METADATA_FILE} says that the folder is named "${expected}", found "${task.name}"`,
    'Give the folder that name: the archive is named after it.',
  )
}

async function refuseIncomplete(task: TaskFolder, rate: number): Promise<void> {
  if (!task.sampleRates.includes(rate))
    throw cannotPack(
      task,
      `expected audio at ${rate} Hz, found ${task.sampleRates.join(', ') || 'none'}`,
      'Choose among those rates, or prepare the task at this one too.',
    )
  const { missing, extra } = await clipsAtRate(task, rate)
  if (missing.length > 0)
    throw cannotPack(task, `clips have labels and no audio: ${some(missing)}`, 'Prepare the task again.')
  if (extra.length > 0)
    throw cannotPack(
      task,
      `files are there that no label file names: ${some(extra)}`,
      'Remove them: an archive holds the clips of the task and nothing else.',
    )
  // The extended headers of tar are lines.
  const odd = [...task.splits.values()].flatMap(({ clips }) =>
    [...clips.keys()].filter((clip) => /\n/.test(clip)),
  )
  if (odd.length > 0)
    throw cannotPack(
      task,
      `names of clips hold line feeds: ${some(odd.map((name) => JSON.stringify(name)))}`,
      'Rename these clips.',
    )
}

function cannotPack(task: TaskFolder, flaw: string, hint: string): HearError {
  return new HearError('prepare/cannot-pack', `Cannot pack "${task.dir}": ${flaw}.`, { hint })
}

/** The first few of a list, and how many there are beside. */
function some(names: readonly string[]): string {
  const more = names.length - NAMED_IN_ERRORS
  return `${names.slice(0, NAMED_IN_ERRORS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
