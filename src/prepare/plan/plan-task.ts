import { HearError } from '../../base/errors.js'
import { type Label, type SplitLabels, sortedVocabulary } from '../../store/label-files.js'
import { pythonNumber } from '../../store/python-json.js'
import type { TaskMetadata } from '../../store/write-task-folder.js'
import type { ClipRow, TaskDefinition } from '../../tasks/task.js'
import { checkLabelCoverage } from './check-label-coverage.js'
import { createSplits } from './create-splits.js'
import { keepExistingFiles } from './keep-existing-files.js'
import { type MetadataRow, metadataRows } from './metadata-rows.js'
import { type ModeMetadata, modeMetadata } from './mode-metadata.js'
import type { PlanWarning } from './plan-warning.js'
import { readLabelsBack } from './read-back.js'
import { shuffleByName, sortRows } from './sort-and-shuffle.js'
import { clipFileName, type LabelledRow, labelShares, labelsOfRows, splitLabels } from './split-labels.js'
import { subsampleSplit } from './subsample.js'
import { trimEvents } from './trim-events.js'

/** A clip of the task: the name of its wav, and the file, or piece of a file, that it is made of. */
export interface PlannedClip {
  readonly fileName: string
  readonly path: string
  readonly cut?: ClipRow['cut']
}

/** Everything about a task folder but its audio. */
export interface TaskPlan {
  readonly metadata: TaskMetadata
  /** The clips of every split, in the order of `<split>.json`. */
  readonly splits: ReadonlyMap<string, readonly PlannedClip[]>
  readonly labels: ReadonlyMap<string, SplitLabels>
  readonly vocabulary: readonly Label[]
  /** Share of each label in the labels or events of a split. */
  readonly labelCounts: ReadonlyMap<string, ReadonlyMap<Label, number>>
  /** The seed whose folds were taken; null for a task that makes none. */
  readonly foldSeed: string | null
  /** hear-preprocess's `process_metadata.csv`: every row of the corpus, in its shuffled order. */
  readonly rows: readonly MetadataRow[]
  readonly warnings: readonly PlanWarning[]
}

/**
 * Decides everything about a task that hear-preprocess decides before it touches audio: splits, which clips are kept,
 * labels, vocabulary and metadata, the same as there for the same rows.
 *
 * @param clips what the task's `clips` gives for its sources in this mode, in any order
 * @param sources tells whether a file is there
 * @throws HearError for rows, splits or labels that hear-preprocess fails on too, naming them; see the steps
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, from `ExtractMetadata.run` to `MetadataVocabulary`.
 */
export function planTask(
  definition: TaskDefinition,
  mode: string,
  clips: readonly ClipRow[],
  sources: { has(path: string): boolean },
): TaskPlan {
  const config = modeMetadata(definition, mode)
  const shuffled = shuffleByName(sortRows(metadataRows(clips, config)), 'postprocess_all_metadata')
  const existing = keepExistingFiles(shuffled, (path) => sources.has(path), config)
  const ofCorpus = checkLabelCoverage(existing.rows, 'in the corpus', config)
  const split = createSplits(existing.rows, config)
  checkRowsOfClips(split.rows, config)
  const ofSplits =
    split.rows === existing.rows ? [] : checkLabelCoverage(split.rows, 'after splitting', config)
  const durationSec = config.sample_duration === null ? null : pythonNumber(config.sample_duration)
  const trimmed =
    config.embedding_type === 'event'
      ? trimEvents(split.rows, durationSec)
      : { rows: split.rows, warnings: [] }

  const { splits, labels } = fillSplits(trimmed.rows, config)
  const kept = [...labels].flatMap(([name, ofSplit]) =>
    labelsOfRows(ofSplit).map((label) => ({ split: name, label })),
  )
  const ofKept =
    kept.length === split.rows.length ? [] : checkLabelCoverage(kept, 'after subsampling', config)
  return {
    metadata: config,
    splits,
    labels,
    vocabulary: sortedVocabulary(kept.map(({ label }) => label)),
    labelCounts: new Map([...labels].map(([name, ofSplit]) => [name, labelShares(ofSplit)])),
    foldSeed: split.foldSeed,
    rows: trimmed.rows,
    warnings: [...existing.warnings, ...ofCorpus, ...ofSplits, ...trimmed.warnings, ...ofKept],
  }
}

/** The clips that every split keeps, and their labels. */
function fillSplits(rows: readonly MetadataRow[], config: ModeMetadata) {
  const labelOf = readLabelsBack(rows)
  const rowsOf = new Map<string, LabelledRow[]>(config.splits.map((split) => [split, []]))
  for (const [i, row] of rows.entries()) rowsOf.get(row.split)!.push({ row, label: labelOf[i] })

  const splits = new Map<string, PlannedClip[]>()
  const labels = new Map<string, SplitLabels>()
  for (const [split, ofSplit] of rowsOf) {
    const kept = subsampleSplit(
      ofSplit.map(({ row }) => row),
      split,
      config,
    )
    if (kept.length === 0)
      throw new HearError('prepare/empty-split', `${config.task_name}: no clip is left for ${split}.`, {
        hint: 'Add clips, or raise the longest duration of the split.',
      })
    const clipOf = new Map(kept.map((row) => [clipFileName(row.fileStem), row]))
    labels.set(
      split,
      splitLabels(
        ofSplit,
        kept.map((row) => row.fileStem),
        config.embedding_type,
      ),
    )
    splits.set(
      split,
      [...labels.get(split)!.keys()].map((fileName) => plannedClip(fileName, clipOf.get(fileName)!)),
    )
  }
  return { splits, labels }
}

function plannedClip(fileName: string, { path, cut }: MetadataRow): PlannedClip {
  return cut === undefined ? { fileName, path } : { fileName, path, cut }
}

/** Rows of one clip are in one split, and are one where a clip has one label. */
function checkRowsOfClips(rows: readonly MetadataRow[], config: ModeMetadata): void {
  const oneLabel = config.embedding_type === 'scene' && config.prediction_type === 'multiclass'
  const firstOf = new Map<string, MetadataRow>()
  for (const row of rows) {
    const first = firstOf.get(row.fileStem)
    if (first === undefined) firstOf.set(row.fileStem, row)
    else if (first.split !== row.split)
      throw new HearError('prepare/two-splits', `"${row.path}" is in ${first.split} and in ${row.split}.`, {
        hint: 'Give all rows of a clip the same split, and the same splitKey.',
      })
    else if (oneLabel)
      throw new HearError(
        'prepare/two-labels',
        `"${row.path}" has the labels "${first.label}" and "${row.label}", and the task is multiclass.`,
        { hint: 'Leave one label for each clip, or make the task multilabel.' },
      )
  }
}
