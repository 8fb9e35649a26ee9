import { Command } from 'commander'
import { HEAR_SAMPLE_RATES } from '../../../model/contract.js'
import type { TaskDefinition } from '../../../tasks/task.js'
import { jsonOption } from '../../options.js'
import { runSession, type Session } from '../../session.js'
import { type Alignment, textTable } from '../../table.js'
import { clipInWords, modesOf, secondsOf, splitsInWords } from '../../task-facts.js'

interface ListFlags {
  readonly json: boolean
}

async function list(session: Session, flags: ListFlags): Promise<void> {
  const [{ HEAR_BENCHMARK, TASKS }, { modeConfig }] = await Promise.all([
    import('../../../tasks/registry.js'),
    import('../../../tasks/task-mode.js'),
  ])
  const facts = TASKS.map((task) => {
    const name = task.config.task_name
    const config = modeConfig(task, task.config.default_mode)
    return { task, name, config, benchmarkModes: HEAR_BENCHMARK[name] ?? [] }
  })
  if (flags.json) {
    const tasks = facts.map(({ task, name, config, benchmarkModes }) => ({
      name,
      version: config.version,
      about: task.about,
      embeddingType: config.embedding_type,
      predictionType: config.prediction_type,
      nLabels: task.nLabels,
      evaluation: config.evaluation,
      splitMode: config.split_mode,
      nFolds: config.nfolds,
      clipDurationSec: secondsOf(config.sample_duration),
      modes: modesOf(task),
      benchmarkModes,
      sampleRates: HEAR_SAMPLE_RATES,
      licence: task.licence,
      citation: task.citation,
    }))
    session.print(JSON.stringify({ tasks }, null, 2))
    return
  }
  const header = [
    'task',
    'version',
    'kind',
    'labels',
    'metric',
    'splits',
    'clip',
    'modes',
    'in HEAR',
    'licence',
  ]
  const alignments: Alignment[] = header.map((title) =>
    title === 'labels' || title === 'clip' ? 'right' : 'left',
  )
  const rows = facts.map(({ task, name, config, benchmarkModes }) => [
    name,
    config.version,
    `${config.embedding_type} ${config.prediction_type}`,
    String(task.nLabels ?? ''),
    config.evaluation[0],
    splitsInWords(config),
    clipInWords(config),
    modesOf(task).join(' '),
    benchmarkModes.join(' '),
    briefLicence(task),
  ])
  session.print(textTable(header, rows, alignments))
  session.reporter.note(
    `\nThe metric selects the model; the first mode is the default, and its clips are as long as said here. Rates: ${HEAR_SAMPLE_RATES.join(', ')} Hz.\nNext: hear tasks show NAME, hear prepare NAME --out tasks`,
  )
}

/** The licence up to its first condition; show has all of it. */
function briefLicence(task: TaskDefinition): string {
  return task.licence.split(/[;,]/)[0]
}

export function listCommand(): Command {
  return new Command('list')
    .description("List the tasks that hear prepare makes, and which modes are in HEAR's benchmark.")
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  hear tasks list')
    .action((flags: ListFlags) => runSession((session) => list(session, flags)))
}
