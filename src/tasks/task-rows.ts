import { HearError } from '../base/errors.js'
import { tableRows } from './table-of-clips.js'
import type { ClipRow, SourceFiles, TaskDefinition } from './task.js'
import { modeConfig } from './task-mode.js'

/**
 * The rows of a task in one of its modes, made from its source files. In mode `small` rows may name files that are
 * not there: HEAR's small archives keep the whole corpus's tables beside a few of its files.
 *
 * @throws HearError for a mode that the task does not have, files that are not as the task expects, and no rows at all.
 */
export async function taskRows(
  task: TaskDefinition,
  mode: string,
  files: SourceFiles,
): Promise<readonly ClipRow[]> {
  const config = modeConfig(task, mode)
  const rows =
    typeof task.clips === 'function'
      ? await task.clips(files, config, mode)
      : await tableRows(task.clips, files, config, mode === 'small')
  if (rows.length > 0) return rows
  const example =
    files.paths.length === 0 ? 'no files' : `${files.paths.length} files such as "${files.paths[0]}"`
  throw new HearError(
    'tasks/no-clips',
    `Task ${config.task_name}, mode ${mode}: expected clips in its sources, found none among ${example}.`,
    { hint: 'Check that the archives or folders are the ones that the task names.' },
  )
}
