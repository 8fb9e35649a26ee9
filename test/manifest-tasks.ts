/** Folders of real recordings with a manifest of what they are, and hearkit's tasks made of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvRecords } from '../src/tasks/csv-records.js'
import type { ClipRow, TaskDefinition } from '../src/tasks/task.js'
import { EVENT_METRICS, SCENE_METRICS } from '../src/tasks/task-conflicts.js'

const COLUMNS = [
  'path',
  'label',
  'split',
  'group',
  'duration_s',
  'sample_rate',
  'channels',
  'subtype',
] as const

/** A line of a manifest. */
export type Recording = Readonly<Record<(typeof COLUMNS)[number], string>>

export interface ManifestTask {
  readonly name: string
  readonly dir: string
  readonly recordings: readonly Recording[]
  /** What each recording's row must come to; a definition for each label where recordings have one of several kinds. */
  readonly definitions: readonly (Omit<TaskDefinition, 'clips'> & { readonly rows: readonly ClipRow[] })[]
}

interface TaskNotes {
  readonly task_type: string
  readonly metric: string
}

type Event = { readonly label: string; readonly start: number; readonly end: number }

/** The tasks in the folders that HEAR_TEST_DATA (in data/tasks) and HEAR_TEST_TASKS name. */
export function manifestTasks(): ManifestTask[] {
  const { HEAR_TEST_DATA, HEAR_TEST_TASKS } = process.env
  const roots = [HEAR_TEST_DATA && join(HEAR_TEST_DATA, 'data/tasks'), HEAR_TEST_TASKS]
  return roots
    .filter((root): root is string => Boolean(root) && existsSync(root as string))
    .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name) })))
    .filter(({ dir }) => ['manifest.csv', 'task.json'].every((file) => existsSync(join(dir, file))))
    .map(({ name, dir }) => readManifestTask(name, dir))
}

function readManifestTask(name: string, dir: string): ManifestTask {
  const manifest = readFileSync(join(dir, 'manifest.csv'), 'utf8')
  const recordings = csvRecords(manifest, 'manifest.csv', COLUMNS).map(({ cells }) => cells)
  const notes = JSON.parse(readFileSync(join(dir, 'task.json'), 'utf8')) as TaskNotes
  const eventFile = join(dir, 'events.json')
  if (existsSync(eventFile)) {
    const events = JSON.parse(readFileSync(eventFile, 'utf8')) as Record<string, readonly Event[]>
    const rows = withSplits(recordings).flatMap(({ row, recording }) =>
      (events[recording.path] ?? []).map(({ label, start, end }) => ({
        ...row,
        label,
        startMs: start,
        endMs: end,
      })),
    )
    return { name, dir, recordings, definitions: [definition(name, dir, notes, recordings, 'event', rows)] }
  }
  // "scene/multiclass (two tasks: label=stroke;tonic)": each place of the label is the label of a task.
  const places = /label=([\w;]+)/.exec(notes.task_type)?.[1].split(';') ?? ['']
  const definitions = places.map((place, i) => {
    const rows = withSplits(recordings).flatMap(({ row, recording }) => {
      const labels = recording.label.split(';').filter((label) => label !== '')
      return (places.length > 1 ? [labels[i]] : labels).map((label) => ({ ...row, label }))
    })
    return definition(place === '' ? name : `${name}_${place}`, dir, notes, recordings, 'scene', rows)
  })
  return { name, dir, recordings, definitions }
}

const SPLITS = ['train', 'valid', 'test']
/** Fewer groups cannot be dealt out, a tenth of them to validation. */
const FEWEST_GROUPS = 10

/** train, valid and test as they are; other names are folds, numbered in their order. */
function withSplits(recordings: readonly Recording[]) {
  const given = [...new Set(recordings.map(({ split }) => split))].sort()
  const areFolds = !given.includes('train') || given.some((split) => !SPLITS.includes(split))
  const hasGroups = new Set(recordings.map(({ group }) => group)).size >= FEWEST_GROUPS
  return recordings.map((recording) => ({
    recording,
    row: {
      path: `recordings/${recording.path}`,
      split: areFolds ? `fold${String(given.indexOf(recording.split)).padStart(2, '0')}` : recording.split,
      ...(hasGroups && { splitKey: recording.group }),
      // Two folders may hold files of the same name.
      fileStem: recording.path.replaceAll('/', '__'),
    },
  }))
}

function definition(
  name: string,
  dir: string,
  { task_type, metric }: TaskNotes,
  recordings: readonly Recording[],
  kind: 'scene' | 'event',
  rows: readonly ClipRow[],
): ManifestTask['definitions'][number] {
  const durations = recordings.map(({ duration_s }) => Number(duration_s)).sort((a, b) => a - b)
  const median = durations[Math.floor(durations.length / 2)]
  const nSplits = new Set(rows.map(({ split }) => split)).size
  const splits = rows.every(({ split }) => SPLITS.includes(split))
    ? { split_mode: 'trainvaltest' as const }
    : {
        split_mode: nSplits < 3 ? ('new_split_kfold' as const) : ('presplit_kfold' as const),
        nfolds: Math.max(3, nSplits),
      }
  const known = kind === 'event' ? EVENT_METRICS : SCENE_METRICS
  const metrics = metric.split(/[^\w]+/).filter((id) => known.includes(id))
  const isMultilabel = kind === 'event' || /multilabel/.test(task_type)
  return {
    about: `${name}: ${task_type}`,
    licence: 'see the manifest',
    citation: 'see the manifest',
    config: {
      task_name: name,
      version: 'v1',
      embedding_type: kind,
      prediction_type: isMultilabel ? 'multilabel' : 'multiclass',
      ...splits,
      // The median, so that about half of the clips are cut and half are padded; events are kept whole.
      sample_duration: Math.max(0.1, Number((kind === 'event' ? durations.at(-1)! : median).toFixed(2))),
      evaluation: metrics.length > 0 ? metrics : [isMultilabel ? 'mAP' : 'top1_acc'],
      // So few clips have not every label in every split, which only this mode allows.
      default_mode: 'small',
    },
    modes: { small: {} },
    sources: { small: [{ name: 'recordings', folder: dir }] },
    rows,
  }
}
