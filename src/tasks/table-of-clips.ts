import { HearError, nearestName } from '../base/errors.js'
import { fileName } from './clip-paths.js'
import { csvRecords } from './csv-records.js'
import { checkTimes, timeMs } from './table-times.js'
import type { ClipRow, SourceFiles, TableOfClips, TaskConfig } from './task.js'
import { splitNamesOf } from './task-conflicts.js'

/**
 * The rows that a table of clips lists, in its order; labels stay as they are written. Audio that no row names is
 * no clip.
 *
 * @param mayMiss whether rows may name files that are not there
 * @throws HearError naming the table and the row: for a column that is missing, an empty cell, a file that is not
 *   there, a split that the task does not have, and times that are none or of another unit.
 */
export async function tableRows(
  table: TableOfClips,
  files: SourceFiles,
  config: TaskConfig,
  mayMiss: boolean,
): Promise<ClipRow[]> {
  if (!files.has(table.table)) throw noTable(table.table, files)
  const { file, label, split, splitKey, start, end } = table
  const columns = [file, label, split, splitKey, start, end].filter((column) => column !== undefined)
  const records = csvRecords(await files.text(table.table), table.table, columns)
  const folder = table.folder ?? table.table.slice(0, table.table.lastIndexOf('/'))
  const rows = records.map(({ place, cells }) => {
    const cell = (column: string) => filled(cells[column], column, place)
    return {
      path: `${folder}/${cell(file).replace(/^\.\//, '')}`,
      label: cell(label),
      split: split === undefined ? 'train' : splitOf(cell(split), table, config, place),
      ...(splitKey !== undefined && { splitKey: cell(splitKey) }),
      ...(start !== undefined && { startMs: timeMs(cell(start), table.timeUnit, place) }),
      ...(end !== undefined && { endMs: timeMs(cell(end), table.timeUnit, place) }),
    }
  })
  if (!mayMiss) checkFiles(rows, files, table.table)
  checkTimes(rows, table, config)
  return rows
}

function filled(value: string, column: string, place: string): string {
  if (value.trim() !== '') return value
  throw new HearError('tasks/table', `${place}: expected a ${column}, found an empty cell.`, {
    hint: 'Fill the cell, or remove the row.',
  })
}

function splitOf(value: string, table: TableOfClips, config: TaskConfig, place: string): string {
  const names = new Map(Object.entries(table.splitNames ?? {}))
  const split = names.get(value) ?? value
  const splits = splitNamesOf(config)
  if (splits.includes(split)) return split
  throw new HearError(
    'tasks/table',
    `${place}: expected a split among ${splits.join(', ')}, found "${split}".`,
    { hint: `Say what it is called here: splitNames: { "${value}": "${splits[0]}" }.` },
  )
}

function checkFiles(rows: readonly ClipRow[], files: SourceFiles, table: string): void {
  const missing = rows.filter((row) => !files.has(row.path))
  if (missing.length === 0) return
  const first = missing[0].path
  const more =
    missing.length > 1 ? `, nor those of ${missing.length - 1} more of its ${rows.length} rows` : ''
  const row = rows.indexOf(missing[0]) + 2
  throw new HearError('tasks/file-missing', `"${table}", row ${row}: there is no file "${first}"${more}.`, {
    hint: fileHint(first, files.paths),
  })
}

function fileHint(path: string, paths: readonly string[]): string {
  const withSuffix = paths.find((candidate) => candidate.startsWith(`${path}.`))
  if (withSuffix !== undefined) return `There is "${withSuffix}": write file names with their suffix.`
  const elsewhere = paths.find((candidate) => fileName(candidate) === fileName(path))
  if (elsewhere !== undefined) return `There is "${elsewhere}": give the folder of the files as folder.`
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const beside = paths.filter((candidate) => candidate.startsWith(folder))
  const nearest = nearestName(path, beside)
  return nearest === undefined ? 'Add the file, or remove the row.' : `Did you mean "${nearest}"?`
}

function noTable(path: string, files: SourceFiles): HearError {
  const tables = files.paths.filter((candidate) => /\.(csv|tsv|txt)$/i.test(candidate))
  const nearest = nearestName(path, tables) ?? tables[0]
  const found = nearest === undefined ? '' : `There is "${nearest}". `
  return new HearError('tasks/file-missing', `Expected a table at "${path}", found none.`, {
    hint: `${found}A path begins with the split and name of its source, then follows the archive or folder.`,
  })
}
