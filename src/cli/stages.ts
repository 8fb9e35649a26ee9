import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { embedTask } from '../embed/embed-task.js'
import type { OpenModel } from '../model/open-model.js'
import { evaluateHear2021 } from '../probe/evaluate-hear-2021.js'
import { evaluateHear2026, type Hear2026Evaluation } from '../probe/evaluate-hear-2026.js'
import type { EvaluationOptions, TaskEvaluation } from '../probe/evaluation.js'
import { hearevalPostprocessing } from '../probe/events/postprocessing.js'
import { hearevalHparams } from '../probe/grid.js'
import { probeTaskOf } from '../probe/training/probe-task.js'
import type { ProbeTask } from '../probe/training/split-data.js'
import type { EmbeddableTask } from '../store/embeddable-task.js'
import { readEmbeddingFolder } from '../store/embedding-folder.js'
import { isPairwiseFolder } from '../store/pairwise-task.js'
import { hasResultBundle, readRunJson, writeResultBundle } from '../store/result-bundle.js'
import type { RunJson } from '../store/run-json.js'
import type { EvaluateFlags } from './options.js'
import { type EvaluatedPairwise, evaluatePairwiseStage } from './pairwise-stage.js'
import {
  clipPredictions,
  describeScore,
  foldScores,
  isSameRun,
  otherProbesReport,
  plannedRun,
  reportOf,
} from './run-report.js'
import type { Session } from './session.js'
import { programVersions } from './version.js'

/** Folder of the embeddings of all models, beside the results. */
export const EMBEDDINGS_FOLDER = 'embeddings'

export interface EmbeddedTask {
  readonly dir: string
  readonly seconds: number
}

/** Embeds one task into `<out>/embeddings/<model>/<task>`. */
export async function embedStage(
  session: Session,
  opened: OpenModel,
  task: EmbeddableTask,
  outDir: string,
): Promise<EmbeddedTask> {
  const dir = join(outDir, EMBEDDINGS_FOLDER, opened.identity.name, task.name)
  const stage = session.reporter.stage(`embedding ${task.name}`)
  const started = session.now()
  const splits = await embedTask({
    ...opened,
    task,
    outDir: dir,
    versions: programVersions(),
    signal: session.signal,
    now: session.now,
    onProgress: ({ clipsDone, clipsTotal, split }) =>
      stage.update(clipsDone / clipsTotal, `${split}, ${clipsDone}/${clipsTotal} clips`),
  })
  const clips = splits.reduce((sum, split) => sum + split.clips, 0)
  const kept = splits.filter(({ reused }) => reused).length
  const before = kept === 0 ? '' : `, ${kept} of ${splits.length} splits from an earlier run`
  stage.done(`${clips} clips${before}`)
  return { dir, seconds: (session.now() - started) / 1000 }
}

/** A task's result, and whether it was there already. */
export interface EvaluatedTask {
  readonly dir: string
  readonly run: RunJson
  readonly reused: boolean
}

/** Evaluates one folder of embeddings into `<out>/<model>/<task>`, or `<out>/<folder>` if another program made it. */
export async function evaluateStage(
  session: Session,
  embeddingDir: string,
  outDir: string,
  flags: EvaluateFlags,
  embedSeconds?: number,
): Promise<EvaluatedTask | EvaluatedPairwise> {
  if (await isPairwiseFolder(embeddingDir))
    return evaluatePairwiseStage(session, embeddingDir, outDir, flags, embedSeconds)
  const started = session.now()
  const folder = await readEmbeddingFolder(embeddingDir)
  const task = probeTaskOf(folder)
  const secondsPerStage: Record<string, number> = {
    ...(embedSeconds === undefined ? {} : { embed: embedSeconds }),
    read: (session.now() - started) / 1000,
  }
  const dir = join(
    outDir,
    // Scores of different protocols never mix.
    ...(flags.protocol === 'hear-2021' ? [] : [flags.protocol]),
    ...(folder.source === undefined ? [] : [folder.source.model.name]),
    folder.name,
  )
  const planned = plannedRun(folder, task, flags)
  const stage = session.reporter.stage(`evaluating ${folder.name}`)
  const earlier = await earlierRun(dir)
  if (earlier !== undefined && isSameRun(earlier, planned, flags)) {
    stage.done(`${describeScore(earlier)}, from an earlier run`)
    return { dir, run: earlier, reused: true }
  }
  const evaluationStarted = session.now()
  const { evaluation, others } = await evaluateUnder(task, flags, {
    ...flags,
    signal: session.signal,
    now: session.now,
    onProgress: (fraction, doing) => stage.update(fraction, doing),
  })
  secondsPerStage.evaluate = (session.now() - evaluationStarted) / 1000
  const run: RunJson = {
    ...planned,
    ...reportOf(task, evaluation, flags),
    otherProbes: others === undefined ? null : otherProbesReport(others),
    versions: programVersions(),
    secondsPerStage,
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
  session.signal.throwIfAborted()
  await writeResultBundle(dir, {
    scores: {
      folds: foldScores(evaluation.folds),
      aggregated: evaluation.aggregated,
      hparams: hearevalHparams(evaluation.tried[evaluation.chosen].point),
      postprocessing: evaluation.postprocessing ? hearevalPostprocessing(evaluation.postprocessing) : [],
      scoreMode: evaluation.mode,
      embeddingPath: embeddingDir,
    },
    predictions: evaluation.folds.flatMap((fold) => clipPredictions(task, fold, run.seeds.length > 1)),
    run,
  })
  stage.done(describeScore(run))
  return { dir, run, reused: false }
}

async function evaluateUnder(
  task: ProbeTask,
  flags: EvaluateFlags,
  options: EvaluationOptions,
): Promise<{ evaluation: TaskEvaluation; others?: Hear2026Evaluation }> {
  if (flags.protocol === 'hear-2021') return { evaluation: await evaluateHear2021(task, options) }
  const others = await evaluateHear2026(task, { ...options, probeSeeds: flags.probeSeeds })
  return { evaluation: others.mlp, others }
}

/** The run.json of an earlier run; one that cannot be read is as good as none, since it will be replaced. */
async function earlierRun(dir: string): Promise<RunJson | undefined> {
  if (!hasResultBundle(dir)) return undefined
  try {
    return await readRunJson(dir)
  } catch (error) {
    if (error instanceof HearError) return undefined
    throw error
  }
}
