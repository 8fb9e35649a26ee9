import { join } from 'node:path'
import { requireOutputRate } from '../audio/resample.js'
import { makeFolders } from '../store/make-folders.js'
import { pythonNumber } from '../store/python-json.js'
import { taskFolderName, taskFolderTexts } from '../store/write-task-folder.js'
import type { TaskConfig, TaskDefinition } from '../tasks/task.js'
import { modeConfig } from '../tasks/task-mode.js'
import { taskRows } from '../tasks/task-rows.js'
import type { ConversionSettings, ResamplerName } from './convert/conversion.js'
import { conversionJobs, convertClips } from './convert/convert-clips.js'
import { finishFolder, mendFolder, refuseLostClips } from './finish-folder.js'
import { planTask, type TaskPlan } from './plan/plan-task.js'
import { isDecidedByRecipe, planHash, recipeHash, sha256 } from './prepared-hashes.js'
import {
  addClip,
  appendPreparedClips,
  clipKey,
  type PreparedClips,
  type PreparedHeader,
  readPreparedRecord,
  writePreparedRecord,
} from './prepared-record.js'
import type { Clock } from './sources/clock.js'
import { withFileLock } from './sources/file-lock.js'
import type { OpenSources } from './sources/open-sources.js'
import { takeOver, verifyFolder } from './take-over.js'

/** What is being done, how much of it (0 to 1), and with what. */
export type PreparationProgress = (stage: 'checking' | 'converting', fraction: number, doing: string) => void

export interface PreparationOptions {
  readonly mode: string
  readonly outDir: string
  /** Hz */
  readonly sampleRates: readonly number[]
  readonly resampler: ResamplerName
  /** Threads that convert. */
  readonly workers: number
  /** Replace a task folder of the same name that is not what would be prepared now. */
  readonly overwrite: boolean
  /** Written into the record. */
  readonly hearkitVersion: string
  /** Opens the archives; called only when they are needed. */
  readonly open: (signal: AbortSignal) => Promise<OpenSources>
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** Called when another program holds the task; this one waits for it. */
  readonly onWait?: () => void
  readonly onProgress?: PreparationProgress
}

export interface PreparedTask {
  readonly name: string
  readonly dir: string
  readonly sampleRates: readonly number[]
  readonly resampler: ResamplerName
  /** Clips by split. */
  readonly clips: Readonly<Record<string, number>>
  /** Of all clips, how many had to be made now. */
  readonly nConverted: number
  /** The seed at which every fold held every label; null where the task does not draw folds. */
  readonly foldSeed: string | null
  /** About the corpus and its recordings, whichever run converted them. */
  readonly warnings: readonly string[]
}

/**
 * Prepares a task: from its archives to the task folder `<outDir>/<task>-<version>-<mode>`, as hear-preprocess makes it.
 * The folder appears under its name only when it is whole, and keeps it while rates are added or clips mended. Clips made
 * by an interrupted run are taken over, and a folder that is finished is left alone, both only after reading every file
 * and comparing it with the recorded hash.
 *
 * @throws HearError for archives and clips that are not as the task expects, a folder of that name that is not this
 *   task's (unless `overwrite`), and when the disk refuses; what was converted so far stays for the next run
 */
export async function prepareTask(
  definition: TaskDefinition,
  options: PreparationOptions,
): Promise<PreparedTask> {
  const config = modeConfig(definition, options.mode)
  options.sampleRates.forEach(requireOutputRate)
  const name = taskFolderName({ ...config, mode: options.mode })
  await makeFolders(options.outDir)
  const lock = join(options.outDir, `.${name}.lock`)
  const onWait = () => options.onWait?.()
  return withFileLock(lock, options.clock, options.signal, onWait, (signal) =>
    prepareAlone(definition, name, { ...options, signal }),
  )
}

type Options = PreparationOptions & { readonly signal: AbortSignal }

async function prepareAlone(
  definition: TaskDefinition,
  name: string,
  options: Options,
): Promise<PreparedTask> {
  const { mode, outDir, sampleRates, resampler, signal } = options
  const dir = join(outDir, name)
  const existing = await readPreparedRecord(dir)
  const recipe = recipeHash(definition, options)
  const checking = (what: string) => (nDone: number, n: number) =>
    options.onProgress?.('checking', nDone / n, `${nDone}/${n} ${what}`)
  const takeOverOptions = { ...options, onClip: checking('clips') }
  const report = (header: PreparedHeader, nConverted: number, ...clips: PreparedClips[]): PreparedTask => {
    const { summary } = header
    const warnings = [...summary.warnings, ...warningsOf(clips)]
    return { name, dir, sampleRates, resampler, ...summary, warnings, nConverted }
  }

  if (existing?.header.recipe === recipe && isDecidedByRecipe(definition, mode)) {
    const { clips, complete } = await verifyFolder(dir, existing, takeOverOptions)
    if (complete) return report(existing.header, 0, clips)
  }
  const sources = await options.open(signal)
  try {
    const plan = planTask(definition, mode, await taskRows(definition, mode, sources), sources)
    const texts = taskFolderTexts(plan.metadata, { vocabulary: plan.vocabulary, splits: plan.labels })
    const header: PreparedHeader = {
      format: 'hearkit-prepared-1',
      recipe,
      plan: await planHash(plan, texts, definition, sources, options, checking('recordings'), signal),
      resampler,
      hearkit: options.hearkitVersion,
      files: Object.fromEntries([...texts].map(([file, text]) => [file, sha256(text)])),
      summary: summaryOf(plan),
    }
    const work = join(outDir, `.${name}.preparing`)
    const { standing, begun, complete } = await takeOver(dir, work, header, existing, takeOverOptions)
    if (complete) return report(header, 0, standing!)
    const nConverted = await convertMissing(plan, header, work, [standing, begun], sources, options)
    await refuseLostClips(work, begun)
    if (standing === undefined) await finishFolder(work, dir, texts)
    else await mendFolder(work, dir, texts, { header, clips: merged(standing, begun) })
    return report(header, nConverted, standing ?? new Map(), begun)
  } finally {
    await sources.close()
  }
}

/**
 * Converts the clips that neither the finished folder nor an interrupted run has, into `work`; adds them to `begun` and
 * to the record there.
 * @returns how many they are
 */
async function convertMissing(
  plan: TaskPlan,
  header: PreparedHeader,
  work: string,
  [standing, begun]: readonly [PreparedClips | undefined, PreparedClips],
  sources: OpenSources,
  { sampleRates, resampler, workers, signal, onProgress }: Options,
): Promise<number> {
  const jobs = conversionJobs(plan, sampleRates, (clip, rate) =>
    [standing, begun].some((clips) => clips?.get(clipKey(clip))?.sha256[rate] !== undefined),
  )
  await makeFolders(work)
  await writePreparedRecord(work, { header, clips: begun })
  const duration = plan.metadata.sample_duration as TaskConfig['sample_duration']
  const sampleDurationSec = duration === null ? null : pythonNumber(duration)
  const settings: ConversionSettings = { sampleDurationSec, sampleRates, resampler, dir: work }
  const nClips = jobs.reduce((sum, job) => sum + job.clips.length, 0)
  let nDone = 0
  await convertClips(jobs, plan.splits.keys(), sources, settings, {
    workers,
    signal,
    onConverted: async (clips) => {
      await appendPreparedClips(work, clips)
      for (const clip of clips) addClip(begun, clipKey(clip), clip)
      nDone += clips.length
      onProgress?.('converting', nDone / nClips, `${nDone}/${nClips} clips`)
    },
  })
  return nClips
}

function summaryOf(plan: TaskPlan): PreparedHeader['summary'] {
  const clips = Object.fromEntries([...plan.splits].map(([split, ofSplit]) => [split, ofSplit.length]))
  return { clips, foldSeed: plan.foldSeed, warnings: plan.warnings.map(({ message }) => message) }
}

function merged(standing: PreparedClips, begun: PreparedClips): PreparedClips {
  const clips = new Map(standing)
  for (const [key, clip] of begun) addClip(clips, key, clip)
  return clips
}

/** What is odd about recordings, each once: of one file there may be many clips. */
function warningsOf(folders: readonly PreparedClips[]): string[] {
  const warnings = new Set<string>()
  for (const clips of folders)
    for (const clip of clips.values()) for (const one of clip.warnings) warnings.add(one)
  return [...warnings]
}
