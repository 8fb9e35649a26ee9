/**
 * Test predictions as a result keeps them, bound to a metric again: they can be scored, resampled and compared without
 * the probe that made them.
 */
import { HearError } from '../base/errors.js'
import {
  type ClipMetric,
  type ClipTargets,
  type Event,
  type EventMetric,
  hear2021Value,
  hear2026Figure,
  type Prepared,
} from '../metrics/metric.js'
import { metricById } from '../metrics/registry.js'
import { VocabularyIndex } from '../store/label-vocabulary.js'
import type { ClipPrediction } from '../store/predictions.js'
import type { RunJson } from '../store/run-json.js'
import type { ScoredModel } from './statistics/pair-units.js'

/** What rebuilding reads of run.json. */
export type RebuildableRun = Pick<RunJson, 'protocol' | 'seeds'> & {
  readonly task: Pick<RunJson['task'], 'predictionType' | 'metrics' | 'classes'>
  readonly folds: readonly Pick<RunJson['folds'][number], 'name' | 'seed' | 'figures'>[]
}

/** A model's test predictions, ready to be resampled and compared; the clips of a fold are the same under every seed. */
export interface RebuiltModel extends ScoredModel {
  /** [folds] names of the splits that were tested. */
  readonly foldNames: readonly string[]
  /** [folds][units] */
  readonly unitNames: readonly (readonly string[])[]
}

type ScenePrediction = Extract<ClipPrediction, { probabilities: unknown }>
type EventPrediction = Extract<ClipPrediction, { events: unknown }>

/** Scores are recorded in single precision, so the last of its 24 bits may differ. */
const FLOAT32_ROUNDING = 2 ** -23

/**
 * Binds the predictions of a result to one of its task's metrics, and checks that the score they give is the one that was
 * recorded. Folds and seeds come in the order of run.json, clips in the order of the predictions.
 *
 * Predictions without a seed belong to the run's first seed. Probabilities are taken as the float32 they were.
 *
 * @param where what to call the result in errors: its folder.
 * @param metricId the primary metric unless given.
 * @throws HearError `result/changed` for a score that is not the recorded one, for clips that are missing, there
 *   twice, of no recorded fold, or others under another seed; `result/metric` for a metric that the task does not have or
 *   that needs events where there are probabilities, or the other way round; `task/unknown-label`.
 */
export function rebuildPrepared(
  run: RebuildableRun,
  predictions: readonly ClipPrediction[],
  where: string,
  metricId: string = run.task.metrics[0],
): RebuiltModel {
  if (!run.task.metrics.includes(metricId))
    throw new HearError(
      'result/metric',
      `"${where}" was not scored by ${metricId}; its metrics are ${run.task.metrics.join(', ')}.`,
      { hint: 'Choose one of these.' },
    )
  const metric = metricById(metricId)
  const groups = groupBySeedAndFold(run, predictions, where)
  const seeds = [...new Set(run.folds.map((fold) => fold.seed))]
  const foldNames = run.folds.filter((fold) => fold.seed === seeds[0]).map((fold) => fold.name)
  const unitNames = foldNames.map((name) => groupOf(groups, seeds[0], name, where).map(({ clip }) => clip))
  const runs = seeds.map((seed) =>
    foldNames.map((name, f) => {
      const clips = inOrderOf(unitNames[f], groupOf(groups, seed, name, where), name, where)
      const prepared =
        metric.kind === 'event'
          ? prepareEvents(metric, run, clips, where)
          : prepareRows(metric, run, clips, where)
      checkScore(run, seed, name, metricId, prepared, where)
      return prepared
    }),
  )
  return { runs, unitNames, foldNames }
}

const groupKey = (seed: number, fold: string) => `${seed} ${fold}`

function groupBySeedAndFold(
  run: RebuildableRun,
  predictions: readonly ClipPrediction[],
  where: string,
): Map<string, ClipPrediction[]> {
  const groups = new Map<string, ClipPrediction[]>(
    run.folds.map(({ seed, name }) => [groupKey(seed, name), []]),
  )
  for (const prediction of predictions) {
    const { clip, split, seed = run.seeds[0] } = prediction
    const group = groups.get(groupKey(seed, split))
    if (group === undefined)
      throw changed(
        where,
        `the clip "${clip}" is said to be of the fold ${split} and seed ${seed}, which run.json does not have`,
      )
    group.push(prediction)
  }
  return groups
}

function groupOf(
  groups: ReadonlyMap<string, ClipPrediction[]>,
  seed: number,
  fold: string,
  where: string,
): ClipPrediction[] {
  const group = groups.get(groupKey(seed, fold))
  if (group === undefined || group.length === 0)
    throw changed(where, `there is no prediction for the fold ${fold} under seed ${seed}`)
  return group
}

/** The same clips under every seed, in one order, since a clip is drawn for all seeds at once. */
function inOrderOf(
  names: readonly string[],
  group: readonly ClipPrediction[],
  fold: string,
  where: string,
): ClipPrediction[] {
  const byName = new Map(group.map((prediction) => [prediction.clip, prediction]))
  if (byName.size < group.length) {
    const twice = group.find(({ clip }, i) => group.findIndex((other) => other.clip === clip) < i)
    throw changed(where, `the clip "${twice?.clip}" of the fold ${fold} is there twice`)
  }
  if (byName.size !== names.length)
    throw changed(
      where,
      `the fold ${fold} has ${names.length} clips under one seed and ${byName.size} under another`,
    )
  return names.map((name) => {
    const prediction = byName.get(name)
    if (prediction === undefined)
      throw changed(where, `the clip "${name}" of the fold ${fold} is not there under every seed`)
    return prediction
  })
}

function prepareRows(
  metric: ClipMetric,
  { task }: RebuildableRun,
  clips: readonly ClipPrediction[],
  where: string,
): Prepared {
  const { classes } = task
  const scenes = clips.filter((prediction): prediction is ScenePrediction => 'probabilities' in prediction)
  if (scenes.length < clips.length) throw wrongKind(where, metric.id, 'a row of probabilities for every clip')
  const predictions = new Float32Array(clips.length * classes.length)
  for (const [row, { clip, probabilities }] of scenes.entries()) {
    if (probabilities.length !== classes.length)
      throw changed(
        where,
        `the clip "${clip}" has ${probabilities.length} probabilities for ${classes.length} classes`,
      )
    predictions.set(probabilities, row * classes.length)
  }
  const targets = targetsOf(task, scenes, where)
  return metric.prepare({
    predictions,
    targets,
    rows: clips.length,
    classes: classes.length,
    labels: classes,
  })
}

function targetsOf(
  { classes, predictionType }: RebuildableRun['task'],
  scenes: readonly ScenePrediction[],
  where: string,
): ClipTargets {
  const index = new VocabularyIndex(classes)
  const classOf = (label: string, clip: string) => index.of(label, `"${where}": the clip "${clip}"`)
  if (predictionType === 'multiclass') {
    const classIndex = Int32Array.from(scenes, ({ clip, labels }) => {
      if (labels.length !== 1)
        throw changed(
          where,
          `the clip "${clip}" of a multiclass task has ${labels.length} labels instead of one`,
        )
      return classOf(labels[0], clip)
    })
    return { kind: 'multiclass', classIndex }
  }
  const hot = new Uint8Array(scenes.length * classes.length)
  for (const [row, { clip, labels }] of scenes.entries())
    for (const label of labels) hot[row * classes.length + classOf(label, clip)] = 1
  return { kind: 'multilabel', hot }
}

function prepareEvents(
  metric: EventMetric,
  { task }: RebuildableRun,
  clips: readonly ClipPrediction[],
  where: string,
): Prepared {
  const predictions = clips.filter((prediction): prediction is EventPrediction => 'events' in prediction)
  if (predictions.length < clips.length) throw wrongKind(where, metric.id, 'predicted events for every clip')
  const references = new Map<string, Event[]>(predictions.map(({ clip, labels }) => [clip, labels]))
  const predicted = new Map<string, Event[]>(predictions.map(({ clip, events }) => [clip, events]))
  return metric.prepareTargets(references, task.classes).prepare(predicted)
}

function checkScore(
  run: RebuildableRun,
  seed: number,
  fold: string,
  metricId: string,
  prepared: Prepared,
  where: string,
): void {
  const recorded = run.folds.find((entry) => entry.seed === seed && entry.name === fold)?.figures[
    `test_${metricId}`
  ]
  if (recorded === undefined)
    throw changed(where, `run.json does not have test_${metricId} for the fold ${fold}`)
  const result = prepared.evaluate()
  const figure = hear2026Figure(result)
  // hear-2021 records what heareval reports, NaN as undefined.
  const rebuilt =
    run.protocol === 'hear-2021' ? hear2021Value(result) : figure.kind === 'value' ? figure.value : Number.NaN
  const same =
    typeof recorded === 'number'
      ? Math.abs(Math.fround(rebuilt) - recorded) <= FLOAT32_ROUNDING * Math.max(1, Math.abs(recorded))
      : !Number.isFinite(rebuilt)
  if (same) return
  const said = typeof recorded === 'number' ? recorded : 'undefined'
  throw changed(
    where,
    `the predictions of the fold ${fold} give ${metricId} ${rebuilt}, run.json says ${said}`,
  )
}

function wrongKind(where: string, metricId: string, needed: string): HearError {
  return new HearError('result/metric', `"${where}": ${metricId} needs ${needed}, which is not there.`, {
    hint: 'Choose a metric of the task.',
  })
}

function changed(where: string, what: string): HearError {
  return new HearError('result/changed', `"${where}" is not as it was written: ${what}.`, {
    hint: 'A file of the result was changed, or comes from another run: evaluate the task again.',
  })
}
