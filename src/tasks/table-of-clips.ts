import { HearError, nearestName } from '../base/errors.js'
import { parseCsv } from '../store/csv.js'
import { fileName } from './clip-paths.js'
import { checkTimes, timeMs } from './table-times.js'
import type { ClipRow, SourceFiles, TableOfClips, TaskConfig } from './task.js'
import { splitNamesOf } from './task-conflicts.js'

/**
 * The rows that a table of clips lists, in its order; labels stay as they are written. Audio that no line names is
 * no clip. A byte order mark is skipped.
 *
 * @param mayMiss whether lines may name files that are not there
 * @throws HearError naming the table and the line's place in it: for a column that is missing, a line of another
 *   length, an empty cell, a file that is not there, a split that the task does not have, and times that are none.
 */
export async function tableRows(
  table: TableOfClips,
  files: SourceFiles,
  config: TaskConfig,
  mayMiss: boolean,
): Promise<ClipRow[]> {
  if (!files.has(table.table)) throw noTable(table.table, files)
  const text = (await files.text(table.table)).replace(/^\ufeff/, '')
  const separator = /\.(tsv|txt)$/i.test(table.table) ? '\t' : ','
  const [header = [], ...lines] = parseCsv(text, table.table, separator)
  const columns = columnsOf(table, header)
  const folder = table.folder ?? table.table.slice(0, table.table.lastIndexOf('/'))
  const rows = lines.map((line, index) => {
    // The header is line 1; empty lines are not counted.
    const place = `"${table.table}", row ${index + 2}`
    if (line.length !== header.length)
      throw new HearError('tasks/table', `${place}: expected ${header.length} cells, found ${line.length}.`, {
        hint: 'Quote cells that hold the separator, and write the same number of cells in every row.',
      })
    const cell = (column: ColumnKey) => filled(line[columns.get(column) ?? -1], table[column], place)
    return {
      path: `${folder}/${cell('file').replace(/^\.\//, '')}`,
      label: cell('label'),
      split: table.split === undefined ? 'train' : splitOf(cell('split'), table, config, place),
      ...(table.splitKey !== undefined && { splitKey: cell('splitKey') }),
      ...(table.start !== undefined && {
        startMs: timeMs(cell('start'), table.timeUnit, place),
        endMs: timeMs(cell('end'), table.timeUnit, place),
      }),
    }
  })
  if (!mayMiss) checkFiles(rows, files, table.table)
  checkTimes(rows, table, config)
  return rows
}

type ColumnKey = 'file' | 'label' | 'split' | 'splitKey' | 'start' | 'end'
const COLUMN_KEYS: readonly ColumnKey[] = ['file', 'label', 'split', 'splitKey', 'start', 'end']

/** Where each column stands that the task names. */
function columnsOf(table: TableOfClips, header: readonly string[]): Map<ColumnKey, number> {
  const columns = new Map<ColumnKey, number>()
  for (const key of COLUMN_KEYS) {
    const name = table[key]
    if (name === undefined) continue
    const at = header.indexOf(name)
    if (at === -1 || header.indexOf(name, at + 1) !== -1)
      throw new HearError(
        'tasks/table',
        `"${table.table}": expected ${at === -1 ? 'a' : 'one'} column "${name}" for ${key}, found ${header.map((title) => `"${title}"`).join(', ') || 'an empty table'}.`,
        { hint: columnHint(name, header) },
      )
    columns.set(key, at)
  }
  return columns
}

function columnHint(name: string, header: readonly string[]): string {
  const nearest = nearestName(name, header)
  return nearest === undefined || nearest === name
    ? 'The first row of a table names its columns, each once.'
    : `Did you mean "${nearest}"?`
}

function filled(value: string, column: string | undefined, place: string): string {
  if (value.trim() !== '') return value
  throw new HearError('tasks/table', `${place}: expected a ${column}, found an empty cell.`, {
    hint: 'Fill the cell, or remove the row.',
  })
}

function splitOf(value: string, table: TableOfClips, config: TaskConfig, place: string): string {
  const split = table.splitNames?.[value] ?? value
  const splits = splitNamesOf(config)
  if (splits.includes(split)) return split
  throw new HearError(
    'tasks/table',
    `${place}: expected a split among ${splits.join(', ')}, found "${split}".`,
    {
      hint: `Say what it is called here with splitNames: { "${value}": "${splits[0]}" }.`,
    },
  )
}

function checkFiles(rows: readonly ClipRow[], files: SourceFiles, table: string): void {
  const missing = rows.filter((row) => !files.has(row.path))
  if (missing.length === 0) return
  const first = missing[0].path
  const more = missing.length > 1 ? `, nor ${missing.length - 1} more of its ${rows.length} rows' files` : ''
  const row = rows.indexOf(missing[0]) + 2
  throw new HearError('tasks/file-missing', `"${table}", row ${row}: there is no file "${first}"${more}.`, {
    hint: fileHint(first, files.paths),
  })
}

function fileHint(path: string, paths: readonly string[]): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const withSuffix = paths.find((candidate) => candidate.startsWith(`${path}.`))
  if (withSuffix !== undefined) return `There is "${withSuffix}": write file names with their suffix.`
  const elsewhere = paths.find((candidate) => fileName(candidate) === fileName(path))
  if (elsewhere !== undefined) return `There is "${elsewhere}": name its folder as folder.`
  const nearest = nearestName(
    path,
    paths.filter((candidate) => candidate.startsWith(folder)),
  )
  return nearest === undefined ? 'Add the file, or remove the row.' : `Did you mean "${nearest}"?`
}

function noTable(path: string, files: SourceFiles): HearError {
  const tables = files.paths.filter((candidate) => /\.(csv|tsv|txt)$/i.test(candidate))
  const nearest = nearestName(path, tables) ?? tables[0]
  return new HearError('tasks/file-missing', `Expected a table at "${path}", found none.`, {
    hint:
      nearest === undefined
        ? 'A path begins with the split and name of its source: <split>/<name>/<path in the archive or folder>.'
        : `There is "${nearest}": a path begins with the split and name of its source.`,
  })
}
