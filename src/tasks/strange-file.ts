import { HearError } from '../base/errors.js'

/** The error for a file that the corpus does not have as HEAR took it, such as a name of another form. */
export function strangeFile(path: string, expected: string): HearError {
  return new HearError('tasks/file-name', `"${path}": expected ${expected}.`, {
    hint: 'The archive is not the one that HEAR took: download it again, and add no files of your own.',
  })
}
