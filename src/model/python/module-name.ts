import { basename } from 'node:path'
import { HearError } from '../../base/errors.js'

/**
 * The name of a Python module such as `hearbaseline.naive`, as it stands in an import.
 * @throws HearError for anything else, such as a path or the name of a distribution.
 */
export function checkModuleName(name: string): string {
  if (
    name.split('.').every((part) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(part)) &&
    !name.endsWith('.py')
  )
    return name
  const stem = basename(name).replace(/\.py$/, '')
  const isPath = stem !== name
  const other = stem.replaceAll('-', '_')
  throw new HearError(
    'model/python-module-name',
    `Expected the name of a Python module after "py:", as in an import, found "${name}".`,
    {
      hint: isPath
        ? `Run hear in the folder of that file (or put it on PYTHONPATH), with --model py:${other}`
        : name.includes('-')
          ? `Is it py:${other}? Python writes names with underscores.`
          : 'For example: --model py:hearbaseline',
    },
  )
}
