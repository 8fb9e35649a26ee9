import type { PythonFloat, PythonJson } from '../store/python-json.js'

/** One archive (or a bare audio file) to fetch, as HEAR's configurations write it; at least one checksum is known. */
export interface SingleDownload {
  readonly split?: string
  readonly name?: string
  readonly url: string
  readonly md5?: string
  readonly sha256?: string
}

/** A zip in several parts, the last of which holds the directory. */
export interface MultipartDownload {
  readonly split?: string
  readonly name?: string
  readonly multipart_zip_urls: readonly { readonly url: string; readonly md5: string }[]
  readonly zipname: string
}

/**
 * Many single files, as a list names them: lines of `<url> <bytes> <sha256>`, each file under the last part of its
 * address. TensorFlow Datasets keeps such lists.
 */
export interface ListedDownloads {
  readonly split?: string
  readonly name?: string
  readonly list_url: string
  /** Of the list itself. */
  readonly sha256: string
}

/** A folder on this machine, relative to the task file: for tasks of one's own. */
export interface LocalFolder {
  readonly split?: string
  readonly name?: string
  readonly folder: string
}

export type Source = SingleDownload | MultipartDownload | ListedDownloads | LocalFolder

/** Most seconds a split (or every fold) may hold; null for all. */
type DurationLimit = number | PythonFloat | null

/**
 * HEAR's configuration of a task, letter for letter and in HEAR's own key order: with the mode applied it becomes
 * `task_metadata.json`. Whole seconds that Python holds as a float are `pythonFloat(5)`, which writes `5.0`.
 */
export interface TaskConfig {
  readonly [key: string]: PythonJson | undefined
  readonly task_name: string
  readonly version: string
  readonly embedding_type: 'scene' | 'event'
  readonly prediction_type: 'multiclass' | 'multilabel'
  readonly split_mode: 'trainvaltest' | 'new_split_kfold' | 'presplit_kfold'
  readonly nfolds?: number
  /** Seconds that every clip is cut or padded to; null leaves clips as long as they are. */
  readonly sample_duration: number | PythonFloat | null
  /** Metric ids; the first selects the model. */
  readonly evaluation: readonly string[]
  readonly default_mode: string
  readonly split_percentage?: Readonly<Record<string, number>>
  readonly max_task_duration_by_split?: Readonly<Record<string, DurationLimit>>
  readonly max_task_duration_by_fold?: DurationLimit
}

/** One row of a task's metadata: a clip and a label of it, or one event of a clip. */
export interface ClipRow {
  /** `<key>/<path within the archive>`, key being `<split>`, `<split>/<name>` or `<name>` of its source. */
  readonly path: string
  readonly label: string | number
  /** The split that the corpus gives; replaced where the task makes its own. */
  readonly split: string
  /** Of an event, from the start of the clip, in milliseconds. */
  readonly startMs?: number
  readonly endMs?: number
  /** Name of the clip without its suffix; the file's own unless given. No two files may share one. */
  readonly fileStem?: string
  /** Clips with the same key never part when splits are made; the file stem unless given. */
  readonly splitKey?: string
  /** The clip is only this piece of the file, in samples at the file's own rate. */
  readonly cut?: { readonly startSample: number; readonly nSamples: number }
}

/** What a task sees of its sources. Paths are `<key>/<path within the archive>`, with `/` on every system. */
export interface SourceFiles {
  /** Every file, archive by archive in the order of the task's sources, sorted by code point within each. */
  readonly paths: readonly string[]
  has(path: string): boolean
  /** @throws HearError for a file that is not there, or was not announced in `reads` */
  text(path: string): Promise<string>
  bytes(path: string): Promise<Uint8Array>
  /** The whole file as mono samples within [-1, 1], channels averaged, at its own rate. */
  audio(path: string): Promise<{ readonly sampleRate: number; readonly samples: Float32Array }>
}

/** Clips listed in a table: the whole of a simple task as data. Columns are named as in the table's first line. */
export interface TableOfClips {
  /** Path of the CSV, `<key>/<path>`; a name that ends in .tsv or .txt is separated by tabs. */
  readonly table: string
  /** Column of the audio file's path, and the folder it counts from (the table's own unless given). */
  readonly file: string
  readonly folder?: string
  readonly label: string
  readonly split?: string
  /** What the table's splits are called here, where the names differ: `{ "val": "valid" }`. */
  readonly splitNames?: Readonly<Record<string, string>>
  readonly splitKey?: string
  /** Columns of an event's start and end, and their unit. */
  readonly start?: string
  readonly end?: string
  readonly timeUnit?: 'seconds' | 'milliseconds'
}

/** A task: HEAR's configuration, where its audio comes from, and how its files become clips with labels. */
export interface TaskDefinition {
  /** One line for people. */
  readonly about: string
  /** Licence of the audio, and the paper or page to cite. */
  readonly licence: string
  readonly citation: string
  /** Labels in the vocabulary of the whole corpus, where that is known. */
  readonly nLabels?: number
  readonly config: TaskConfig
  /** What each mode changes in the configuration: the mode's keys replace the base's or are added at the end. */
  readonly modes: Readonly<Record<string, Readonly<Partial<TaskConfig>>>>
  /** Where the audio is taken from and why the clips are still HEAR's, where HEAR itself took it from elsewhere. */
  readonly sourceNote?: string
  /** Sources by mode, where the configuration itself names none (`download_urls`): TensorFlow Datasets, local folders. */
  readonly sources?: Readonly<Record<string, readonly Source[]>>
  /**
   * Which files `clips` reads, as globs over paths (`*` within a folder, `**` across): an archive that can be read
   * only from end to end hands them over in the pass that lists it. The table of `clips` is read without being named.
   */
  readonly reads?: readonly string[]
  readonly clips:
    | TableOfClips
    | ((
        files: SourceFiles,
        config: TaskConfig,
        mode: string,
      ) => readonly ClipRow[] | Promise<readonly ClipRow[]>)
}
