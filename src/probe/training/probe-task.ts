import { createHash } from 'node:crypto'
import type { EmbeddingFolder, EmbeddingSplit } from '../../store/embedding-folder.js'
import { rowTargets } from './row-targets.js'
import type { ProbeTask, SplitData } from './split-data.js'

/** What the probe needs of a folder of embeddings. Throws HearError for labels outside the vocabulary. */
export function probeTaskOf(folder: EmbeddingFolder): ProbeTask {
  const { metadata, vocabulary } = folder
  return {
    name: metadata.task_name,
    embeddingType: metadata.embedding_type,
    predictionType: metadata.prediction_type,
    metrics: metadata.evaluation,
    labels: vocabulary,
    splitMode: metadata.split_mode,
    splitNames: metadata.splits,
    splits: new Map([...folder.splits].map(([name, split]) => [name, splitData(split, folder)])),
    scoreDecides: metadata.use_scoring_for_early_stopping ?? true,
    taskSpecificGrid: metadata.evaluation_params?.task_specific_param_grid as ProbeTask['taskSpecificGrid'],
    postprocessingGrid: metadata.evaluation_params?.event_postprocessing_grid,
  }
}

function splitData(split: EmbeddingSplit, { metadata, vocabulary }: EmbeddingFolder): SplitData {
  const { labels } = split
  return {
    name: split.name,
    rows: split.embeddings.rows,
    inputSize: split.embeddings.dim,
    embeddings: split.embeddings.data,
    targets: rowTargets(split, metadata, vocabulary),
    clips: split.clips,
    clipStarts: split.clipStarts,
    timestampsMs: split.timestampsMs,
    events: labels.kind === 'event' ? labels.clips : undefined,
  }
}

/**
 * Hash of everything a score depends on apart from the options: embeddings, rows, targets, events, vocabulary and
 * the task's own settings.
 */
export function hashProbeTask(task: ProbeTask): string {
  const hash = createHash('sha256')
  const { splits, ...settings } = task
  hash.update(JSON.stringify(settings))
  for (const split of splits.values()) {
    const targets = split.targets.kind === 'multiclass' ? split.targets.classIndex : split.targets.hot
    hash.update(JSON.stringify([split.name, split.rows, split.inputSize, split.clips]))
    if (split.events !== undefined) hash.update(JSON.stringify([...split.events]))
    for (const array of [split.embeddings, targets, split.clipStarts, split.timestampsMs])
      if (array !== undefined) for (const part of byteParts(array)) hash.update(part)
  }
  return hash.digest('hex')
}

/** Node hashes at most 2^31 - 1 bytes at a time. */
const HASH_BYTES = 2 ** 28

function* byteParts({ buffer, byteOffset, byteLength }: ArrayBufferView): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += HASH_BYTES)
    yield new Uint8Array(buffer, byteOffset + at, Math.min(HASH_BYTES, byteLength - at))
}
