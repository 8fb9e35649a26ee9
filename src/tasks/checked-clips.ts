import { z } from 'zod'
import { HearError } from '../base/errors.js'
import { checkJson } from '../store/json-file.js'
import type { ClipRow, TaskDefinition } from './task.js'

type ClipsFunction = Extract<TaskDefinition['clips'], (...args: never[]) => unknown>

const text = z.string().min(1)
const rows = z.array(
  z.strictObject({
    path: text,
    label: z.union([z.string(), z.number()], { error: 'expected a text or a number' }),
    split: text,
    startMs: z.number().optional(),
    endMs: z.number().optional(),
    fileStem: text.optional(),
    splitKey: text.optional(),
    cut: z.strictObject({ startSample: z.int().min(0), nSamples: z.int().min(1) }).optional(),
  }),
)

/**
 * A user's own function that makes the rows of a task, such that its mistakes are said to be in its file: what it
 * throws, and rows that are none.
 *
 * @throws HearError, from the function that is returned: `tasks/clips-function`, `store/json-content` with the rows
 *   counted from 0, and whatever the sources throw while it reads them
 */
export function checkedClips(clips: ClipsFunction, file: string): ClipsFunction {
  return async (files, config, mode) => {
    let made: readonly ClipRow[]
    try {
      made = await clips(files, config, mode)
    } catch (cause) {
      if (cause instanceof HearError) throw cause
      const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
      const place = cause instanceof Error ? /\bat .*/.exec(cause.stack?.split('\n')[1] ?? '') : null
      throw new HearError(
        'tasks/clips-function',
        `"${file}": its function clips failed with "${thrown}"${place === null ? '' : `, ${place[0]}`}.`,
        {
          hint: 'Correct the function: it is given the files of the sources, the configuration and the mode.',
          cause,
        },
      )
    }
    checkJson(rows, made, `clips of ${file}`)
    return made
  }
}
