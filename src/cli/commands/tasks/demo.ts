import { Command, Option } from 'commander'
import { jsonOption, sampleRateList, wholeNumber } from '../../options.js'
import { runSession, type Session } from '../../session.js'

interface DemoFlags {
  readonly out: string
  readonly seed: number
  readonly sampleRates?: number[]
  readonly overwrite: boolean
  readonly json: boolean
}

/** Writes the miniature tasks and returns their folders. */
export async function writeDemo(
  session: Session,
  flags: Pick<DemoFlags, 'out' | 'seed' | 'sampleRates' | 'overwrite'>,
): Promise<string[]> {
  const { writeDemoTasks } = await import('../../../prepare/demo/write-demo-tasks.js')
  const stage = session.reporter.stage('generating miniature tasks')
  const { tasks } = await writeDemoTasks({
    outDir: flags.out,
    seed: flags.seed,
    sampleRates: flags.sampleRates,
    overwrite: flags.overwrite,
    signal: session.signal,
    onProgress: ({ task, done, total }) => stage.update(done / total, `${task}, ${done}/${total} files`),
  })
  stage.done(`${tasks.length} tasks in ${flags.out}`)
  return tasks
}

async function demo(session: Session, flags: DemoFlags): Promise<void> {
  const tasks = await writeDemo(session, flags)
  if (flags.json) session.print(JSON.stringify({ tasks }, null, 2))
  else {
    for (const task of tasks) session.print(task)
    session.reporter.note(`Next: hear run --model naive --tasks ${flags.out} --grid-points 2`)
  }
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Write three miniature tasks of generated audio: pitch, commands and events.')
    .addOption(new Option('--out <dir>', 'folder that the task folders go into').makeOptionMandatory())
    .addOption(
      new Option('--seed <n>', 'another seed gives other sounds').argParser(wholeNumber(0)).default(1),
    )
    .addOption(
      new Option(
        '--sample-rates <list>',
        'rates in Hz, with commas between them; all five of HEAR unless given',
      ).argParser(sampleRateList),
    )
    .addOption(new Option('--overwrite', 'replace miniatures of another seed').default(false))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The same seed gives the same bytes on every machine. A score on a miniature is never a HEAR score.

Example:
  hear tasks demo --out results/demo-tasks --sample-rates 44100`,
    )
    .action((flags: DemoFlags) => runSession((session) => demo(session, flags)))
}
