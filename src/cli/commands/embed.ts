import { Command, Option } from 'commander'
import { metricById } from '../../metrics/registry.js'
import type { OpenModel } from '../../model/open-model.js'
import { type EmbeddableTask, embeddablePairwise } from '../../store/embeddable-task.js'
import { findTaskFolders } from '../../store/find-task-folders.js'
import { isPairwiseFolder, readPairwiseTask } from '../../store/pairwise-task.js'
import { readTaskFolder } from '../../store/task-folder.js'
import { gemmOption, jsonOption, openingOptions, outOption, repeated, wholeNumber } from '../options.js'
import { runSession, type Session } from '../session.js'

export interface EmbedFlags {
  readonly model: string
  readonly weights?: string
  readonly threads: number
  readonly python?: string
  readonly timeLimit?: number
  readonly tasks: string
  readonly task: string[]
  readonly out: string
  readonly gemm: 'auto' | 'onnxruntime' | 'wasm' | 'openblas'
  readonly json: boolean
}

export const modelOptions = (): Option[] => [
  new Option(
    '--model <name>',
    'the model: naive is the built-in baseline, ./model.onnx an ONNX file, frames.onnx,scenes.onnx two that share the outputs, ./folder or an npm package one that exports the contract in JavaScript, py:MODULE a package of the HEAR API in Python',
  ).makeOptionMandatory(),
  ...openingOptions(),
  new Option(
    '--time-limit <sec>',
    'how long py:MODULE may take to load, or to embed a batch; 1800 unless given',
  ).argParser(wholeNumber(1)),
  new Option('--tasks <dir>', 'a task folder, or a folder of task folders').makeOptionMandatory(),
  new Option('--task <name>', 'only this task; may be given several times')
    .argParser(repeated)
    .default([], 'all'),
  outOption(),
]

/** The task folders that --tasks and --task name, each read once, so that a bad one stops before any work. */
export async function chosenTasks(flags: Pick<EmbedFlags, 'tasks' | 'task'>): Promise<EmbeddableTask[]> {
  const found: string[] = []
  if (flags.task.length === 0) found.push(...(await findTaskFolders(flags.tasks, undefined, 'audio')))
  for (const name of flags.task) found.push(...(await findTaskFolders(flags.tasks, name, 'audio')))
  const tasks: EmbeddableTask[] = []
  for (const dir of new Set(found)) {
    if (await isPairwiseFolder(dir)) {
      tasks.push(embeddablePairwise(await readPairwiseTask(dir)))
      continue
    }
    const task = await readTaskFolder(dir)
    for (const metric of task.metadata.evaluation) metricById(metric)
    tasks.push(task)
  }
  return tasks
}

/** The model that the flags name; close it when done. */
export async function chosenModel(session: Session, flags: EmbedFlags): Promise<OpenModel> {
  const { openModel } = await import('../../model/open-model.js')
  return openModel(flags.model, { ...flags, timeLimitSec: flags.timeLimit, signal: session.signal })
}

async function embed(session: Session, flags: EmbedFlags): Promise<void> {
  const { embedStage } = await import('../stages.js')
  const tasks = await chosenTasks(flags)
  const opened = await chosenModel(session, flags)
  const embedded = []
  try {
    session.reporter.note(opened.identity.description ?? opened.identity.name)
    for (const task of tasks) embedded.push(await embedStage(session, opened, task, flags.out))
  } finally {
    await opened.close()
  }
  if (flags.json) session.print(JSON.stringify({ embeddings: embedded }, null, 2))
  else {
    for (const { dir } of embedded) session.print(dir)
    session.reporter.note(
      `Next: hear evaluate ${embedded.map(({ dir }) => dir).join(' ')} --out ${flags.out}`,
    )
  }
}

export function embedCommand(): Command {
  const command = new Command('embed')
    .description('Embed the clips of tasks with a model, for hear evaluate.')
    .addHelpText(
      'after',
      `
Writes <out>/embeddings/<model>/<task>/. A split that an earlier run finished with the same model, options and
clips is kept, so an interrupted run goes on where it was.

Example:
  hear embed --model naive --tasks results/demo-tasks --task demo_pitch --out results`,
    )
  for (const option of [...modelOptions(), gemmOption(), jsonOption()]) command.addOption(option)
  return command.action((flags: EmbedFlags) => runSession((session) => embed(session, flags)))
}
