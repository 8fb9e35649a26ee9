import { availableParallelism } from 'node:os'
import { Argument, Command, Option } from 'commander'
import { HearError } from '../../base/errors.js'
import { HEAR_SAMPLE_RATES } from '../../model/contract.js'
import { RESAMPLERS, type ResamplerName } from '../../prepare/convert/conversion.js'
import type { PreparedTask } from '../../prepare/prepare-task.js'
import type { OpenSources } from '../../prepare/sources/open-sources.js'
import type { TaskDefinition } from '../../tasks/task.js'
import { cacheOption, sourceOption, sourceProgress, systemClock } from '../archives.js'
import { jsonOption, sampleRateList, wholeNumber } from '../options.js'
import type { Stage } from '../reporter.js'
import { runSession, type Session } from '../session.js'
import { HEARKIT_VERSION } from '../version.js'

interface PrepareFlags {
  readonly out: string
  readonly mode?: string
  readonly sampleRates: number[]
  readonly source?: string
  readonly cache: string
  readonly connections: number
  readonly resampler: ResamplerName
  readonly workers: number
  readonly pack?: string
  readonly overwrite: boolean
  readonly json: boolean
}

/** A task in one mode. */
interface Wanted {
  readonly definition: TaskDefinition
  readonly mode: string
}

interface Prepared extends PreparedTask {
  readonly seconds: number
  /** Those that were asked for, one a rate. */
  readonly archives: readonly string[]
}

/** A task that could not be prepared, among several. */
interface Failed {
  readonly task: string
  readonly mode: string
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

/** The naive baseline takes no other. */
const NAIVE_RATE_HZ = 44_100
/** A corpus may be odd in thousands of its recordings. */
const WARNINGS_SHOWN = 10

async function prepare(session: Session, names: readonly string[], flags: PrepareFlags): Promise<void> {
  const wanted = await wantedTasks(names, flags.mode)
  const prepared: Prepared[] = []
  const failed: Failed[] = []
  for (const one of wanted)
    try {
      prepared.push(await prepareOne(session, one, flags))
    } catch (error) {
      // One host that is down should not cost the night in which the others would have answered.
      if (wanted.length === 1 || !(error instanceof HearError) || session.signal.aborted) throw error
      const { code, message, hint } = error
      failed.push({ task: one.definition.config.task_name, mode: one.mode, code, message, hint })
      session.reporter.note(`hear: ${message}${hint === undefined ? '' : `\n  → ${hint}`}`)
    }
  if (flags.json) session.print(JSON.stringify({ tasks: prepared, failed }, null, 2))
  else for (const { dir, archives } of prepared) for (const path of [dir, ...archives]) session.print(path)
  if (failed.length > 0) throw someFailed(failed, wanted.length)
  if (flags.json) return
  const model = flags.sampleRates.includes(NAIVE_RATE_HZ) ? 'naive' : 'MODEL'
  session.reporter.note(`Next: hear run --model ${model} --tasks ${flags.out}`)
}

function someFailed(failed: readonly Failed[], nWanted: number): HearError {
  const names = failed.map(({ task, mode }) => `${task} (${mode})`).join(', ')
  return new HearError(
    'cli/tasks-failed',
    `${failed.length} of ${nWanted} tasks were not prepared: ${names}.`,
    {
      hint: 'The reasons are above. The same command goes on with these; what is finished stays.',
    },
  )
}

/** The tasks that the names stand for: `all` is HEAR's benchmark. */
async function wantedTasks(names: readonly string[], mode: string | undefined): Promise<Wanted[]> {
  const [{ findTask }, { HEAR_BENCHMARK, taskByName }, { modeConfig }] = await Promise.all([
    import('../../prepare/load-task-file.js'),
    import('../../tasks/registry.js'),
    import('../../tasks/task-mode.js'),
  ])
  const wanted: Wanted[] = []
  for (const name of names)
    if (name === 'all')
      for (const [task, modes] of Object.entries(HEAR_BENCHMARK))
        for (const one of mode === undefined ? modes : [mode])
          wanted.push({ definition: taskByName(task), mode: one })
    else {
      const definition = await findTask(name)
      wanted.push({ definition, mode: mode ?? definition.config.default_mode })
    }
  // A mode that a task does not have is said before the first archive is fetched.
  for (const { definition, mode } of wanted) modeConfig(definition, mode)
  return wanted
}

async function prepareOne(
  session: Session,
  { definition, mode }: Wanted,
  flags: PrepareFlags,
): Promise<Prepared> {
  const { prepareTask } = await import('../../prepare/prepare-task.js')
  const started = session.now()
  const stage = session.reporter.stage(`preparing ${definition.config.task_name}, ${mode}`)
  const task = await prepareTask(definition, {
    ...flags,
    mode,
    outDir: flags.out,
    hearkitVersion: HEARKIT_VERSION,
    clock: systemClock,
    signal: session.signal,
    open: (signal) => open(stage, { definition, mode }, flags, signal),
    onWait: () =>
      session.reporter.note(
        `Another program prepares ${definition.config.task_name}, or was killed within the last minute: waiting.`,
      ),
    onProgress: (doing, fraction, detail) => stage.update(fraction, `${doing}: ${detail}`),
  })
  const nClips = Object.values(task.clips).reduce((sum, n) => sum + n, 0)
  const before = nClips - task.nConverted
  const kept =
    before === 0 ? '' : before === nClips ? ', all there already' : `, ${before} of them there already`
  stage.done(`${nClips} clips at ${task.sampleRates.join(', ')} Hz${kept}`)
  for (const warning of task.warnings.slice(0, WARNINGS_SHOWN)) session.reporter.note(`  ${warning}`)
  const nMore = task.warnings.length - WARNINGS_SHOWN
  if (nMore > 0) session.reporter.note(`  ${nMore} more like these: --json lists them all.`)
  const archives = flags.pack === undefined ? [] : await pack(session, task, flags.pack)
  return { ...task, seconds: (session.now() - started) / 1000, archives }
}

async function pack(
  session: Session,
  { name, dir, sampleRates }: PreparedTask,
  outDir: string,
): Promise<string[]> {
  const { packTask } = await import('../../prepare/pack-task.js')
  const stage = session.reporter.stage(`packing ${name}`)
  const archives = await packTask(dir, outDir, {
    sampleRates,
    signal: session.signal,
    onProgress: (done, total) => stage.update(done / total, `${done}/${total} clips`),
  })
  stage.done(`${archives.length} archives in ${outDir}`)
  return archives
}

async function open(
  stage: Stage,
  { definition, mode }: Wanted,
  flags: PrepareFlags,
  signal: AbortSignal,
): Promise<OpenSources> {
  const [{ openSources }, { proxyFromEnvironment }, { decodeToFloat }, { modeSources, taskReads }] =
    await Promise.all([
      import('../../prepare/sources/open-sources.js'),
      import('../../prepare/sources/proxy.js'),
      import('../../prepare/decode/decode-to-float.js'),
      import('../../tasks/task-mode.js'),
    ])
  return openSources(modeSources(definition, mode), {
    ...systemClock,
    cacheDir: flags.cache,
    source: flags.source,
    reads: taskReads(definition),
    connections: flags.connections,
    decodeAudio: decodeToFloat,
    proxyFor: proxyFromEnvironment(process.env),
    signal,
    onProgress: sourceProgress(stage),
  })
}

export function prepareCommand(): Command {
  return new Command('prepare')
    .description('Make task folders from the archives that their authors publish, as hear-preprocess does.')
    .addArgument(new Argument('<task...>', "names of tasks, files of your own, or all for HEAR's benchmark"))
    .addOption(new Option('--out <dir>', 'folder that the task folders go into').default('tasks'))
    .addOption(
      new Option(
        '--mode <mode>',
        "which selection of the corpus; the task's default unless given, small to try",
      ),
    )
    .addOption(
      new Option('--sample-rates <list>', 'rates in Hz, with commas between them')
        .argParser(sampleRateList)
        .default([...HEAR_SAMPLE_RATES], HEAR_SAMPLE_RATES.join(',')),
    )
    .addOption(sourceOption())
    .addOption(cacheOption())
    .addOption(new Option('--connections <n>', 'downloads at once').argParser(wholeNumber(1)).default(3))
    .addOption(
      new Option('--resampler <name>', "hearkit's own, or soxr inside your ffmpeg, as HEAR did it")
        .choices([...RESAMPLERS])
        .default('hearkit'),
    )
    .addOption(
      new Option('--workers <n>', 'clips converted at once; changes the time, never the result')
        .argParser(wholeNumber(1))
        .default(availableParallelism(), 'the number of cores'),
    )
    .addOption(
      new Option(
        '--pack <dir>',
        "also write HEAR's archives there, hear-<version>-<task>-<rate>.tar.gz, one a rate",
      ),
    )
    .addOption(
      new Option('--overwrite', 'replace a task folder of the same name that differs').default(false),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Downloads resume, archives are checked against their checksums and read in place: nothing is unpacked to the disk.
An interrupted preparation goes on where it was; a finished one is recognised by reading every file.
hear tasks lists the tasks, and docs/new-task.md shows how to write your own.

Examples:
  hear prepare esc50 --mode small --sample-rates 44100
  hear prepare all --out tasks --source /data/hear-archives
  hear prepare spoken_digit --out tasks --pack archives
  hear prepare ./my-birds.json --out tasks`,
    )
    .action((names: string[], flags: PrepareFlags) => runSession((session) => prepare(session, names, flags)))
}
