import { Command, Option } from 'commander'
import { jsonOption, wholeNumber } from '../options.js'
import { runSession, type Session } from '../session.js'

/** Clips in the tables and on the page unless --clips says otherwise. */
const CLIPS_SHOWN = 10

interface InspectFlags {
  readonly clips: number
  readonly html?: string
  readonly json: boolean
}

async function inspect(session: Session, dirs: readonly string[], flags: InspectFlags): Promise<void> {
  const [{ findResultBundles }, { readResultBundle }, { analyseTask }] = await Promise.all([
    import('../../store/find-result-bundles.js'),
    import('../../store/result-bundle.js'),
    import('../../probe/analysis/analyse-task.js'),
  ])
  const bundles = new Set((await Promise.all(dirs.map((dir) => findResultBundles(dir)))).flat())
  const analyses = []
  for (const dir of bundles) {
    session.signal.throwIfAborted()
    const { run, predictions } = await readResultBundle(dir)
    analyses.push(analyseTask(run, predictions, dir))
  }
  if (flags.html !== undefined) {
    const [{ inspectPage }, { writeFileAtomic }] = await Promise.all([
      import('../../board/inspect-page.js'),
      import('../../store/atomic.js'),
    ])
    await writeFileAtomic(flags.html, inspectPage(analyses, flags.clips))
  }
  if (flags.json) session.print(JSON.stringify({ format: 'hearkit-analyses/1', tasks: analyses }, null, 2))
  else {
    const { inspectText } = await import('../inspect-tables.js')
    session.print(analyses.map((analysis) => inspectText(analysis, flags.clips)).join('\n\n\n'))
  }
  if (flags.html !== undefined) session.reporter.note(`Page: ${flags.html}`)
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show what results say per class and per clip: confusions, hardest clips, missed events.')
    .argument('<dir...>', 'results of tasks, or folders of such results')
    .addOption(
      new Option('--clips <n>', 'how many clips, confusions, misses and false alarms are listed')
        .argParser(wholeNumber(1))
        .default(CLIPS_SHOWN),
    )
    .addOption(
      new Option('--html <file>', 'write a page of tables and pictures, one file that needs no other'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A result is <out>/<model>/<task>/ of hear run or hear evaluate. Under several folds or probe seeds a clip counts once
for each probe that tested it. --json prints everything, whatever --clips says.

Example:
  hear inspect results/naive/demo_pitch-hearkit1-small --html pitch.html`,
    )
    .action((dirs: string[], flags: InspectFlags) => runSession((session) => inspect(session, dirs, flags)))
}
