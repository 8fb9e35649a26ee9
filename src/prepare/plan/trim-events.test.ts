import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { readTimeBack } from './read-back.js'
import { trimEvents } from './trim-events.js'

interface RecordedEvent {
  relpath: string
  start: number
  end: number
  label: string
}
type Expected = { value: { rows: RecordedEvent[]; rows_after_csv: RecordedEvent[] } } | { error: unknown }

const cases = fixtureCases<{ rows: RecordedEvent[]; duration: number }, Expected>(
  'prepare/vectors/trim_event_metadata',
)

const recorded = (row: { path: string; startMs: number; endMs: number; label: string }): RecordedEvent => ({
  relpath: row.path,
  start: row.startMs,
  end: row.endMs,
  label: row.label,
})

describe('trimEvents', () => {
  it.each(cases)('fits events to their clips as hear-preprocess does: $id', ({ input, expected }) => {
    const rows = input.rows.map((row) => ({
      path: row.relpath,
      startMs: row.start,
      endMs: row.end,
      label: row.label,
    }))
    if ('error' in expected) {
      expect(() => trimEvents(rows, input.duration)).toThrowError(
        expect.objectContaining({ code: 'prepare/all-events-dropped' }),
      )
      return
    }
    const trimmed = trimEvents(rows, input.duration).rows
    expect(trimmed.map(recorded)).toEqual(expected.value.rows)
    const readBack = trimmed.map((row) => ({
      ...row,
      startMs: readTimeBack(row.startMs),
      endMs: readTimeBack(row.endMs),
    }))
    expect(readBack.map(recorded)).toEqual(expected.value.rows_after_csv)
  })

  it('tells how many events it dropped and cut, and leaves clips of any length alone', () => {
    const rows = [
      { path: 'a', startMs: 0, endMs: 2500 },
      { path: 'a', startMs: 2000, endMs: 2100 },
    ]
    expect(trimEvents(rows, 2).warnings).toMatchInlineSnapshot(`
      [
        {
          "code": "prepare/events-trimmed",
          "message": "Of 2 events, dropped because they start at 2 s or later: 1; cut there: 1.",
        },
      ]
    `)
    expect(trimEvents(rows, 3).warnings).toEqual([])
    expect(trimEvents(rows, null)).toEqual({ rows, warnings: [] })
  })
})
