import { findingKind } from './finding-kinds.js'
import type { Finding } from './validation-report.js'

/** A finding as a sentence or two: what is wrong, then what was expected, what came, and on which input. */
export function findingSentence({ code, expected, received, where }: Finding): string {
  const inputs = where.length === 0 ? '' : ` (${where.join(', ')})`
  return `${findingKind(code).means} Expected ${expected}; found ${received}${inputs}.`
}
