import { basename, join, resolve } from 'node:path'
import { type ClipLabels, readClipLabels } from './clip-labels.js'
import { readBytes } from './json-file.js'
import { readLabelVocabulary } from './label-vocabulary.js'
import { listSampleRates } from './sample-rates.js'
import { readTaskMetadata, type TaskMetadata } from './task-metadata.js'

/** A task as hear-preprocess writes it: `<task>-<version>-<mode>/`. */
export interface TaskFolder {
  readonly dir: string
  /** Name of the folder, `<task>-<version>-<mode>`. */
  readonly name: string
  readonly metadata: TaskMetadata
  /** Labels by class index. */
  readonly vocabulary: readonly string[]
  /** Labels of every split, in the order of `metadata.splits`. */
  readonly splits: ReadonlyMap<string, ClipLabels>
  /** Rates whose audio is there, in Hz, ascending. */
  readonly sampleRates: readonly number[]
}

/**
 * Reads a task folder: metadata, vocabulary, and the labels of every split. Audio is not touched; whether a
 * clip's file is there shows when it is read.
 *
 * @throws HearError naming the file that is missing or malformed, what was expected and what was found.
 */
export async function readTaskFolder(dir: string): Promise<TaskFolder> {
  const labels = await readTaskLabels(dir)
  const sampleRates = await listSampleRates(dir)
  return { dir, name: basename(resolve(dir)), ...labels, sampleRates }
}

/** What a task folder and an embedding folder have in common: metadata, vocabulary and the labels of the clips. */
export type TaskLabels = Pick<TaskFolder, 'metadata' | 'vocabulary' | 'splits'>

/** Reads `task_metadata.json`, `labelvocabulary.csv` and every `<split>.json` of a folder. */
export async function readTaskLabels(dir: string): Promise<TaskLabels> {
  const metadata = await readTaskMetadata(dir)
  const vocabulary = await readLabelVocabulary(join(dir, 'labelvocabulary.csv'))
  const splits = new Map<string, ClipLabels>()
  for (const split of metadata.splits)
    splits.set(split, await readClipLabels(join(dir, `${split}.json`), metadata, vocabulary))
  return { metadata, vocabulary, splits }
}

/** Where the audio of a clip lies: `<dir>/<rate>/<split>/<clip>`. */
export function clipPath(
  task: Pick<TaskFolder, 'dir'>,
  sampleRate: number,
  split: string,
  clip: string,
): string {
  return join(task.dir, String(sampleRate), split, clip)
}

/** The bytes of a clip's audio file. @throws HearError naming the file when it cannot be read. */
export function readClipBytes(
  task: Pick<TaskFolder, 'dir'>,
  sampleRate: number,
  split: string,
  clip: string,
): Promise<Uint8Array> {
  return readBytes(clipPath(task, sampleRate, split, clip))
}
