import { Command } from 'commander'
import { auditCommand } from './tasks/audit.js'
import { demoCommand } from './tasks/demo.js'
import { listCommand } from './tasks/list.js'
import { pullCommand } from './tasks/pull.js'
import { showCommand } from './tasks/show.js'

export function tasksCommand(): Command {
  return new Command('tasks')
    .description(
      'List tasks, show one, get one as HEAR prepared it, audit one, or make miniatures of generated audio.',
    )
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(showCommand())
    .addCommand(pullCommand())
    .addCommand(auditCommand())
    .addCommand(demoCommand())
    .addHelpText('after', '\nExample:\n  hear tasks show esc50')
}
