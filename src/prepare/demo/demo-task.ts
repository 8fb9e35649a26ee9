import {
  isEvent,
  type Label,
  type LabelledEvent,
  type SplitLabels,
  sortedVocabulary,
} from '../../store/label-files.js'
import { pythonFloat } from '../../store/python-json.js'
import type { TaskMetadata } from '../../store/write-task-folder.js'
import type { Canvas } from './canvas.js'

export const DEMO_SPLITS = ['train', 'valid', 'test'] as const
export type DemoSplit = (typeof DEMO_SPLITS)[number]

/** One clip, planned: everything is decided but the sample rate. */
export interface DemoClip {
  readonly split: DemoSplit
  readonly fileName: string
  /** What must never be in two splits: the instrument, the voice or the recording. */
  readonly source: string
  readonly labels: readonly Label[] | readonly LabelledEvent[]
  /** The audio at a sample rate, with no sample beyond full scale. */
  draw(sampleRate: number): Canvas
}

/** A miniature task, planned: its clips hold what labels and audio there will be. */
export interface DemoTask {
  readonly metadata: TaskMetadata
  readonly vocabulary: readonly Label[]
  readonly clips: readonly DemoClip[]
}

/** What a miniature's configuration says beside what all of them share. */
export interface DemoConfiguration {
  readonly taskName: string
  readonly embeddingType: 'scene' | 'event'
  readonly predictionType: 'multiclass' | 'multilabel'
  readonly sampleDurationSec: number
  readonly evaluation: readonly string[]
  /** Further keys, after the duration. */
  readonly extra?: Readonly<Record<string, number>>
  readonly seed: number
}

/**
 * The metadata of a miniature, in the key order of the real tasks. Name and version are hearkit's own, so that
 * no score of a miniature can pass for one of HEAR's.
 */
export function demoMetadata(configuration: DemoConfiguration): TaskMetadata {
  return {
    task_name: configuration.taskName,
    version: 'hearkit1',
    embedding_type: configuration.embeddingType,
    prediction_type: configuration.predictionType,
    split_mode: 'trainvaltest',
    sample_duration: pythonFloat(configuration.sampleDurationSec),
    ...configuration.extra,
    evaluation: configuration.evaluation,
    download_urls: [],
    default_mode: 'small',
    seed: configuration.seed,
    max_task_duration_by_split: { train: null, valid: null, test: null },
    tmp_dir: '_workdir',
    mode: 'small',
    splits: DEMO_SPLITS,
  }
}

/** The vocabulary of all labels that occur, in HEAR's order. */
export function vocabularyOf(clips: readonly DemoClip[]): Label[] {
  return sortedVocabulary(
    clips.flatMap((clip) => clip.labels.map((item) => (isEvent(item) ? item.label : item))),
  )
}

/** The labels of one split by file name, in the order of the clips. */
export function labelsOfSplit(clips: readonly DemoClip[], split: DemoSplit): SplitLabels {
  const ofSplit = clips.filter((clip) => clip.split === split)
  return new Map(ofSplit.map((clip) => [clip.fileName, clip.labels])) as SplitLabels
}
