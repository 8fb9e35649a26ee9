import { describe, expect, test } from 'vitest'
import { recordedInputs } from '../../test/recorded-inputs.js'
import { type RecordedTask, recordedRows, recordedTasks } from '../../test/recorded-tasks.js'
import { recordedSources } from '../../test/task-sources.js'
import { PythonFloat } from '../store/python-json.js'
import { fileStem } from './clip-paths.js'
import { taskByName } from './registry.js'
import type { ClipRow, SourceFiles } from './task.js'
import { modeConfig } from './task-mode.js'
import { taskRows } from './task-rows.js'

/** Rows as the original wrote them, and ours, in one form: where both have it, every column. */
interface ComparableRow {
  stem: string
  label: string
  splitKey: string
  path?: string
  split?: string
  startMs?: number
  endMs?: number
}

function sortedTexts(rows: readonly ComparableRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

/** Ours: without files that are not there (dropped later on in small mode) and events as they are cut at the end. */
function comparable(
  rows: readonly ClipRow[],
  files: SourceFiles,
  durationMs: number,
  given: boolean,
): string[] {
  const kept = rows.filter((row) => files.has(row.path) && (row.startMs ?? 0) < durationMs)
  return sortedTexts(
    kept.map((row) => {
      const stem = row.fileStem ?? fileStem(row.path)
      return {
        stem,
        label: String(row.label),
        splitKey: row.splitKey ?? stem,
        ...(row.cut === undefined && { path: row.path }),
        ...(given && { split: row.split }),
        ...(row.startMs !== undefined && { startMs: row.startMs, endMs: Math.min(row.endMs!, durationMs) }),
      }
    }),
  )
}

function expectedRows(task: RecordedTask, isEvent: boolean, given: boolean): string[] {
  const columns = ['relpath', 'label', 'split', 'unique_filestem', 'split_key'] as const
  const rows = recordedRows(task.dir, isEvent ? [...columns, 'start', 'end'] : columns)!
  return sortedTexts(
    rows.map((row) => {
      const cells: Record<string, string> = row
      // Pieces that the original cut into files of their own.
      const isPiece = /^02-GenerateTrainDataset\/_silence_\//.test(cells.relpath)
      return {
        stem: cells.unique_filestem,
        label: cells.label,
        splitKey: cells.split_key,
        ...(!isPiece && {
          path: cells.relpath
            .replace(/^02-GenerateTrainDataset\//, '01-ExtractArchive/train/')
            .replace(/^[^/]*\//, ''),
        }),
        ...(given && { split: cells.split }),
        ...(isEvent && { startMs: Number(cells.start), endMs: Number(cells.end) }),
      }
    }),
  )
}

async function expectSameRows(task: RecordedTask, files: SourceFiles): Promise<void> {
  const definition = taskByName(task.taskName)
  const config = modeConfig(definition, task.mode)
  const rows = await taskRows(definition, task.mode, files)
  // Where the corpus's own splits become the task's they are compared too.
  const given =
    config.split_mode === 'presplit_kfold' ||
    (config.split_mode === 'trainvaltest' && new Set(rows.map((row) => row.split)).size === 3)
  const seconds =
    config.sample_duration instanceof PythonFloat ? config.sample_duration.value : config.sample_duration
  const isEvent = config.embedding_type === 'event'
  const durationMs = isEvent ? Number(seconds) * 1000 : Number.POSITIVE_INFINITY
  expect(comparable(rows, files, durationMs, given)).toEqual(expectedRows(task, isEvent, given))
}

const complete = recordedTasks().filter((task) => recordedRows(task.dir, []) !== undefined)

describe('rows made from a recorded corpus equal the original pipeline’s', () => {
  test('of some corpora', () => {
    expect(complete.filter((task) => recordedSources(task.dir) !== undefined).length).toBeGreaterThan(0)
  })

  test.for(complete)('of $name', async (task, { skip }) => {
    const files = await recordedInputs(task, process.env.HEAR_TEST_DATA || undefined)
    if (files === undefined)
      return skip('its listing was not kept, or HEAR_TEST_DATA with data/tasks/hear_small is not set')
    await expectSameRows(task, files)
  })
})
