import { HearError, nearestName } from '../base/errors.js'
import { parseCsv } from '../store/csv.js'

/** A row of a table below its header. */
export interface CsvRecord<Column extends string> {
  /** Table and row, as errors name them: the header is row 1, and empty lines are not counted. */
  readonly place: string
  readonly cells: Readonly<Record<Column, string>>
}

/**
 * The rows of a table whose first line names its columns; only the columns asked for are kept. Tabs separate the
 * cells of a file that ends in .tsv or .txt, commas those of any other. A byte order mark is skipped, and cells that
 * a row lacks at its end are empty.
 *
 * @throws HearError naming the file: for a column that is missing or there twice, and a row of too many cells.
 */
export function csvRecords<Column extends string>(
  text: string,
  file: string,
  columns: readonly Column[],
): CsvRecord<Column>[] {
  const separator = /\.(tsv|txt)$/i.test(file) ? '\t' : ','
  const [header = [], ...lines] = parseCsv(text.replace(/^\ufeff/, ''), file, separator)
  const places = columns.map((column) => placeOf(column, header, file))
  return lines.map((line, index) => {
    const place = `"${file}", row ${index + 2}`
    if (line.length > header.length)
      throw new HearError('tasks/table', `${place}: expected ${header.length} cells, found ${line.length}.`, {
        hint: `Quote cells that hold a ${separator === ',' ? 'comma' : 'tab'}.`,
      })
    const cells = columns.map((column, i) => [column, line[places[i]] ?? ''])
    return { place, cells: Object.fromEntries(cells) as Record<Column, string> }
  })
}

function placeOf(column: string, header: readonly string[], file: string): number {
  const at = header.indexOf(column)
  if (at !== -1 && header.lastIndexOf(column) === at) return at
  const found = header.map((title) => `"${title}"`).join(', ') || 'an empty table'
  const nearest = at === -1 ? nearestName(column, header) : undefined
  throw new HearError('tasks/table', `"${file}": expected one column "${column}", found ${found}.`, {
    hint:
      nearest === undefined
        ? 'The first row of a table names its columns, each once.'
        : `Did you mean "${nearest}"?`,
  })
}
