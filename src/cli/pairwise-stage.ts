import { basename, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { HearError } from '../base/errors.js'
import type { Figure } from '../metrics/metric.js'
import { pairwiseDistances } from '../probe/pairwise-distances.js'
import { type PairwiseScore, type PairwiseScores, scorePairwise } from '../probe/pairwise-task.js'
import { type PairwiseEmbeddings, readPairwiseEmbeddings } from '../store/pairwise-embeddings.js'
import { type PairwiseJson, readPairwiseJson, writePairwiseResult } from '../store/pairwise-result.js'
import type { EvaluateFlags } from './options.js'
import type { Session } from './session.js'
import { programVersions } from './version.js'

/** The result of a task without learning, and whether it was there already. */
export interface EvaluatedPairwise {
  readonly dir: string
  readonly pairwise: PairwiseJson
  readonly reused: boolean
}

/** Scores one folder of embeddings of a pairwise task, into the same places as evaluateStage. */
export async function evaluatePairwiseStage(
  session: Session,
  embeddingDir: string,
  outDir: string,
  flags: Pick<EvaluateFlags, 'protocol' | 'seed'>,
  embedSeconds?: number,
): Promise<EvaluatedPairwise> {
  const started = session.now()
  const read = await readPairwiseEmbeddings(embeddingDir)
  const { task, data, dimension, source } = read
  const stage = session.reporter.stage(`evaluating ${task.name}`)
  const dir = join(
    outDir,
    ...(flags.protocol === 'hear-2021' ? [] : [flags.protocol]),
    ...(source === undefined ? [] : [source.model.name]),
    task.name,
  )
  const planned = plannedResult(read, flags)
  const earlier = await earlierResult(dir)
  // Through JSON, because options that are undefined are not written.
  const expected = { ...earlier, ...JSON.parse(JSON.stringify(planned)) }
  if (earlier !== undefined && isDeepStrictEqual(earlier, expected)) {
    stage.done(`${describePairwise(earlier)}, from an earlier run`)
    return { dir, pairwise: earlier, reused: true }
  }
  const scoring = session.now()
  const embeddings = { data, rows: task.clips.length, dimension }
  const scores = scorePairwise({
    embeddings,
    comparisons: task.comparisons,
    seed: `${flags.seed}/interval`,
  })
  const finished = session.now()
  const pairwise: PairwiseJson = {
    ...planned,
    ...scoresReport(scores, planned.task.metric),
    secondsPerStage: {
      ...(embedSeconds === undefined ? {} : { embed: embedSeconds }),
      read: (scoring - started) / 1000,
      evaluate: (finished - scoring) / 1000,
    },
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
  session.signal.throwIfAborted()
  await writePairwiseResult(dir, pairwise, pairwiseDistances(embeddings, task))
  stage.done(describePairwise(pairwise))
  return { dir, pairwise, reused: false }
}

/** Everything of pairwise.json that is known before scoring; the same again gives the same result. */
function plannedResult(
  { task, dimension, hash, source }: PairwiseEmbeddings,
  flags: Pick<EvaluateFlags, 'protocol' | 'seed'>,
) {
  const { metadata, comparisons, clips } = task
  const isPairs = comparisons.kind === 'pairs'
  return {
    format: 'hearkit-pairwise/1' as const,
    protocol: flags.protocol,
    task: {
      name: metadata.task_name,
      version: metadata.version,
      mode: metadata.mode ?? null,
      folder: task.name,
      kind: comparisons.kind,
      metric: isPairs ? ('pairwise_error_rate' as const) : ('abx_error_rate' as const),
      clips: clips.length,
      comparisons: comparisons.rows.length / (isPairs ? 2 : 3),
    },
    model: {
      name: source?.model.name ?? basename(resolve(task.dir)),
      hash: source?.model.weightsHash ?? null,
      description: source?.model.description ?? null,
      options: source?.model.options ?? {},
      sampleRate: source?.sampleRate ?? null,
      embeddingSize: dimension,
    },
    dataHash: hash,
    seed: flags.seed,
    versions: programVersions(),
  }
}

function scoresReport(
  { errorRate, areaUnderCurve, resampled }: PairwiseScores,
  metric: PairwiseJson['task']['metric'],
): Pick<PairwiseJson, 'resampled' | 'scoreMode' | 'figures' | 'intervals'> {
  return {
    resampled,
    scoreMode: 'min',
    figures: { [metric]: figureOf(errorRate.score), area_under_curve: figureOf(areaUnderCurve.score) },
    intervals: { [metric]: intervalOf(errorRate), area_under_curve: intervalOf(areaUnderCurve) },
  }
}

function figureOf(figure: Figure): PairwiseJson['figures'][string] {
  return figure.kind === 'value' ? figure.value : { undefined: figure.reason }
}

function intervalOf({ interval }: PairwiseScore): PairwiseJson['intervals'][string] {
  if (interval.kind === 'undefined') return { undefined: interval.reason }
  const { low, high, resamples, undefinedResamples } = interval
  return { low, high, resamples, undefinedResamples }
}

/** An earlier result; one that cannot be read is as good as none, since it will be replaced. */
async function earlierResult(dir: string): Promise<PairwiseJson | undefined> {
  try {
    return await readPairwiseJson(dir)
  } catch (error) {
    if (error instanceof HearError) return undefined
    throw error
  }
}

/** The error rate in words. */
export function describePairwise({ task, figures }: PairwiseJson): string {
  const figure = figures[task.metric]
  return `${task.metric} ${typeof figure === 'number' ? figure.toFixed(4) : 'undefined'} of ${task.comparisons} ${task.kind}`
}
