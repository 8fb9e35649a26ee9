import type { TaskMetadata } from '../../store/write-task-folder.js'
import type { TaskConfig, TaskDefinition } from '../../tasks/task.js'
import { splitNamesOf } from '../../tasks/task-conflicts.js'
import { modeConfig } from '../../tasks/task-mode.js'

/** The configuration of a task in one mode, as its `task_metadata.json` holds it. */
export type ModeMetadata = TaskConfig & TaskMetadata

/**
 * What `task_metadata.json` holds of a task in one mode, in its key order: the configuration, then tmp_dir, mode and
 * splits.
 *
 * @throws HearError `tasks/mode` for a mode that the task does not have
 * Source: hear-preprocess 2021.1.1, hearpreprocess/runner.py. *Differs*: nothing.
 */
export function modeMetadata(definition: TaskDefinition, mode: string): ModeMetadata {
  const config = modeConfig(definition, mode)
  return { ...config, tmp_dir: '_workdir', mode, splits: splitNamesOf(config) } as ModeMetadata
}
