import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { withFileErrors } from '../store/file-errors.js'
import { makeFolders } from '../store/make-folders.js'
import { pythonJsonText, pythonNumber } from '../store/python-json.js'
import {
  existingMetadataText,
  replaceTaskFolder,
  taskFolderName,
  taskFolderTexts,
} from '../store/write-task-folder.js'
import type { TaskConfig, TaskDefinition } from '../tasks/task.js'
import { modeConfig, modeSources } from '../tasks/task-mode.js'
import { taskRows } from '../tasks/task-rows.js'
import type { ClipTarget, ConversionJob, ConversionSettings, ResamplerName } from './convert/conversion.js'
import { ConvertPool } from './convert/convert-pool.js'
import { planTask, type TaskPlan } from './plan/plan-task.js'
import {
  appendPreparedClips,
  clipKey,
  type PreparedClips,
  type PreparedHeader,
  type PreparedRecord,
  RECORD_FILE,
  readPreparedRecord,
  writePreparedRecord,
} from './prepared-record.js'
import type { Clock } from './sources/clock.js'
import { withFileLock } from './sources/file-lock.js'
import type { OpenSources } from './sources/open-sources.js'
import { areFilesVerified, haveRates, verifiedClips } from './verify-prepared.js'

/** Part of every recipe: raised when the same definition comes to other clips, labels or samples. */
const RECIPE_VERSION = 1

/** What is being done, how much of it (0 to 1), and with what. */
export type PreparationProgress = (
  stage: 'checking' | 'fetching' | 'converting',
  fraction: number,
  doing: string,
) => void

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
  readonly warnings: readonly string[]
}

/**
 * Prepares a task: from its archives to the task folder `<outDir>/<task>-<version>-<mode>`, as hear-preprocess makes it.
 * The folder appears under its name only when it is whole. Clips made by an interrupted run are taken over, and a folder
 * that is finished is left alone, both only after reading every file and comparing it with the recorded hash.
 *
 * @throws HearError for archives and clips that are not as the task expects, a folder of that name that is not this
 *   task's (unless `overwrite`), and when the disk refuses; what was converted so far stays for the next run
 */
export async function prepareTask(
  definition: TaskDefinition,
  options: PreparationOptions,
): Promise<PreparedTask> {
  const config = modeConfig(definition, options.mode)
  const name = taskFolderName({ ...config, mode: options.mode })
  await makeFolders(options.outDir)
  const lock = join(options.outDir, `.${name}.lock`)
  const onWait = () => options.onProgress?.('checking', 0, `another program prepares ${name}: waiting`)
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
  const dir = join(options.outDir, name)
  const recipe = recipeHash(definition, options)
  const existing = await readPreparedRecord(dir)
  const summary = { name, dir, sampleRates: options.sampleRates, resampler: options.resampler }
  // Sources in a folder may have changed without the definition saying so; archives have checksums.
  if (existing?.header.recipe === recipe && !hasFolders(definition, options.mode)) {
    const verified = await verify(dir, existing, options)
    if (verified.complete) return { ...summary, ...existing.header.summary, nConverted: 0 }
  }
  const sources = await options.open(options.signal)
  try {
    const rows = await taskRows(definition, options.mode, sources)
    const plan = planTask(definition, options.mode, rows, sources)
    const texts = taskFolderTexts(plan.metadata, { vocabulary: plan.vocabulary, splits: plan.labels })
    const header: PreparedHeader = {
      format: 'hearkit-prepared-1',
      recipe,
      plan: await planHash(plan, texts, options, definition, sources),
      resampler: options.resampler,
      hearkit: options.hearkitVersion,
      files: Object.fromEntries([...texts].map(([file, text]) => [file, sha256(text)])),
      summary: summaryOf(plan),
    }
    const work = join(options.outDir, `.${name}.preparing`)
    const kept = await takeOver(dir, work, header, existing, options)
    if (kept === 'complete') return { ...summary, ...header.summary, nConverted: 0 }
    const jobs = jobsOf(plan, kept, options.sampleRates)
    await makeFolders(work)
    await writePreparedRecord(work, { header, clips: kept })
    const warnings = await convertAll(jobs, work, plan, sources, options)
    for (const [file, text] of texts)
      await withFileErrors('write', join(dir, file), () => writeFile(join(work, file), text))
    await replaceTaskFolder(work, dir)
    const nConverted = jobs.reduce((sum, job) => sum + job.clips.length, 0)
    return { ...summary, ...header.summary, warnings: [...header.summary.warnings, ...warnings], nConverted }
  } finally {
    await sources.close()
  }
}

/**
 * Makes `work` the folder to go on in: the finished folder itself where it lacks only some files, what an interrupted
 * run left, or an empty one.
 * @returns the clips in it that are as they should be, or that nothing is left to do
 */
async function takeOver(
  dir: string,
  work: string,
  header: PreparedHeader,
  existing: PreparedRecord | undefined,
  options: Options,
): Promise<PreparedClips | 'complete'> {
  if (existing?.header.plan === header.plan) {
    const verified = await verify(dir, existing, options)
    if (verified.complete) return 'complete'
    await rm(work, { recursive: true, force: true })
    await withFileErrors('replace', dir, () => rename(dir, work))
    return verified.clips
  }
  if (!options.overwrite && (await existingMetadataText(dir)) !== undefined)
    throw new HearError(
      'prepare/folder-differs',
      `"${dir}" holds a task folder that is not what would be prepared now${existing ? '' : `: it has no ${RECORD_FILE} that says what its files should be`}.`,
      { hint: 'Choose another folder with --out, or replace it with --overwrite.' },
    )
  const interrupted = await readPreparedRecord(work)
  if (interrupted?.header.plan === header.plan)
    return (await verify(work, { ...interrupted, header }, options)).clips
  await rm(work, { recursive: true, force: true })
  return new Map()
}

async function verify(dir: string, record: PreparedRecord, options: Options) {
  const nClips = record.clips.size
  const onClip = (nDone: number) =>
    options.onProgress?.('checking', nDone / nClips, `${nDone}/${nClips} clips`)
  const clips = await verifiedClips(dir, record.clips, options.sampleRates, onClip, options.signal)
  const expected = Object.values(record.header.summary.clips).reduce((sum, n) => sum + n, 0)
  const complete =
    nClips === expected && haveRates(clips, options.sampleRates) && (await areFilesVerified(dir, record))
  return { clips, complete }
}

/** Source files whose clips are not all there, each with the clips to make of it. */
function jobsOf(plan: TaskPlan, kept: PreparedClips, sampleRates: readonly number[]): ConversionJob[] {
  const clips = new Map<string, ClipTarget[]>()
  const rates = new Map<string, Set<number>>()
  for (const [split, ofSplit] of plan.splits)
    for (const { path, fileName, cut } of ofSplit) {
      const target = { split, fileName, cut }
      const missing = sampleRates.filter((rate) => !(rate in (kept.get(clipKey(target)) ?? {})))
      if (missing.length === 0) continue
      clips.set(path, [...(clips.get(path) ?? []), target])
      rates.set(path, new Set([...(rates.get(path) ?? []), ...missing]))
    }
  return [...clips].map(([path, ofPath]) => ({ path, clips: ofPath, sampleRates: [...rates.get(path)!] }))
}

async function convertAll(
  jobs: readonly ConversionJob[],
  work: string,
  plan: TaskPlan,
  sources: OpenSources,
  { sampleRates, resampler, workers, signal, onProgress }: Options,
): Promise<string[]> {
  for (const rate of sampleRates)
    for (const split of plan.splits.keys())
      await withFileErrors('make the folder', join(work, String(rate), split), () =>
        mkdir(join(work, String(rate), split), { recursive: true }),
      )
  const duration = plan.metadata.sample_duration as TaskConfig['sample_duration']
  const sampleDurationSec = duration === null ? null : pythonNumber(duration)
  const settings: ConversionSettings = { sampleDurationSec, sampleRates, resampler, dir: work }
  const warnings: string[] = []
  const nClips = jobs.reduce((sum, job) => sum + job.clips.length, 0)
  let nDone = 0
  // One line after the other, so that none is torn but the last.
  let recorded: Promise<void> = Promise.resolve()
  const pool = new ConvertPool(settings, workers, (job, converted) => {
    warnings.push(...converted.warnings)
    recorded = recorded.then(() => appendPreparedClips(work, converted.clips))
    recorded.catch(() => undefined)
    nDone += job.clips.length
    onProgress?.('converting', nDone / nClips, `${nDone}/${nClips} clips`)
  })
  try {
    const byPath = new Map(jobs.map((job) => [job.path, job]))
    await sources.visit(
      new Set(byPath.keys()),
      async (path, member) => {
        signal.throwIfAborted()
        await pool.convert(byPath.get(path)!, member.stream())
      },
      { concurrency: workers },
    )
    await pool.drain()
  } finally {
    await pool.close()
    await recorded
  }
  return warnings
}

function summaryOf(plan: TaskPlan): PreparedHeader['summary'] {
  const clips = Object.fromEntries([...plan.splits].map(([split, ofSplit]) => [split, ofSplit.length]))
  return { clips, foldSeed: plan.foldSeed, warnings: plan.warnings.map(({ message }) => message) }
}

function hasFolders(definition: TaskDefinition, mode: string): boolean {
  return modeSources(definition, mode).some((source) => 'folder' in source)
}

/** Hash of everything that decides a task's clips, labels and samples, as far as it is known without its sources. */
function recipeHash(definition: TaskDefinition, { mode, resampler }: Options): string {
  const { clips, reads } = definition
  return sha256(
    JSON.stringify([
      RECIPE_VERSION,
      pythonJsonText(modeConfig(definition, mode) as Parameters<typeof pythonJsonText>[0]),
      mode,
      modeSources(definition, mode),
      reads ?? [],
      typeof clips === 'function' ? clips.toString() : clips,
      resampler,
    ]),
  )
}

/** Hash of what the sources came to: labels, metadata, and which piece of which file every clip is. */
async function planHash(
  plan: TaskPlan,
  texts: ReadonlyMap<string, string>,
  { mode, resampler, signal }: Options,
  definition: TaskDefinition,
  sources: OpenSources,
): Promise<string> {
  const clips = [...plan.splits].map(([split, ofSplit]) => [split, ofSplit])
  const hash = createHash('sha256').update(JSON.stringify([RECIPE_VERSION, [...texts], clips, resampler]))
  if (!hasFolders(definition, mode)) return hash.digest('hex')
  // An archive's checksum vouches for its audio; a folder's files have to be read.
  const contents = new Map<string, string>()
  const paths = new Set([...plan.splits.values()].flat().map(({ path }) => path))
  await sources.visit(
    paths,
    async (path, member) => {
      signal.throwIfAborted()
      const content = createHash('sha256')
      for await (const chunk of member.stream()) content.update(chunk)
      contents.set(path, content.digest('hex'))
    },
    { concurrency: 4 },
  )
  for (const path of [...paths].sort()) hash.update(`${path}\0${contents.get(path)}\0`)
  return hash.digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
