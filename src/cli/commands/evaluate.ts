import { Command } from 'commander'
import { findTaskFolders } from '../../store/find-task-folders.js'
import { type EvaluateFlags, evaluateOptions, outOption } from '../options.js'
import { printScores } from '../score-table.js'
import { runSession, type Session } from '../session.js'

type Flags = EvaluateFlags & { readonly out: string }

async function evaluate(session: Session, dirs: readonly string[], flags: Flags): Promise<void> {
  const { evaluateStage } = await import('../stages.js')
  const folders = (await Promise.all(dirs.map((dir) => findTaskFolders(dir)))).flat()
  const evaluated = []
  for (const folder of [...new Set(folders)])
    evaluated.push(await evaluateStage(session, folder, flags.out, flags))
  printScores(session, evaluated, flags)
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('Train and score the probe on embeddings, made by hear embed or elsewhere.')
    .argument('<dir...>', 'folders of embeddings, or folders of such folders')
    .addOption(outOption())
    .addHelpText(
      'after',
      `
A folder of embeddings holds task_metadata.json, labelvocabulary.csv and, for each split, <split>.json,
<split>.embeddings.npy (float32 [rows, D]) and <split>.rows.json (for each row [clip name, timestamp in ms or null]).
The order of the rows is the order of training.

Writes <out>/<model>/<task>/ with test.predicted-scores.json (heareval's layout), predictions.jsonl and run.json.
A task that compares clips in pairs or triplets needs no training: its result is pairwise.json and distances.jsonl.

Example:
  hear evaluate results/embeddings/naive/demo_pitch-hearkit1-small --grid-points 2`,
    )
  for (const option of evaluateOptions()) command.addOption(option)
  return command.action((dirs: string[], flags: Flags) =>
    runSession((session) => evaluate(session, dirs, flags)),
  )
}
