import { HearError, nearestName } from '../base/errors.js'
import type { Source, TaskConfig, TaskDefinition } from './task.js'

/**
 * A task's configuration in one of its modes: overridden keys keep their place, new ones come at the end.
 * @throws HearError `tasks/mode` for a mode that the task does not have.
 */
export function modeConfig(task: TaskDefinition, mode: string): TaskConfig {
  const modes = Object.keys(task.modes)
  if (modes.includes(mode)) return { ...task.config, ...task.modes[mode] } as TaskConfig
  const nearest = nearestName(mode, modes)
  throw new HearError(
    'tasks/mode',
    `Expected a mode of ${task.config.task_name} (${modes.join(', ')}), found "${mode}".`,
    {
      hint: nearest === undefined ? 'Choose one of its modes.' : `Did you mean ${nearest}?`,
    },
  )
}

/**
 * Where the files of a task come from in a mode: the configuration's `download_urls`, else the task's own `sources`.
 * Empty when the mode has neither, which `checkTask` refuses. @throws HearError for an unknown mode.
 */
export function modeSources(task: TaskDefinition, mode: string): readonly Source[] {
  const urls = modeConfig(task, mode).download_urls as readonly Source[] | undefined
  return urls ?? task.sources?.[mode] ?? []
}

/** Globs of the files that making a task's rows reads: those that it names, and its table. */
export function taskReads(task: TaskDefinition): readonly string[] {
  const table = typeof task.clips === 'function' ? [] : [task.clips.table]
  return [...(task.reads ?? []), ...table]
}
