import { HearError, nearestName } from '../base/errors.js'
import { parseCsv } from './csv.js'
import { readText } from './json-file.js'

/**
 * Reads `labelvocabulary.csv`: the labels of a task by class index. The columns `idx` and `label` may come in
 * either order, the rows in any order.
 *
 * @throws HearError naming the file and line for missing or other columns, indices that are not 0 to n - 1
 * once each, a label that occurs twice, and an empty vocabulary.
 */
export async function readLabelVocabulary(path: string): Promise<string[]> {
  const [header, ...rows] = parseCsv(await readText(path), path)
  if (header === undefined || [...header].sort().join() !== 'idx,label')
    throw malformed(path, `expected the columns idx and label, found ${header?.join() ?? 'an empty file'}`)
  const indexColumn = header.indexOf('idx')
  const labelColumn = header.indexOf('label')
  const vocabulary: string[] = []
  const seen = new Set<string>()
  for (const [i, row] of rows.entries()) {
    const where = `row ${i + 1}`
    if (row.length !== 2) throw malformed(path, `${where}: expected 2 fields, found ${row.length}`)
    const label = row[labelColumn]
    const index = Number(row[indexColumn])
    if (!/^\d+$/.test(row[indexColumn]) || index >= rows.length)
      throw malformed(
        path,
        `${where}: expected an index from 0 to ${rows.length - 1}, found "${row[indexColumn]}"`,
      )
    if (vocabulary[index] !== undefined)
      throw malformed(
        path,
        `${where}: index ${index} has the label "${vocabulary[index]}" already, found "${label}"`,
      )
    if (seen.has(label)) throw malformed(path, `${where}: the label "${label}" occurs twice`)
    seen.add(label)
    vocabulary[index] = label
  }
  if (vocabulary.length === 0) throw malformed(path, 'expected at least one label, found none')
  return vocabulary
}

/** Looks labels up in a vocabulary, with a clear error for those that are not in it. */
export class VocabularyIndex {
  private readonly indexOf: ReadonlyMap<string, number>

  constructor(readonly vocabulary: readonly string[]) {
    this.indexOf = new Map(vocabulary.map((label, index) => [label, index]))
  }

  has(label: string): boolean {
    return this.indexOf.has(label)
  }

  /** Class index of a label. @throws HearError that names `where` and the nearest label. */
  of(label: string, where: string): number {
    const index = this.indexOf.get(label)
    if (index !== undefined) return index
    const nearest = nearestName(label, this.vocabulary)
    const few = this.vocabulary.slice(0, 8).join(', ') + (this.vocabulary.length > 8 ? ', ...' : '')
    throw new HearError(
      'task/unknown-label',
      `${where} has the label "${label}", which is not in labelvocabulary.csv (${this.vocabulary.length} labels: ${few}).`,
      {
        hint:
          nearest === undefined
            ? 'Add the label to labelvocabulary.csv, or correct it.'
            : `Did you mean "${nearest}"?`,
      },
    )
  }
}

function malformed(path: string, what: string): HearError {
  return new HearError('task/vocabulary', `"${path}" is not a label vocabulary: ${what}.`, {
    hint: 'The file lists the labels of the task as idx,label: idx from 0, one line per label.',
  })
}
