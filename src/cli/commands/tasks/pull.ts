import { Command, Option } from 'commander'
import { HEAR_SAMPLE_RATES } from '../../../model/contract.js'
import type { PulledTask } from '../../../prepare/pull/pull-task.js'
import { cacheOption, sourceOption, sourceProgress, systemClock } from '../../archives.js'
import { jsonOption, wholeNumber } from '../../options.js'
import { runSession, type Session } from '../../session.js'

interface PullFlags {
  readonly sampleRate: number
  readonly mode?: string
  readonly version?: string
  readonly md5?: string
  readonly source?: string
  readonly cache: string
  readonly out: string
  readonly json: boolean
}

async function pull(session: Session, name: string, flags: PullFlags): Promise<void> {
  const [{ findTask }, { modeConfig }, { taskFolderName }, { pullTask }, { proxyFromEnvironment }] =
    await Promise.all([
      import('../../../prepare/load-task-file.js'),
      import('../../../tasks/task-mode.js'),
      import('../../../store/write-task-folder.js'),
      import('../../../prepare/pull/pull-task.js'),
      import('../../../prepare/sources/proxy.js'),
    ])
  const definition = await findTask(name)
  const mode = flags.mode ?? definition.config.default_mode
  const folder = taskFolderName({ ...modeConfig(definition, mode), mode })
  const stage = session.reporter.stage(`pulling ${folder} at ${flags.sampleRate} Hz`)
  const pulled = await pullTask(
    { folder, sampleRate: flags.sampleRate, version: flags.version },
    {
      ...systemClock,
      outDir: flags.out,
      source: flags.source,
      md5: flags.md5,
      cacheDir: flags.cache,
      proxyFor: proxyFromEnvironment(process.env),
      signal: session.signal,
      onProgress: sourceProgress(stage),
      onFile: (done, total) => stage.update(done / total, `unpacking, ${done}/${total} files`),
    },
  )
  stage.done(`${pulled.nClips} clips${pulled.wasThere ? ', all there already' : ''}, ${comparedWith(pulled)}`)
  if (flags.json)
    session.print(JSON.stringify({ name: folder, sampleRate: flags.sampleRate, ...pulled }, null, 2))
  else {
    session.print(pulled.dir)
    session.reporter.note(`Next: hear run --model naive --tasks ${flags.out}`)
  }
}

/** How far the archive could be checked. */
function comparedWith({ archive, comparedMd5, sha256 }: PulledTask): string {
  return comparedMd5 === null
    ? `from ${archive}, whole; no checksum is known to compare it with (sha256 ${sha256})`
    : `from ${archive}, md5 as expected`
}

export function pullCommand(): Command {
  return new Command('pull')
    .description("Take one of HEAR's own prepared archives as it is, and unpack it to a task folder.")
    .argument('<task>', 'name of a task, or a task file of your own')
    .addOption(
      new Option('--sample-rate <hz>', `rate of the audio in Hz, one of ${HEAR_SAMPLE_RATES.join(', ')}`)
        .argParser(wholeNumber(1))
        .makeOptionMandatory(),
    )
    .addOption(new Option('--mode <mode>', 'mode of the task; its default unless given'))
    .addOption(
      new Option(
        '--version <version>',
        "HEAR's version in the archive's name; any that is there unless given",
      ),
    )
    .addOption(new Option('--md5 <checksum>', 'what the archive must have, as the page of its host shows it'))
    .addOption(sourceOption())
    .addOption(cacheOption())
    .addOption(new Option('--out <dir>', 'folder that the task folder goes into').default('tasks'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
HEAR publishes its tasks prepared: at 48000 Hz on Zenodo, small modes at 44100 Hz on GitHub. The other rates lie in
gs://hear2021-archive/tasks/ and s3://hear2021-archive/tasks/, where the reader pays: fetch them with an account of
yours and give their folder with --source, or make them with hear prepare. Rates of one task share a folder.

Examples:
  hear tasks pull esc50 --sample-rate 48000
  hear tasks pull spoken_digit --mode small --sample-rate 44100 --out tasks
  hear tasks pull nsynth_pitch --mode 50h --sample-rate 16000 --source /data/hear-archives`,
    )
    .action((name: string, flags: PullFlags) => runSession((session) => pull(session, name, flags)))
}
