import { HearError } from '../base/errors.js'

/**
 * The rows of a CSV text: fields separated by commas (or by tabs, if so asked), quoted with `"` where they hold
 * separators, quotes (doubled) or line breaks. Empty lines are left out; a field keeps its spaces.
 *
 * @throws HearError when a quote is never closed, or text follows a closing quote.
 * Source: RFC 4180. *Differs*: lone line feeds and carriage returns end a row too.
 */
export function parseCsv(text: string, file: string, separator: ',' | '\t' = ','): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const [field, next] =
      text[at] === '"' ? quotedField(text, at, file, separator) : plainField(text, at, separator)
    row.push(field)
    at = next
    if (text[at] === separator) {
      at++
      // A separator at the very end opens one more, empty, field.
      if (at === text.length) row.push('')
      else continue
    }
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  return rows
}

const UP_TO_SEPARATOR = { ',': /[^,\r\n]*/y, '\t': /[^\t\r\n]*/y }

function plainField(text: string, from: number, separator: ',' | '\t'): [field: string, next: number] {
  const upToSeparator = UP_TO_SEPARATOR[separator]
  upToSeparator.lastIndex = from
  const field = upToSeparator.exec(text)?.[0] ?? ''
  return [field, from + field.length]
}

function quotedField(
  text: string,
  from: number,
  file: string,
  separator: ',' | '\t',
): [field: string, next: number] {
  // Counted only where it is told: a corpus may have a hundred thousand quoted fields.
  const place = () => `"${file}", line ${text.slice(0, from).split('\n').length}`
  for (let at = from + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at === -1)
      throw new HearError('store/csv', `${place()}: a quote is opened and never closed.`, {
        hint: 'Close the quoted field, and double the quotes inside it.',
      })
    if (text[at + 1] === '"') {
      at++
      continue
    }
    const next = at + 1
    if (next < text.length && ![separator, '\r', '\n'].includes(text[next]))
      throw new HearError(
        'store/csv',
        `${place()}: expected a ${separator === ',' ? 'comma' : 'tab'} or the end of the line after a quoted field, found "${text[next]}".`,
        { hint: 'Double the quotes inside a quoted field.' },
      )
    return [text.slice(from + 1, at).replaceAll('""', '"'), next]
  }
}
