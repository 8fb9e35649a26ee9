#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { compareCommand } from './commands/compare.js'
import { embedCommand } from './commands/embed.js'
import { evaluateCommand } from './commands/evaluate.js'
import { initCommand } from './commands/init.js'
import { inspectCommand } from './commands/inspect.js'
import { onnxCommand } from './commands/onnx.js'
import { prepareCommand } from './commands/prepare.js'
import { runCommand } from './commands/run.js'
import { startCommand } from './commands/start.js'
import { tasksCommand } from './commands/tasks.js'
import { validateCommand } from './commands/validate.js'
import { HEARKIT_VERSION } from './version.js'

const EXIT_BAD_INPUT = 2

// onnxruntime tells Microsoft how it is used, and keeps an id of the machine, unless this is set before it is loaded.
process.env.ORT_DISABLE_TELEMETRY ||= '1'

/** The whole command line. Mistakes in it end with exit code 2 and the way to the help. */
export function program(): Command {
  const hear = new Command('hear')
    .description(
      'HEAR, the Holistic Evaluation of Audio Representations: how well does an audio embedding generalise?',
    )
    .version(HEARKIT_VERSION)
    .addHelpText(
      'after',
      `
Examples:
  hear start                                        a first look, on generated tasks
  hear run --model naive --tasks DIR --out results  score a model on task folders
  hear run --help                                   every option of a command`,
    )
  for (const command of [
    runCommand(),
    embedCommand(),
    evaluateCommand(),
    inspectCommand(),
    compareCommand(),
    validateCommand(),
    initCommand(),
    prepareCommand(),
    tasksCommand(),
    onnxCommand(),
    startCommand(),
  ])
    hear.addCommand(command)
  strict(hear)
  return hear
}

function strict(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError(`(see ${pathOf(command)} --help)`)
    .allowExcessArguments(false)
  for (const child of command.commands) strict(child)
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

// Whoever reads may have seen enough, as head has: that is no reason to stop, and no bug.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

try {
  await program().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // Help and version end here too, with 0; a command without its subcommand prints help and is a mistake.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT
}
