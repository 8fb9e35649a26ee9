/**
 * What every metric of this room has in common: what goes in, what is prepared once, what comes out.
 */
import { HearError } from '../base/errors.js'

/** A number, always finite, or the reason why there is none. */
export type Figure = { kind: 'value'; value: number } | { kind: 'undefined'; reason: string }

/** What heareval reports where a metric is undefined: a number (perhaps NaN or infinite), or the error it raises. */
export type Hear2021Outcome = number | { error: string }

/**
 * The outcome of a metric. `parts` are further figures by name; a part that is undefined is left out.
 * `leftOutClasses` (macro means under weights only) are the classes without a score in this resample.
 */
export type MetricResult =
  | { kind: 'value'; value: number; parts?: Readonly<Record<string, number>>; leftOutClasses?: number[] }
  | {
      kind: 'undefined'
      reason: string
      hear2021: Hear2021Outcome
      parts?: Readonly<Record<string, number>>
    }

/** How often each unit is counted: bootstrap multiplicities, 0 or more; one per unit. */
export type UnitWeights = ArrayLike<number>

/** Predictions and targets bound together, with everything that does not depend on the weights already done. */
export interface Prepared {
  /** Number of units that may be resampled: rows of a clip metric, clips of an event metric. */
  readonly units: number
  /** Names of the units where they have any: the clips of an event metric. */
  readonly unitNames?: readonly string[]
  /** [units] where the metric is the weighted mean of a figure of each unit, as an accuracy is: those figures. */
  readonly unitScores?: ArrayLike<number>
  /** The metric, every unit counted once, or as often as `weights` says. Throws HearError for unfit weights. */
  evaluate(weights?: UnitWeights): MetricResult
}

export type ClipTargets =
  | { readonly kind: 'multiclass' /** [rows] */; readonly classIndex: Int32Array }
  | { readonly kind: 'multilabel' /** [rows, classes], 0 or 1 */; readonly hot: Uint8Array }

export interface ClipMetricInput {
  /** [rows, classes], row-major: probabilities or logits. */
  readonly predictions: Float32Array | Float64Array
  readonly targets: ClipTargets
  readonly rows: number
  readonly classes: number
  /** [classes] names of the classes, for the sentences of undefined results; indices are used without them. */
  readonly labels?: readonly string[]
}

/** A metric over whole clips. */
export interface ClipMetric {
  readonly id: string
  readonly kind: 'clip'
  readonly maximize: boolean
  /** Lowest and highest score there is. */
  readonly range: readonly [number, number]
  /** The names under which heareval reports this metric's figures, the metric itself first; empty if it has one. */
  readonly parts: readonly string[]
  prepare(input: ClipMetricInput): Prepared
}

/** A sound event as task folders hold it: times in milliseconds. */
export interface Event {
  readonly label: string
  readonly start: number
  readonly end: number
}

export type EventsByClip = ReadonlyMap<string, readonly Event[]>

/** A metric over sound events. The targets are prepared once and scored at every validation of a training run. */
export interface EventMetric {
  readonly id: string
  readonly kind: 'event'
  readonly maximize: boolean
  /** Lowest and highest score there is. */
  readonly range: readonly [number, number]
  /** The names under which heareval reports this metric's figures, the metric itself first. */
  readonly parts: readonly string[]
  prepareTargets(targets: EventsByClip, labels: readonly string[]): PreparedTargets
}

export interface PreparedTargets {
  /** Only the clips that are keys of `predictions` are scored; one unknown to the targets has no reference events. */
  prepare(predictions: EventsByClip): Prepared
}

export type Metric = ClipMetric | EventMetric

/**
 * The number that heareval reports for a result, as protocol hear-2021 needs it: NaN and infinities included.
 *
 * Throws HearError `metrics/hear-2021-raises` where heareval itself stops with an error.
 */
export function hear2021Value(result: MetricResult): number {
  if (result.kind === 'value') return result.value
  if (typeof result.hear2021 === 'number') return result.hear2021
  throw new HearError(
    'metrics/hear-2021-raises',
    `The score is undefined: ${result.reason}; heareval stops here with "${result.hear2021.error}".`,
    { hint: 'Check the predictions and the targets; protocol hear-2026 reports such a score as undefined.' },
  )
}

/**
 * The figures that heareval reports for a metric with parts, in its order, e.g. f_measure, precision, recall;
 * a part that is undefined is NaN there. Empty for a metric with a single figure. Throws as hear2021Value does.
 */
export function hear2021Parts(metric: Metric, result: MetricResult): [name: string, value: number][] {
  return metric.parts.map((name, i) => [
    name,
    i === 0 ? hear2021Value(result) : (result.parts?.[name] ?? NaN),
  ])
}

/** A result as protocol hear-2026 sees it: a finite number or a reason, whatever heareval would have reported. */
export function hear2026Figure(result: MetricResult): Figure {
  if (result.kind === 'value') return { kind: 'value', value: result.value }
  return { kind: 'undefined', reason: result.reason }
}

/**
 * The sum of the weights, or the number of units where there are none. Throws HearError `metrics/weights` unless
 * there is one finite weight of 0 or more for each unit.
 */
export function totalWeight(weights: UnitWeights | undefined, units: number): number {
  if (weights === undefined) return units
  if (weights.length !== units)
    throw new HearError(
      'metrics/weights',
      `Expected one weight for each of ${units} units, found ${weights.length}.`,
      { hint: 'Units are the rows of a clip metric and the clips of an event metric.' },
    )
  let total = 0
  for (let i = 0; i < units; i++) {
    const weight = weights[i]
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new HearError(
        'metrics/weights',
        `Expected a weight of 0 or more for unit ${i}, found ${weight}.`,
        {
          hint: 'A weight is how often a unit is counted.',
        },
      )
    total += weight
  }
  return total
}
