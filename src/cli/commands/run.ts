import { Command } from 'commander'
import { type EvaluateFlags, evaluateOptions } from '../options.js'
import { printScores } from '../score-table.js'
import { runSession, type Session } from '../session.js'
import { chosenModel, chosenTasks, type EmbedFlags, modelOptions } from './embed.js'

export type RunFlags = EmbedFlags & EvaluateFlags

/** Embeds, trains, scores and prints the tasks that the flags name. */
export async function run(session: Session, flags: RunFlags): Promise<void> {
  const { embedStage, evaluateStage } = await import('../stages.js')
  const tasks = await chosenTasks(flags)
  const opened = await chosenModel(session, flags)
  const evaluated = []
  try {
    session.reporter.note(opened.identity.description ?? opened.identity.name)
    for (const task of tasks) {
      const { dir, seconds } = await embedStage(session, opened, task, flags.out)
      evaluated.push(await evaluateStage(session, dir, flags.out, flags, seconds))
    }
  } finally {
    await opened.close()
  }
  printScores(session, evaluated, flags)
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('Embed tasks with a model, train the probe, and score: the whole of HEAR in one command.')
    .addHelpText(
      'after',
      `
Reads task folders as hear-preprocess writes them (also the extracted archives that HEAR publishes). Writes
<out>/<model>/<task>/ with test.predicted-scores.json (heareval's layout), predictions.jsonl (by clip) and run.json.
A task that compares clips in pairs or triplets needs no training: its result is pairwise.json and distances.jsonl.
What an earlier run finished with the same model, data and options is kept.

Example:
  hear run --model naive --tasks results/demo-tasks --task demo_pitch --grid-points 2 --out results`,
    )
  for (const option of [...modelOptions(), ...evaluateOptions()]) command.addOption(option)
  return command.action((flags: RunFlags) => runSession((session) => run(session, flags)))
}
