import { Command, Option } from 'commander'
import { formatDuration } from '../../../base/duration.js'
import { HEAR_SAMPLE_RATES } from '../../../model/contract.js'
import type { ModeMetadata } from '../../../prepare/plan/mode-metadata.js'
import { type PythonJson, type PythonObject, pythonJsonText } from '../../../store/python-json.js'
import type { Source, TaskDefinition } from '../../../tasks/task.js'
import { jsonOption } from '../../options.js'
import { runSession, type Session } from '../../session.js'
import { clipInWords, modesOf, secondsOf, sourceLines, splitsInWords } from '../../task-facts.js'

interface ShowFlags {
  readonly mode?: string
  readonly json: boolean
}

async function show(session: Session, name: string, flags: ShowFlags): Promise<void> {
  const [{ findTask }, { modeMetadata }, { modeSources }] = await Promise.all([
    import('../../../prepare/load-task-file.js'),
    import('../../../prepare/plan/mode-metadata.js'),
    import('../../../tasks/task-mode.js'),
  ])
  const task = await findTask(name)
  const mode = flags.mode ?? task.config.default_mode
  const metadata = modeMetadata(task, mode)
  const sources = modeSources(task, mode)
  if (!flags.json) {
    session.print(taskText(task, metadata, sources))
    session.reporter.note(`\nNext: hear prepare ${name} --mode ${mode} --out tasks`)
    return
  }
  const document = {
    name: task.config.task_name,
    mode,
    modes: modesOf(task),
    about: task.about,
    licence: task.licence,
    citation: task.citation,
    source_note: task.sourceNote ?? null,
    n_labels: task.nLabels ?? null,
    sources: sources as unknown as PythonJson,
    task_metadata: metadata as unknown as PythonObject,
  }
  // As task_metadata.json is written, so that 120.0 stays a float for whoever reads it.
  session.print(pythonJsonText(document))
}

function taskText(task: TaskDefinition, metadata: ModeMetadata, sources: readonly Source[]): string {
  const { task_name: name, version, mode, embedding_type: kind } = metadata
  const others = modesOf(task).filter((other) => other !== mode)
  const facts: (readonly [title: string, text: string])[] = [
    ['Mode', others.length === 0 ? String(mode) : `${mode} (others: ${others.join(', ')})`],
    [
      'Kind',
      `${kind}, ${metadata.prediction_type}${task.nLabels === undefined ? '' : `, ${task.nLabels} labels`}`,
    ],
    ['Metrics', `${metadata.evaluation.join(', ')} (the first selects the model)`],
    ['Splits', splitsInWords(metadata)],
    ['Clip', clipInWords(metadata)],
    ['Limits', limitsInWords(metadata)],
    ['Sample rates', `${HEAR_SAMPLE_RATES.join(', ')} Hz`],
    ['Folder', `${name}-${version}-${mode}`],
    ['Licence', task.licence],
    ['Citation', task.citation],
    ...(task.sourceNote === undefined ? [] : [['Note', task.sourceNote] as const]),
    ...parameters(metadata),
  ]
  const width = Math.max(...facts.map(([title]) => title.length))
  const lines = facts.map(([title, text]) => `${title.padEnd(width)}  ${text}`)
  const places = sources.flatMap(sourceLines).map(([key, place, checksum]) => {
    const below = checksum === '' ? '' : `\n    ${checksum}`
    return `  ${key}  ${place}${below}`
  })
  return [
    `${name} ${version}: ${task.about}`,
    '',
    ...lines,
    '',
    'Sources, by how the paths of their files begin:',
    ...places,
  ].join('\n')
}

/** How much of each split is kept, in audio. */
function limitsInWords(metadata: ModeMetadata): string {
  const duration = (value: Parameters<typeof secondsOf>[0]) => {
    const seconds = secondsOf(value)
    return seconds === null ? 'all' : formatDuration(seconds * 1000)
  }
  const bySplit = metadata.max_task_duration_by_split
  if (bySplit === undefined) return `${duration(metadata.max_task_duration_by_fold ?? null)} of each fold`
  return Object.entries(bySplit)
    .map(([split, limit]) => `${split} ${duration(limit)}`)
    .join(', ')
}

const SHOWN_ELSEWHERE = new Set(
  'task_name version embedding_type prediction_type split_mode nfolds sample_duration evaluation download_urls default_mode max_task_duration_by_split max_task_duration_by_fold tmp_dir mode splits'.split(
    ' ',
  ),
)

/** Whatever else the configuration holds, as it goes into task_metadata.json. */
function parameters(metadata: ModeMetadata): (readonly [title: string, text: string])[] {
  return Object.entries(metadata as Readonly<Record<string, PythonJson>>)
    .filter(([key]) => !SHOWN_ELSEWHERE.has(key))
    .map(([key, value]) => [key, pythonJsonText(value).replace(/\n */g, ' ')] as const)
}

export function showCommand(): Command {
  return new Command('show')
    .description('Show one task: its splits, metrics, licence, citation, sources and checksums.')
    .argument('<task>', 'name of a task, or a task file of your own')
    .addOption(new Option('--mode <mode>', 'mode of the task; its default unless given'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
--json also prints the task_metadata.json that the mode has, letter for letter but for the indentation.

Examples:
  hear tasks show speech_commands --mode full
  hear tasks show ./my-task.json`,
    )
    .action((name: string, flags: ShowFlags) => runSession((session) => show(session, name, flags)))
}
