import type { Event, Prepared } from '../metrics/metric.js'
import type { GemmKind } from '../num/gemm/gemm.js'
import type { ScoreMode } from './early-stopping.js'
import type { EventPostprocessing } from './events/frame-events.js'
import type { GridName, GridPoint } from './grid.js'
import type { Interval } from './statistics/recentred-interval.js'
import type { Validation } from './training/train-probe.js'

/** Probes trained of the chosen grid point under hear-2026 where no number is asked for. */
export const DEFAULT_PROBE_SEEDS = 3

/** How an evaluation is run; the same options and data give the same result, bit for bit. */
export interface EvaluationOptions {
  readonly grid: GridName
  /** How many of the grid's cells are tried. */
  readonly gridPoints: number
  readonly seed: number
  readonly gemm: GemmKind | 'auto'
  /** Threads that train at once; does not change any result. */
  readonly workers: number
  readonly signal?: AbortSignal
  /** The time in milliseconds, for the durations in the report. */
  readonly now: () => number
  /** Told from 0 to 1 how much is done, and in words what is being done. */
  readonly onProgress?: (fraction: number, doing: string) => void
}

/** A grid point as it was tried on one split of the data. */
export interface TriedPoint {
  readonly point: GridPoint
  /** Name of the test fold of the split whose validation this is. */
  readonly fold: string
  /** NaN where undefined; -+Infinity where the only validation was (see EarlyStopping). */
  readonly validationScore: number
  readonly bestEpoch: number
  readonly epochsRun: number
  readonly validations: readonly Validation[]
  readonly postprocessing?: EventPostprocessing
  readonly seconds: number
}

/** A tested probe: its figures by heareval's names, and what it said of every row. */
export interface TestedFold {
  /** `test`, or the name of the fold that tested. */
  readonly name: string
  /** Split that was tested. */
  readonly split: string
  /** The probe's seed. */
  readonly seed: number
  /** test_loss, test_score, test_<metric>, its parts, validation_score, epoch, time_in_min; in that order. */
  readonly figures: Readonly<Record<string, number>>
  /** Why a figure is NaN, by the figure's name. */
  readonly undefinedReasons: Readonly<Record<string, string>>
  /** [rows, labels] */
  readonly probabilities: Float32Array
  /** Predictions and targets bound together for resampling, by metric id. */
  readonly prepared: ReadonlyMap<string, Prepared>
  /** Predicted events by clip; event tasks only. */
  readonly events?: ReadonlyMap<string, readonly Event[]>
  readonly epochsRun: number
}

export interface TaskEvaluation {
  readonly tried: readonly TriedPoint[]
  /** Index into `tried` of the grid point that was chosen (the first entry of that point). */
  readonly chosen: number
  readonly mode: ScoreMode
  readonly postprocessing?: EventPostprocessing
  /** Every tested probe: fold after fold, and where there are several probe seeds, seed after seed. */
  readonly folds: readonly TestedFold[]
  /** Means and deviations over folds; only where there are several. */
  readonly aggregated?: Readonly<Record<string, number>>
  /** 95 % interval of the score of each metric, by metric id. */
  readonly intervals: Readonly<Record<string, Interval>>
  /** The library that multiplied the matrices. */
  readonly gemm: string
}
