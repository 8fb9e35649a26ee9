import type { PairwiseTask } from './pairwise-task.js'
import { PAIRS_FILE, PAIRWISE_SPLIT, TRIPLETS_FILE } from './pairwise-task.js'
import type { TaskFolder } from './task-folder.js'
import type { TaskMetadata } from './task-metadata.js'

/** What embedding needs of a task, whether a probe is trained on it or its clips are compared in pairs. */
export interface EmbeddableTask extends Pick<TaskFolder, 'dir' | 'name' | 'sampleRates'> {
  readonly metadata: Pick<
    TaskMetadata,
    'task_name' | 'version' | 'mode' | 'embedding_type' | 'sample_duration'
  >
  /** The clips of every split, in the order of its label file. */
  readonly splits: ReadonlyMap<string, { readonly clips: ReadonlyMap<string, unknown> }>
  /** Files that say what the clips stand for, if not `labelvocabulary.csv` and every `<split>.json`. */
  readonly labelFiles?: readonly string[]
}

/** A pairwise task as embedding sees it: one split, whose clips come in the order in which they are compared. */
export function embeddablePairwise(task: PairwiseTask): EmbeddableTask {
  const { dir, name, metadata, sampleRates, clips, comparisons } = task
  return {
    dir,
    name,
    metadata,
    sampleRates,
    splits: new Map([[PAIRWISE_SPLIT, { clips: new Map(clips.map((clip) => [clip, undefined])) }]]),
    labelFiles: [comparisons.kind === 'pairs' ? PAIRS_FILE : TRIPLETS_FILE],
  }
}
