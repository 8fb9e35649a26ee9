import type { JsonFigure } from '../../probe/analysis/task-analysis.js'
import { html, type Markup } from '../markup.js'

/** A figure as people read it, or `undefined` with the reason at hand. */
export function figureMarkup(figure: JsonFigure, digits = 3): Markup {
  return typeof figure === 'number'
    ? html`${figure.toFixed(digits)}`
    : html`<span class="undefined" title="${figure.undefined}">undefined</span>`
}

/** A table cell with a figure from 0 to 1 as a bar behind its number. */
export function barCell(figure: JsonFigure): Markup {
  if (typeof figure !== 'number') return html`<td class="bar">${figureMarkup(figure)}</td>`
  const percent = (100 * Math.min(1, Math.max(0, figure))).toFixed(1)
  return html`<td class="bar"><span><i style="width:${percent}%"></i><b>${figureMarkup(figure)}</b></span></td>`
}

/** Why figures of a table are undefined, each reason once; nothing where all are defined. */
export function reasonsNote(figures: readonly JsonFigure[]): Markup | null {
  const reasons = [
    ...new Set(figures.flatMap((figure) => (typeof figure === 'number' ? [] : [figure.undefined]))),
  ]
  return reasons.length === 0 ? null : html`<p class="soft">Undefined where ${reasons.join(', or ')}.</p>`
}
