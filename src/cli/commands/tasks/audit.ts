import { Command, Option } from 'commander'
import type { AuditStage } from '../../../prepare/audit/audit-task.js'
import { auditText } from '../../audit-text.js'
import { jsonOption, wholeNumber } from '../../options.js'
import type { Stage } from '../../reporter.js'
import { runSession, type Session } from '../../session.js'

interface AuditFlags {
  readonly sampleRate?: number
  readonly strict: boolean
  readonly json: boolean
}

const EXIT_LEAKS = 2

async function audit(session: Session, dir: string, flags: AuditFlags): Promise<void> {
  const [{ auditTask }, { hasLeaks }] = await Promise.all([
    import('../../../prepare/audit/audit-task.js'),
    import('../../../prepare/audit/audit-report.js'),
  ])
  const stages = new Map<AuditStage, Stage>()
  const report = await auditTask(dir, {
    sampleRate: flags.sampleRate,
    signal: session.signal,
    onProgress: (doing, done, total) => {
      const stage = stages.get(doing) ?? session.reporter.stage(doing)
      stages.set(doing, stage)
      if (done < total) stage.update(done / total, `${done}/${total} files`)
      else stage.done(`${total} files`)
    },
  })
  session.print(flags.json ? JSON.stringify(report, null, 2) : auditText(report))
  if (flags.strict && hasLeaks(report)) process.exitCode = EXIT_LEAKS
}

export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'Look a task folder over: audio that occurs twice, leaks between splits, odd clips, balance.',
    )
    .argument('<dir>', 'a task folder')
    .addOption(
      new Option(
        '--sample-rate <hz>',
        'the rate to listen to; the lowest that is there unless given',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option(
        '--strict',
        'exit with 2 when audio crosses splits, or clips are missing or unreadable; else findings are no error',
      ).default(false),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Nothing is changed, and nothing found need be a mistake: corpora have duplicates, and HEAR pads clips itself. The
report shows the worst of each kind; --json prints all. Groups that the names tell are known where a corpus names its
files so, and called a guess elsewhere.

Examples:
  hear tasks audit tasks/esc50-v2.0.0-full
  hear tasks audit tasks/fsd50k-v1.0-full --json > audit.json
  hear tasks audit tasks/my_birds-v1-full --strict`,
    )
    .action((dir: string, flags: AuditFlags) => runSession((session) => audit(session, dir, flags)))
}
