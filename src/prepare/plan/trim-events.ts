import { HearError } from '../../base/errors.js'
import type { MetadataRow } from './metadata-rows.js'
import type { PlanWarning } from './plan-warning.js'

/**
 * Fits events to the length that clips are cut to: those that start at or after it are dropped, and those that go
 * beyond it end there.
 *
 * @param durationSec length of every clip; null leaves clips, and so events, as they are
 * @throws HearError `prepare/all-events-dropped` when a clip would lose all its events
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `trim_event_metadata`. *Differs*: nothing.
 */
export function trimEvents<Row extends Pick<MetadataRow, 'path' | 'startMs' | 'endMs'>>(
  rows: readonly Row[],
  durationSec: number | null,
): { rows: readonly Row[]; warnings: PlanWarning[] } {
  if (durationSec === null) return { rows, warnings: [] }
  const durationMs = durationSec * 1000
  const kept = rows.filter((row) => row.startMs! < durationMs)
  const left = new Set(kept.map((row) => row.path))
  const emptied = rows.find((row) => !left.has(row.path))
  if (emptied !== undefined)
    throw new HearError(
      'prepare/all-events-dropped',
      `"${emptied.path}": all events start at ${durationSec} s or later, where the clip is cut.`,
      { hint: 'Check that times are in milliseconds, and sample_duration in seconds.' },
    )
  const nCut = kept.filter((row) => row.endMs! > durationMs).length
  const nDropped = rows.length - kept.length
  const warnings =
    nCut + nDropped === 0
      ? []
      : [
          {
            code: 'prepare/events-trimmed',
            message: `Of ${rows.length} events, dropped because they start at ${durationSec} s or later: ${nDropped}; cut there: ${nCut}.`,
          },
        ]
  return {
    rows: kept.map((row) => (row.endMs! > durationMs ? { ...row, endMs: durationMs } : row)),
    warnings,
  }
}
