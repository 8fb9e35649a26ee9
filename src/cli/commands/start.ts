import { join } from 'node:path'
import { Command } from 'commander'
import { NAIVE_SAMPLE_RATE } from '../../model/naive-weights.js'
import { type EvaluateFlags, evaluateOptions, outOption } from '../options.js'
import { runSession, type Session } from '../session.js'
import { run } from './run.js'
import { writeDemo } from './tasks/demo.js'

/** Grid points that keep the first look short; a score that counts takes the full 8. */
const FIRST_LOOK_GRID_POINTS = 1

type Flags = EvaluateFlags & { readonly out: string }

async function start(session: Session, flags: Flags): Promise<void> {
  const tasks = join(flags.out, 'demo-tasks')
  await writeDemo(session, { out: tasks, seed: 1, sampleRates: [NAIVE_SAMPLE_RATE], overwrite: false })
  await run(session, { ...flags, model: 'naive', threads: 1, tasks, task: [] })
  if (flags.json) return
  session.print(`
Results:  ${join(flags.out, 'naive')} (scores, predictions of every clip, run.json)
Tasks:    ${tasks}
These are miniatures of generated sound, tried with ${flags.gridPoints} of HEAR's 8 grid points. For a score that counts:
  npx hear run --model naive --tasks <folder of HEAR's tasks> --out ${flags.out}
  npx hear --help`)
}

export function startCommand(): Command {
  const command = new Command('start')
    .description('A first look: generate the miniature tasks and score the built-in baseline on them.')
    .addOption(outOption())
    .addHelpText('after', '\nExample:\n  hear start --out results')
  for (const option of evaluateOptions()) {
    if (option.attributeName() === 'gridPoints') option.default(FIRST_LOOK_GRID_POINTS)
    command.addOption(option)
  }
  return command.action((flags: Flags) => runSession((session) => start(session, flags)))
}
