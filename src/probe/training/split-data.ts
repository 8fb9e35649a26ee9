import type { ClipTargets, Event } from '../../metrics/metric.js'
import type { PredictionType } from '../net/shape.js'

/**
 * The rows of one split as the probe sees them. Large arrays lie over SharedArrayBuffers, so that every worker
 * reads the same copy.
 */
export interface SplitData {
  readonly name: string
  readonly rows: number
  /** Values per row. */
  readonly inputSize: number
  /** [rows, inputSize] */
  readonly embeddings: Float32Array
  /** classIndex [rows], or hot [rows, labels] */
  readonly targets: ClipTargets
  /** Clips in row order. */
  readonly clips: readonly string[]
  /** [clips + 1]: clip c owns rows clipStarts[c] to clipStarts[c + 1]. */
  readonly clipStarts: Int32Array
  /** [rows] centre of each frame; event tasks only. */
  readonly timestampsMs?: Float64Array
  /** Reference events by clip; event tasks only. */
  readonly events?: ReadonlyMap<string, readonly Event[]>
}

/** Everything that training and scoring need to know of a task. */
export interface ProbeTask {
  readonly name: string
  readonly embeddingType: 'scene' | 'event'
  readonly predictionType: PredictionType
  /** Ids of the metrics, the primary one first. */
  readonly metrics: readonly string[]
  /** The label vocabulary by index. */
  readonly labels: readonly string[]
  readonly splitMode: string
  readonly splitNames: readonly string[]
  readonly splits: ReadonlyMap<string, SplitData>
  /** False: the validation loss decides, as in HEAR's maestro. */
  readonly scoreDecides: boolean
  readonly taskSpecificGrid?: Readonly<Record<string, unknown>>
  readonly postprocessingGrid?: unknown
}
