import { Command, Option } from 'commander'
import { runSession, type Session } from '../session.js'

async function initModel(session: Session, dir: string, flags: { name?: string }): Promise<void> {
  const { writeModelPackage } = await import('../init/write-model-package.js')
  const { name, files } = await writeModelPackage(dir, flags.name)
  for (const file of files) session.print(file)
  session.reporter.note(`${name} is a working model. Next: cd "${dir}" && node --test && hear validate .`)
}

export function initCommand(): Command {
  const modelCommand = new Command('model')
    .description('Write a working model package, with its test and README, to put a model into.')
    .argument('<dir>', 'the folder that it goes to: a new one, or an empty one')
    .addOption(new Option('--name <name>', 'name of the npm package; the name of the folder unless given'))
    .addHelpText(
      'after',
      `
Plain JavaScript, typed by comments: it runs as it is, without anything installed or built.

Example:
  hear init model my-model && cd my-model && node --test && hear validate .`,
    )
    .action((dir: string, flags: { name?: string }) =>
      runSession((session) => initModel(session, dir, flags)),
    )
  return new Command('init')
    .description('Begin something of your own from a working example.')
    .addCommand(modelCommand)
    .addHelpText('after', '\nExample:\n  hear init model my-model')
}
