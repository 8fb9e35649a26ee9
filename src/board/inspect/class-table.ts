import type { JsonFigure } from '../../probe/analysis/task-analysis.js'
import { html, type Markup } from '../markup.js'
import { barCell, reasonsNote } from './figures.js'
import { worstFirst } from './worst-first.js'

/** Longer tables show so many of the worst, and the rest folded. */
const ALL_UP_TO = 30
const LONG_SHOWS = 20

/** A class with its counts and figures, in the order of the table's columns. */
export interface ClassRow {
  readonly label: string
  readonly counts: readonly number[]
  readonly figures: readonly JsonFigure[]
  /** What the worst is told by. */
  readonly rank: JsonFigure
}

/**
 * A table of classes, the worst first, each figure as a bar. With more than 30 classes the 20 worst
 * are shown and all of them, in the order of the vocabulary, folded below.
 */
export function classTable(
  columns: { readonly counts: readonly string[]; readonly figures: readonly string[] },
  rows: readonly ClassRow[],
): Markup {
  const worst = worstFirst(rows, ({ rank }) => rank)
  const note = reasonsNote(rows.flatMap(({ figures }) => figures))
  if (rows.length <= ALL_UP_TO) return html`${table(columns, worst)}${note}`
  return html`<p class="soft">The ${LONG_SHOWS} worst of ${rows.length}.</p>${table(columns, worst.slice(0, LONG_SHOWS))}
<details><summary>All ${rows.length} classes, in the order of the vocabulary</summary>${table(columns, rows)}</details>${note}`
}

function table(columns: Parameters<typeof classTable>[0], rows: readonly ClassRow[]): Markup {
  return html`<div class="wide"><table><thead><tr><th>Class</th>${columns.counts.map((title) => html`<th class="number">${title}</th>`)}${columns.figures.map((title) => html`<th>${title}</th>`)}</tr></thead><tbody>
${rows.map(({ label, counts, figures }) => html`<tr><td class="name">${label}</td>${counts.map((count) => html`<td class="number">${count}</td>`)}${figures.map(barCell)}</tr>\n`)}</tbody></table></div>`
}
