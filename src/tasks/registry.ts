import { HearError, nearestName } from '../base/errors.js'
import { esc50 } from './esc50.js'
import { mridangamStroke } from './mridangam-stroke.js'
import { mridangamTonic } from './mridangam-tonic.js'
import type { TaskDefinition } from './task.js'

/** Every built-in task, by name. */
export const TASKS: readonly TaskDefinition[] = [esc50, mridangamStroke, mridangamTonic]

/** The task of this name, letter for letter. @throws HearError `tasks/unknown`, with the nearest name. */
export function taskByName(name: string): TaskDefinition {
  const task = TASKS.find((candidate) => candidate.config.task_name === name)
  if (task !== undefined) return task
  const names = TASKS.map((candidate) => candidate.config.task_name)
  const nearest = nearestName(name, names)
  throw new HearError('tasks/unknown', `Expected the name of a task, found "${name}".`, {
    hint: nearest === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  })
}
