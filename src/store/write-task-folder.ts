import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { type AtomicFolder, createAtomicFolder } from './atomic.js'
import { withFileErrors } from './file-errors.js'
import {
  isEvent,
  type Label,
  labelText,
  type SplitLabels,
  splitJsonText,
  vocabularyCsvText,
} from './label-files.js'
import { type PythonJson, pythonJsonText } from './python-json.js'

/** `task_metadata.json`: the task's configuration in its own key order; these keys name the folder and its splits. */
export interface TaskMetadata {
  readonly [key: string]: PythonJson
  readonly task_name: string
  readonly version: string
  readonly mode: string
  readonly splits: readonly string[]
}

export interface TaskFolderOptions {
  /** Replace a task folder of the same name whose metadata differs; without it, that is refused. */
  readonly overwrite?: boolean
  readonly signal?: AbortSignal
}

export interface TaskFolderLabels {
  readonly vocabulary: readonly Label[]
  readonly splits: ReadonlyMap<string, SplitLabels>
}

const METADATA_FILE = 'task_metadata.json'
const VOCABULARY_FILE = 'labelvocabulary.csv'

/** The name of a task's folder: `<task_name>-<version>-<mode>`. */
export function taskFolderName(metadata: Pick<TaskMetadata, 'task_name' | 'version' | 'mode'>): string {
  return `${metadata.task_name}-${metadata.version}-${metadata.mode}`
}

/** What the files of a task folder beside its audio hold, by name: vocabulary, labels of each split, metadata last. */
export function taskFolderTexts(metadata: TaskMetadata, labels: TaskFolderLabels): Map<string, string> {
  const texts = new Map([[VOCABULARY_FILE, vocabularyCsvText(labels.vocabulary)]])
  for (const split of metadata.splits) texts.set(`${split}.json`, splitJsonText(labels.splits.get(split)!))
  return texts.set(METADATA_FILE, pythonJsonText(metadata))
}

/**
 * Writes a task folder in hear-preprocess's layout, so that it is there whole or not at all: everything goes
 * into a hidden temporary sibling, renamed by `finish`. A step that fails, or an abort of the signal, removes
 * it. Whole after a crash of the program; after a loss of power the disk may still hold back clips, for
 * flushing thousands of small files one by one would take minutes.
 *
 * Writing the same task again replaces its folder, and keeps the sample rates that only the old one had.
 */
export class TaskFolderWriter {
  /** Names of the clips written so far, by sample rate, then by split. */
  private readonly clips = new Map<number, Map<string, Set<string>>>()

  private constructor(
    /** Where the folder will be. */
    readonly path: string,
    private readonly metadata: TaskMetadata,
    private readonly folder: AtomicFolder,
    private readonly options: TaskFolderOptions,
  ) {}

  /**
   * Opens the temporary sibling of `<parentDir>/<task_name>-<version>-<mode>`.
   * @throws HearError when that place is taken by other metadata (unless `overwrite`) or by no task folder
   */
  static async create(
    parentDir: string,
    metadata: TaskMetadata,
    options: TaskFolderOptions = {},
  ): Promise<TaskFolderWriter> {
    options.signal?.throwIfAborted()
    const path = join(parentDir, taskFolderName(metadata))
    const existing = await existingMetadataText(path)
    if (existing !== undefined && existing !== pythonJsonText(metadata) && options.overwrite !== true)
      throw new HearError(
        'store/task-folder-differs',
        `"${path}" already holds a task folder whose ${METADATA_FILE} differs from the one to be written.`,
        { hint: 'Choose another folder, or ask for it to be overwritten.' },
      )
    return new TaskFolderWriter(path, metadata, await createAtomicFolder(path), options)
  }

  /**
   * Writes one clip to `<sampleRate>/<split>/<fileName>`.
   * @param bytes the whole wav file
   * @throws HearError for an unknown split, a name that is not a plain `.wav` file name or comes twice, and
   *   when the disk refuses
   */
  async addClip(sampleRate: number, split: string, fileName: string, bytes: Uint8Array): Promise<void> {
    await this.orAbort(async () => {
      if (!this.metadata.splits.includes(split))
        throw this.inconsistent(`the split "${split}" of "${fileName}" is not in metadata.splits`)
      if (!/^[^/\\]+\.wav$/.test(fileName))
        throw this.inconsistent(`"${fileName}" is not a plain file name ending in .wav`)
      const splits = this.clips.get(sampleRate) ?? new Map<string, Set<string>>()
      this.clips.set(sampleRate, splits)
      const dir = join(this.folder.temporary, String(sampleRate), split)
      await withFileErrors('write', join(this.path, String(sampleRate), split, fileName), async () => {
        if (!splits.has(split)) {
          splits.set(split, new Set())
          await mkdir(dir, { recursive: true })
        }
        if (splits.get(split)!.has(fileName))
          throw this.inconsistent(`"${fileName}" comes twice in ${sampleRate}/${split}`)
        splits.get(split)!.add(fileName)
        await writeFile(join(dir, fileName), bytes)
      })
    })
  }

  /**
   * Writes the vocabulary, the labels and, last, the metadata, and gives the folder its name.
   * @returns the path of the folder
   * @throws HearError when clips and labels do not match one to one at every sample rate, or a label is not
   *   in the vocabulary
   */
  async finish(labels: TaskFolderLabels): Promise<string> {
    await this.orAbort(async () => {
      this.checkConsistent(labels)
      const texts = taskFolderTexts(this.metadata, labels)
      for (const [name, text] of texts)
        await withFileErrors('write', join(this.path, name), () =>
          writeFile(join(this.folder.temporary, name), text),
        )
      await this.keepOtherRates(texts)
      await this.takePlace()
    })
    return this.path
  }

  /** Removes what was written so far; does nothing after `finish`. Never throws. */
  abort(): Promise<void> {
    return this.folder.abort()
  }

  private async orAbort(work: () => Promise<void>): Promise<void> {
    try {
      this.options.signal?.throwIfAborted()
      await work()
    } catch (error) {
      await this.abort()
      throw error
    }
  }

  /** Copies the rates that only the old folder has, where its labels are the same clip for clip. */
  private async keepOtherRates(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, text] of texts) if ((await readIfThere(join(this.path, name))) !== text) return
    const rates = (await readdir(this.path)).filter((name) => /^\d+$/.test(name))
    for (const rate of rates)
      if (!this.clips.has(Number(rate)))
        await withFileErrors('copy', join(this.path, rate), () =>
          cp(join(this.path, rate), join(this.folder.temporary, rate), { recursive: true }),
        )
  }

  private async takePlace(): Promise<void> {
    this.options.signal?.throwIfAborted()
    await replaceTaskFolder(this.folder.temporary, this.path)
  }

  private checkConsistent({ vocabulary, splits }: TaskFolderLabels): void {
    const expected = this.metadata.splits
    if (splits.size !== expected.length || expected.some((split) => !splits.has(split)))
      throw this.inconsistent(
        `expected labels of the splits ${expected.join(', ')}, found ${[...splits.keys()]}`,
      )
    const known = new Set(vocabulary.map(labelText))
    for (const [split, labels] of splits)
      for (const [fileName, ofClip] of labels) {
        for (const item of ofClip) {
          const label = labelText(isEvent(item) ? item.label : item)
          if (!known.has(label))
            throw this.inconsistent(`the label "${label}" of "${fileName}" is not in the vocabulary`)
        }
        for (const [rate, written] of this.clips)
          if (written.get(split)?.has(fileName) !== true)
            throw this.inconsistent(`"${fileName}" has labels in ${split} but no audio at ${rate} Hz`)
      }
    for (const [rate, written] of this.clips)
      for (const [split, fileNames] of written)
        for (const fileName of fileNames)
          if (!splits.get(split)!.has(fileName))
            throw this.inconsistent(`"${fileName}" has audio in ${rate}/${split} but no labels`)
  }

  private inconsistent(what: string): HearError {
    return new HearError('store/task-folder-inconsistent', `In the task folder "${this.path}", ${what}.`, {
      hint: 'Every clip needs labels of the vocabulary, in one split, and audio at every sample rate.',
    })
  }
}

/**
 * Gives a finished folder its name. A folder cannot be renamed over a full one: the task folder that is there steps
 * aside, comes back if that fails, and is removed at the end; one that a crash left aside is removed as well.
 * @throws HearError when what is there is no task folder, or the disk refuses
 */
export async function replaceTaskFolder(finished: string, path: string): Promise<void> {
  const move = () => withFileErrors('make the folder', path, () => rename(finished, path))
  const aside = `${finished}-old`
  const removeAside = () => withFileErrors('remove', aside, () => rm(aside, { recursive: true, force: true }))
  if ((await existingMetadataText(path)) === undefined) {
    await move()
    return removeAside()
  }
  await removeAside()
  await withFileErrors('replace', path, () => rename(path, aside))
  try {
    await move()
  } catch (error) {
    await rename(aside, path)
    throw error
  }
  await removeAside()
}

/** The text of the metadata at `path`; undefined when nothing, or only an empty folder, is there. */
export async function existingMetadataText(path: string): Promise<string | undefined> {
  const entries = await withFileErrors('read', path, () => readdir(path).catch(undefinedIfMissing))
  if (entries === undefined || entries.length === 0) return undefined
  const text = await readIfThere(join(path, METADATA_FILE))
  if (text === undefined)
    throw new HearError(
      'store/not-a-task-folder',
      `A task folder should go to "${path}", but the folder there has no ${METADATA_FILE}: it is something else.`,
      { hint: 'Move it away or choose another folder; hearkit replaces nothing but task folders.' },
    )
  return text
}

async function readIfThere(path: string): Promise<string | undefined> {
  return withFileErrors('read', path, () => readFile(path, 'utf8').catch(undefinedIfMissing))
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
