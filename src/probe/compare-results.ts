/**
 * Two models' results, task by task: what can be compared, how they differ, and what that says about all tasks together.
 */
import type { Figure } from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import type { ClipPrediction } from '../store/predictions.js'
import type { RunJson } from '../store/run-json.js'
import { type RebuildableRun, type RebuiltModel, rebuildPrepared } from './rebuild-prepared.js'
import { comparePaired, type PairedComparison } from './statistics/compare.js'
import { correctPValues } from './statistics/correct-p-values.js'
import { meanScore } from './statistics/resample-runs.js'

/** A model's result on one task, as run.json has it. */
export interface TaskResult {
  readonly dir: string
  readonly run: RebuildableRun & { readonly task: Pick<RunJson['task'], 'name' | 'version' | 'mode'> }
}

/** A task whose results are alike enough to be compared. */
export interface PlannedComparison {
  /** `<task>-<version>-<mode>` */
  readonly task: string
  readonly metric: string
  readonly a: TaskResult
  readonly b: TaskResult
}

export interface NotCompared {
  readonly task: string
  readonly reason: string
}

export interface TaskComparison {
  readonly kind: 'compared'
  readonly task: string
  readonly protocol: string
  readonly metric: string
  readonly maximize: boolean
  readonly scoreA: number
  readonly scoreB: number
  /** Test clips of all folds. */
  readonly clips: number
  readonly paired: Extract<PairedComparison, { kind: 'comparison' }>
}

export type Verdict = 'A better' | 'B better' | 'no difference shown'

export interface JudgedComparison extends TaskComparison {
  /** By Holm, over all tasks that were compared. */
  readonly correctedPValue: number
  readonly verdict: Verdict
}

/** The chance of any false finding among all tasks is at most this. */
export const SIGNIFICANCE = 0.05

/** The name that HEAR gives a task's folder, whatever folder its embeddings came from. */
export function taskKey({ name, version, mode }: Pick<RunJson['task'], 'name' | 'version' | 'mode'>): string {
  return [name, version, ...(mode === null ? [] : [mode])].join('-')
}

/**
 * Pairs two models' results by task, in the order of `a`. A task is left out, with the reason, that only one of them has,
 * or that has several results on one side, or whose results are of different protocols, metrics or vocabularies:
 * scores of different protocols never mix.
 *
 * @param metricId compare by this instead of by each task's primary metric; tasks without it are left out.
 */
export function planComparisons(
  a: readonly TaskResult[],
  b: readonly TaskResult[],
  metricId?: string,
): { readonly planned: PlannedComparison[]; readonly notCompared: NotCompared[] } {
  const [ofA, ofB] = [byTask(a), byTask(b)]
  const planned: PlannedComparison[] = []
  const notCompared: NotCompared[] = []
  for (const task of new Set([...ofA.keys(), ...ofB.keys()])) {
    const [inA, inB] = [ofA.get(task) ?? [], ofB.get(task) ?? []]
    const reason = whyNot(inA, inB, metricId)
    if (reason !== undefined) notCompared.push({ task, reason })
    else planned.push({ task, metric: metricId ?? inA[0].run.task.metrics[0], a: inA[0], b: inB[0] })
  }
  return { planned, notCompared }
}

function byTask(results: readonly TaskResult[]): Map<string, TaskResult[]> {
  const grouped = new Map<string, TaskResult[]>()
  for (const result of results) {
    const key = taskKey(result.run.task)
    grouped.set(key, [...(grouped.get(key) ?? []), result])
  }
  return grouped
}

function whyNot(inA: readonly TaskResult[], inB: readonly TaskResult[], metricId?: string) {
  if (inB.length === 0) return 'only in A'
  if (inA.length === 0) return 'only in B'
  for (const [side, found] of [['A', inA] as const, ['B', inB] as const])
    if (found.length > 1)
      return `${found.length} results in ${side}: ${found.map(({ dir }) => dir).join(', ')}`
  const [runA, runB] = [inA[0].run, inB[0].run]
  const [taskA, taskB] = [runA.task, runB.task]
  if (runA.protocol !== runB.protocol)
    return `protocol ${runA.protocol} in A, ${runB.protocol} in B: protocols never mix`
  if (metricId === undefined && taskA.metrics[0] !== taskB.metrics[0])
    return `scored by ${taskA.metrics[0]} in A, by ${taskB.metrics[0]} in B`
  if (metricId !== undefined)
    for (const [side, task] of [['A', taskA] as const, ['B', taskB] as const])
      if (!task.metrics.includes(metricId)) return `not scored by ${metricId} in ${side}`
  if (JSON.stringify(taskA.classes) !== JSON.stringify(taskB.classes)) return 'other labels in A than in B'
  return undefined
}

/**
 * Compares two results on the same test clips; see comparePaired for the interval and the test. Left out, with the
 * reason: other folds, clips or reference labels in one than in the other; a score or difference that is undefined.
 *
 * @param options `seed` decides the resampling of this task alone, so that a task's comparison does not depend on which
 *   other tasks there are.
 * @throws HearError as rebuildPrepared for predictions that do not give the recorded score, and `probe/resampling`.
 */
export function compareTask(
  { task, metric, a, b }: PlannedComparison,
  predictionsA: readonly ClipPrediction[],
  predictionsB: readonly ClipPrediction[],
  options: { readonly resamples: number; readonly seed: number },
): TaskComparison | (NotCompared & { readonly kind: 'not compared' }) {
  const left = (reason: string) => ({ kind: 'not compared' as const, task, reason })
  const modelA = rebuildPrepared(a.run, predictionsA, a.dir, metric)
  const modelB = rebuildPrepared(b.run, predictionsB, b.dir, metric)
  const unlike = otherClips(modelA, modelB) ?? otherLabels(predictionsA, predictionsB)
  if (unlike !== undefined) return left(unlike)
  const { maximize } = metricById(metric)
  const seed = `${options.seed}/${task}/${metric}`
  const paired = comparePaired({ a: modelA, b: modelB, maximize, seed, resamples: options.resamples })
  if (paired.kind === 'undefined') return left(paired.reason)
  return {
    kind: 'compared',
    task,
    protocol: a.run.protocol,
    metric,
    maximize,
    scoreA: definedValue(meanScore(modelA.runs)),
    scoreB: definedValue(meanScore(modelB.runs)),
    clips: modelA.unitNames.reduce((sum, names) => sum + names.length, 0),
    paired,
  }
}

function otherClips(a: RebuiltModel, b: RebuiltModel): string | undefined {
  if (a.foldNames.join() !== b.foldNames.join())
    return `tested on ${a.foldNames.join(', ')} in A, on ${b.foldNames.join(', ')} in B`
  const missing = (from: RebuiltModel, other: RebuiltModel) => {
    const there = other.unitNames.map((names) => new Set(names))
    return from.unitNames.flatMap((names, fold) => names.filter((name) => !there[fold].has(name)))
  }
  const [onlyA, onlyB] = [missing(a, b), missing(b, a)]
  if (onlyA.length + onlyB.length === 0) return undefined
  const example = onlyA.length > 0 ? `"${onlyA[0]}" only in A` : `"${onlyB[0]}" only in B`
  return `other test clips: ${onlyA.length} only in A, ${onlyB.length} only in B (${example})`
}

function otherLabels(a: readonly ClipPrediction[], b: readonly ClipPrediction[]): string | undefined {
  const key = ({ split, clip }: ClipPrediction) => `${split}/${clip}`
  const text = ({ labels }: ClipPrediction) =>
    JSON.stringify((labels as unknown[]).map((label) => JSON.stringify(label)).sort())
  const ofB = new Map(b.map((prediction) => [key(prediction), text(prediction)]))
  const other = a.find((prediction) => ofB.get(key(prediction)) !== text(prediction))
  return other === undefined
    ? undefined
    : `other reference labels, of the clip "${other.clip}" among others: two versions of the task`
}

/** A comparison is there only where both scores are. */
function definedValue(figure: Figure): number {
  if (figure.kind === 'value') return figure.value
  throw new Error(`compared models whose score is undefined: ${figure.reason}`)
}

/**
 * Corrects the p-values of all tasks that were compared, and puts the outcome into words. A model is better where both
 * hold: the corrected p-value is at most SIGNIFICANCE, and the interval of the effect leaves 0 out. The sign flips of an
 * accuracy know nothing of other probe seeds, and the shifted bootstrap is rough where clips are few and differences skewed;
 * asking for both keeps the promise of the p-values and errs to the cautious side. Otherwise no difference was shown, which
 * is not to say that there is none.
 */
export function judge(comparisons: readonly TaskComparison[]): JudgedComparison[] {
  const corrected = correctPValues(
    comparisons.map(({ paired }) => paired.pValue),
    'holm',
  )
  return comparisons.map((comparison, i) => ({
    ...comparison,
    correctedPValue: corrected[i],
    verdict: corrected[i] > SIGNIFICANCE ? 'no difference shown' : sideOf(comparison.paired.interval),
  }))
}

function sideOf({ low, high }: { readonly low: number; readonly high: number }): Verdict {
  if (low > 0) return 'A better'
  return high < 0 ? 'B better' : 'no difference shown'
}
