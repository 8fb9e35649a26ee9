/** HTML that is safe to put into a page: made by `html`, which escapes everything that is not Markup itself. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text and numbers are escaped, markup and lists of it are not; nothing is left out. */
export type MarkupValue = Markup | string | number | null | readonly Markup[]

/**
 * A template of HTML or inline SVG. Names of clips and classes come from strangers, so every value is escaped for text
 * and for quoted attributes; attributes must be quoted.
 */
export function html(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(strings.map((string, i) => (i === 0 ? '' : textOf(values[i - 1])) + string).join(''))
}

function textOf(value: MarkupValue): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('')
  return escapeHtml(String(value))
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character])
}
