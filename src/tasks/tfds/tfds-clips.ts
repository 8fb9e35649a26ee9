import { tableRows } from '../table-of-clips.js'
import type { ClipRow, SourceFiles, TaskConfig } from '../task.js'
import { exampleNames, type StoredSplit } from './example-names.js'

/** A split of HEAR's `extract_splits`, by HEAR's name. */
export type ExtractedSplit = 'train' | 'valid' | 'test'

/** A clip in the publisher's own files, under the key that TensorFlow Datasets gives it. */
export interface TfdsExample {
  readonly path: string
  readonly key: string
  readonly label: string
  readonly split: ExtractedSplit
}

/** A corpus that HEAR took from TensorFlow Datasets: how it is stored there, and its examples in the publisher's files. */
export interface TfdsCorpus {
  readonly dataset: string
  readonly splits: Readonly<Partial<Record<ExtractedSplit, StoredSplit>>>
  examples(files: SourceFiles): readonly TfdsExample[]
}

/**
 * The rows of a corpus that HEAR took from TensorFlow Datasets. From HEAR's own form, a table `<split>_labels.csv`
 * beside a folder `audio` for each split (the small archives are such), the files keep their names. From the
 * publisher's files, the clips are named as HEAR's would be, so that the same folds come out.
 *
 * @throws HearError when the files are neither, when a table is bad, and as `exampleNames` does.
 */
export async function tfdsClips(
  corpus: TfdsCorpus,
  files: SourceFiles,
  config: TaskConfig,
  mode: string,
): Promise<ClipRow[]> {
  const splits = Object.keys(corpus.splits) as ExtractedSplit[]
  if (splits.some((split) => files.has(tableOf(split)))) {
    const rows = await Promise.all(splits.map((split) => labelledRows(split, files, config, mode)))
    return rows.flat()
  }
  const examples = corpus.examples(files)
  return splits.flatMap((split) => {
    const own = examples.filter((example) => example.split === split)
    const stored = corpus.splits[split]!
    const stems = exampleNames(
      corpus.dataset,
      stored,
      own.map((example) => example.key),
    )
    return own.map(({ path, key, label }) => ({ path, label, split, fileStem: stems.get(key)! }))
  })
}

/** Globs of the tables that HEAR's own form has. */
export const TFDS_TABLES = ['*/*_labels.csv']

function tableOf(split: ExtractedSplit): string {
  return `${split}/${split}_labels.csv`
}

async function labelledRows(
  split: ExtractedSplit,
  files: SourceFiles,
  config: TaskConfig,
  mode: string,
): Promise<ClipRow[]> {
  const table = { table: tableOf(split), folder: `${split}/audio`, file: 'filename', label: 'label' }
  const rows = await tableRows(table, files, config, mode === 'small')
  return rows.map((row) => ({ ...row, split }))
}
