/** The engine of the metrics that rank rows by score, one class at a time, and average over the classes. */
import { checkClipInput, targetHot } from './clip-input.js'
import {
  type ClipMetricInput,
  type Hear2021Outcome,
  type MetricResult,
  type Prepared,
  totalWeight,
  type UnitWeights,
} from './metric.js'
import { type Ranking, rankByClass } from './ranking.js'

/** What a ranking metric adds to the engine. */
export interface RankedRule {
  /** Score of class c, perhaps infinite, or undefined where the rows that count do not allow one. */
  scoreOfClass(ranking: Ranking, c: number, weights?: UnitWeights): number | undefined
  /** What a class must have for a score, for the reason of an undefined result. */
  readonly needs: string
  /** What heareval puts into the mean for a class without a score. */
  readonly hear2021Absent: number
  /** What heareval makes of a ValueError of scikit-learn with this message. */
  hear2021Invalid(message: string): Hear2021Outcome
}

/**
 * Mean over classes of a score by class, prepared for weighting by row.
 *
 * predictions [rows, classes]. Undefined, with a reason that names the classes: a class that lacks what it needs in the
 * whole data, whatever the weights; an infinite score; no rows; NaN or infinite predictions. A class that lacks it
 * only under these weights (a bootstrap resample) is left out of the mean and named in `leftOutClasses`; where every
 * class does, the result is undefined. Throws HearError as checkClipInput does.
 */
export function prepareMacroMean(input: ClipMetricInput, rule: RankedRule): Prepared {
  checkClipInput(input)
  const { rows, classes } = input
  const invalid = firstNonFinite(input)
  if (invalid !== undefined) {
    const hear2021 = rule.hear2021Invalid(invalid.message)
    return fixedResult(rows, { kind: 'undefined', reason: invalid.reason, hear2021 })
  }
  const ranking = rankByClass(input.predictions, targetHot(input), rows, classes)
  const classIndices = Array.from({ length: classes }, (_, c) => c)
  const scoresUnder = (weights?: UnitWeights) =>
    classIndices.map((c) => rule.scoreOfClass(ranking, c, weights))
  const fullScores = scoresUnder()
  const absent = classIndices.filter((c) => fullScores[c] === undefined)

  return {
    units: rows,
    evaluate(weights) {
      if (totalWeight(weights, rows) === 0) {
        const message = `Found array with 0 sample(s) (shape=(0, ${classes})) while a minimum of 1 is required.`
        return {
          kind: 'undefined',
          reason: 'there are no rows to score',
          hear2021: rule.hear2021Invalid(message),
        }
      }
      const scores = weights ? scoresUnder(weights) : fullScores
      const undefinedBecause = (reason: string): MetricResult => {
        const hear2021 = mean(scores.map((score) => score ?? rule.hear2021Absent))
        return { kind: 'undefined', reason, hear2021 }
      }
      if (absent.length > 0)
        return undefinedBecause(`${nameClasses(absent, input.labels)} without ${rule.needs}`)
      const scored = classIndices.filter((c) => scores[c] !== undefined)
      if (scored.length === 0) return undefinedBecause(`no class of this resample has ${rule.needs}`)
      const infinite = scored.filter((c) => !Number.isFinite(scores[c]))
      if (infinite.length > 0)
        return undefinedBecause(`${nameClasses(infinite, input.labels)} with an infinite score`)
      const value = mean(scored.map((c) => scores[c] as number))
      if (scored.length === classes) return { kind: 'value', value }
      const leftOutClasses = classIndices.filter((c) => scores[c] === undefined)
      return { kind: 'value', value, leftOutClasses }
    },
  }
}

function fixedResult(units: number, result: MetricResult): Prepared {
  return {
    units,
    evaluate(weights) {
      totalWeight(weights, units)
      return result
    },
  }
}

/** The first prediction that cannot be ranked, and scikit-learn's message about it (NaN goes before infinity). */
function firstNonFinite(input: ClipMetricInput): { reason: string; message: string } | undefined {
  const { predictions, classes, labels } = input
  const first = predictions.findIndex((value) => !Number.isFinite(value))
  if (first < 0) return undefined
  const dtype = predictions instanceof Float32Array ? 'float32' : 'float64'
  const where = `row ${Math.floor(first / classes)}, ${nameClasses([first % classes], labels)}`
  return {
    reason: `the prediction for ${where} is ${predictions[first]}`,
    message: predictions.some(Number.isNaN)
      ? 'Input contains NaN.'
      : `Input contains infinity or a value too large for dtype('${dtype}').`,
  }
}

const NAMED_AT_MOST = 5

function nameClasses(indices: readonly number[], labels: readonly string[] | undefined): string {
  const names = indices.slice(0, NAMED_AT_MOST).map((c) => (labels ? `${labels[c]}` : `${c}`))
  const more = indices.length > names.length ? ` and ${indices.length - names.length} more` : ''
  return `${indices.length === 1 ? 'class' : 'classes'} ${names.join(', ')}${more}`
}

function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
