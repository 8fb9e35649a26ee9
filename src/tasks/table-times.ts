import { HearError } from '../base/errors.js'
import { PythonFloat } from '../store/python-json.js'
import type { ClipRow, TableOfClips, TaskConfig } from './task.js'

/** A cell's time in milliseconds. @throws HearError for anything but a number of 0 or more. */
export function timeMs(text: string, unit: TableOfClips['timeUnit'], place: string): number {
  const time = Number(text)
  if (Number.isFinite(time) && time >= 0) return unit === 'seconds' ? time * 1000 : time
  throw new HearError('tasks/table', `${place}: expected a time of 0 or more, found "${text}".`, {
    hint: `Write times in ${unit ?? 'seconds'}, with a point before the decimals.`,
  })
}

/**
 * Refuses events that end before they start, and times that look like another unit: milliseconds read as seconds
 * put most events past the end of their clips, seconds read as milliseconds squeeze all into its first thousandth.
 */
export function checkTimes(rows: readonly ClipRow[], table: TableOfClips, config: TaskConfig): void {
  if (table.start === undefined || rows.length === 0) return
  const backward = rows.findIndex((row) => row.endMs! < row.startMs!)
  if (backward !== -1)
    throw new HearError(
      'tasks/table',
      `"${table.table}", row ${backward + 2}: the event ends before it starts.`,
      {
        hint: 'Check which columns hold start and end.',
      },
    )
  const seconds = config.sample_duration
  const durationMs =
    1000 * (seconds instanceof PythonFloat ? seconds.value : (seconds ?? Number.POSITIVE_INFINITY))
  const past = rows.filter((row) => row.startMs! >= durationMs).length
  const latestMs = rows.reduce((latest, row) => Math.max(latest, row.endMs!), 0)
  const suspicion =
    table.timeUnit === 'seconds' && past > rows.length / 2
      ? `${past} of ${rows.length} events start after the end of their clips. Are the times in milliseconds?`
      : table.timeUnit === 'milliseconds' && latestMs <= durationMs / 1000
        ? `all events end within ${latestMs} ms of clips of ${durationMs} ms. Are the times in seconds?`
        : undefined
  if (suspicion !== undefined)
    throw new HearError('tasks/time-unit', `"${table.table}": ${suspicion}`, {
      hint: 'Set timeUnit to "seconds" or "milliseconds", whichever the table is in.',
    })
}
