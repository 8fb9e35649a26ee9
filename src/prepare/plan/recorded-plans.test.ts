import { describe, expect, it } from 'vitest'
import { recordedInputs, sourcePath } from '../../../test/recorded-inputs.js'
import { type RecordedTask, recordedRows, recordedTasks, recordedText } from '../../../test/recorded-tasks.js'
import { recordedSources } from '../../../test/task-sources.js'
import { labelText, splitJsonText, vocabularyCsvText } from '../../store/label-files.js'
import { pythonFloatText, pythonJsonText } from '../../store/python-json.js'
import { taskByName } from '../../tasks/registry.js'
import type { ClipRow, TaskDefinition } from '../../tasks/task.js'
import { taskRows } from '../../tasks/task-rows.js'
import type { MetadataRow } from './metadata-rows.js'
import { modeMetadata } from './mode-metadata.js'
import { planTask, type TaskPlan } from './plan-task.js'

const COLUMNS = ['relpath', 'label', 'split', 'unique_filestem', 'split_key'] as const
type RecordedRow = Record<(typeof COLUMNS)[number] | 'start' | 'end', string>

function rowsOf(task: RecordedTask): RecordedRow[] | undefined {
  const isEvent = JSON.parse(task.metadata).embedding_type === 'event'
  return recordedRows(task.dir, isEvent ? [...COLUMNS, 'start', 'end'] : COLUMNS) as RecordedRow[] | undefined
}

const complete = recordedTasks().filter((task) => rowsOf(task) !== undefined)

/** Compares everything that was kept of a run with the plan: bytes where it is text, shares of labels by label. */
function expectSamePlan(task: RecordedTask, plan: TaskPlan): void {
  expect(pythonJsonText(plan.metadata)).toBe(task.metadata)
  const vocabulary = recordedText(task.dir, 'labelvocabulary.csv')
  if (vocabulary !== undefined) expect(vocabularyCsvText(plan.vocabulary)).toBe(vocabulary)
  const kept = plan.metadata.splits.filter((split) => recordedText(task.dir, `${split}.json`) !== undefined)
  for (const split of kept) {
    const labels = plan.labels.get(split)!
    expect(splitJsonText(labels) === recordedText(task.dir, `${split}.json`), `${split}.json`).toBe(true)
    expect(plan.splits.get(split)!.map((clip) => clip.fileName)).toEqual([...labels.keys()])
    const shares = recordedText(task.dir, `labelcount_${split}.json`)
    if (shares === undefined) continue
    const planned = [...plan.labelCounts.get(split)!].map(([label, share]) => [labelText(label), share])
    expect(new Map(planned as [string, number][])).toEqual(new Map(Object.entries(JSON.parse(shares))))
  }
  const summary = recordedText(task.dir, 'summary.json')
  if (summary !== undefined) expect(plan.foldSeed).toBe(JSON.parse(summary).kfold_seed)
}

/** Every row, in its shuffled place, as `process_metadata.csv` holds it. */
function expectSameRows(task: RecordedTask, plan: TaskPlan): void {
  const inText = (label: string, start?: number, end?: number) =>
    start === undefined ? label : `${label} ${pythonFloatText(start)} ${pythonFloatText(end!)}`
  const planned = plan.rows.map(({ fileStem, splitKey, split, label, startMs, endMs }) =>
    [fileStem, splitKey, split, inText(String(label), startMs, endMs)].join(' | '),
  )
  const recorded = rowsOf(task)!.map((row) =>
    [
      row.unique_filestem,
      row.split_key,
      row.split,
      row.start === undefined ? row.label : `${row.label} ${row.start} ${row.end}`,
    ].join(' | '),
  )
  expect(planned.length).toBe(recorded.length)
  const differs = planned.findIndex((row, i) => row !== recorded[i])
  expect({ row: differs, is: planned[differs] }).toEqual({ row: -1, is: recorded[differs] })
}

/** Pieces of files were files to hear-preprocess; every other row has the recorded file. */
function expectSameFiles(task: RecordedTask, rows: readonly MetadataRow[]): void {
  const recorded = rowsOf(task)!.map((row) => sourcePath(row.relpath))
  const others = rows.filter(
    ({ path, cut }, i) => cut === undefined && !`/${path}`.endsWith(`/${recorded[i]}`),
  )
  expect(others).toEqual([])
}

/** The recorded rows as a task would give them, but for the splits that it makes itself. */
function recordedClips(task: RecordedTask, definition: TaskDefinition): ClipRow[] {
  const { split_mode, splits } = modeMetadata(definition, task.mode)
  const clips = rowsOf(task)!.map(
    (row): ClipRow => ({
      path: sourcePath(row.relpath),
      label: row.label,
      split: split_mode === 'new_split_kfold' ? 'train' : row.split,
      fileStem: row.unique_filestem,
      splitKey: row.split_key,
      ...(row.start !== undefined && { startMs: Number(row.start), endMs: Number(row.end) }),
    }),
  )
  if (split_mode === 'new_split_kfold') return clips
  // A run of which only some splits were kept is made whole with copies of those.
  const present = new Set(clips.map((clip) => clip.split))
  const absent = splits.filter((split) => !present.has(split))
  return [
    ...clips,
    ...absent.flatMap((split) =>
      clips.map((clip) => ({
        ...clip,
        path: `${split}/${clip.path}`,
        split,
        fileStem: `${split} ${clip.fileStem}`,
      })),
    ),
  ]
}

const dataDir = process.env.HEAR_TEST_DATA || undefined

describe('the plan of a recorded run', () => {
  it('has runs to agree with', () => {
    expect(complete.filter((task) => recordedSources(task.dir) !== undefined).length).toBeGreaterThan(2)
  })

  it.each(recordedTasks())('has the metadata of hear-preprocess: $name', (task) => {
    expect(pythonJsonText(modeMetadata(taskByName(task.taskName), task.mode))).toBe(task.metadata)
  })

  it.for(complete)('is that of hear-preprocess: $name', async (task, { skip }) => {
    const definition = taskByName(task.taskName)
    const files = await recordedInputs(task, dataDir)
    if (files !== undefined) {
      const plan = planTask(definition, task.mode, await taskRows(definition, task.mode, files), files)
      expectSamePlan(task, plan)
      expectSameRows(task, plan)
      expectSameFiles(task, plan.rows)
      return
    }
    // Rows of files that small archives lack moved the others in the shuffle, and were not recorded.
    if (task.mode === 'small') return skip('needs HEAR_TEST_DATA, a folder with data/tasks/hear_small')
    const clips = recordedClips(task, definition)
    const plan = planTask(definition, task.mode, clips.reverse(), { has: () => true })
    expectSamePlan(task, plan)
    if (recordedText(task.dir, 'labelvocabulary.csv') !== undefined) expectSameRows(task, plan)
  })
})
