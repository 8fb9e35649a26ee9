import type { EventAnalysis, JsonFigure } from '../../probe/analysis/task-analysis.js'

/** Orders from the lowest figure up; undefined ones come last, in the order they had. */
export function worstFirst<T>(rows: readonly T[], figureOf: (row: T) => JsonFigure): T[] {
  const rank = (row: T) => {
    const figure = figureOf(row)
    return typeof figure === 'number' ? figure : Number.MAX_VALUE
  }
  return [...rows].sort((a, b) => rank(a) - rank(b))
}

/** What a class of events is ordered by: its F-measure, and 0 where events of it were never predicted at all. */
export function eventRank(of: EventAnalysis['perClass'][number]): JsonFigure {
  return of.reference > 0 && of.predicted === 0 ? 0 : of.fMeasure
}
