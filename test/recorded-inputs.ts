/** The files that recorded runs of hear-preprocess were made from, as far as they can be had or told from the result. */
import { join } from 'node:path'
import { taskByName } from '../src/tasks/registry.js'
import type { SourceFiles } from '../src/tasks/task.js'
import { modeSources } from '../src/tasks/task-mode.js'
import { type RecordedTask, recordedRows } from './recorded-tasks.js'
import { memorySources, recordedSources, zipContents } from './task-sources.js'

type Contents = Record<string, string | Uint8Array | null>

/**
 * What a recorded run was made from: its recorded listing and tables; else the tables of its corpus, written again
 * from the recorded rows; else, for mode small, HEAR's small archives in `<dataDir>/data/tasks/hear_small`. Undefined
 * where there is none of them.
 */
export async function recordedInputs(
  task: RecordedTask,
  dataDir: string | undefined,
): Promise<SourceFiles | undefined> {
  const recorded = recordedSources(task.dir)
  if (recorded !== undefined) return recorded
  const rebuild = rebuiltTables[task.taskName]
  if (task.mode !== 'small') return rebuild && memorySources(rebuild(task))
  if (dataDir === undefined) return undefined
  const contents: Contents = {}
  for (const source of modeSources(taskByName(task.taskName), 'small')) {
    const found = await zipContents(source, join(dataDir, 'data', 'tasks', 'hear_small'))
    if (found !== undefined) Object.assign(contents, found)
    else if (task.taskName === 'fsd50k') Object.assign(contents, uploaders(task, contents))
    else return undefined
  }
  return memorySources(contents)
}

/** Tables that can be told from the recorded rows, since these keep all their columns. */
const rebuiltTables: Readonly<Record<string, (task: RecordedTask) => Contents>> = {
  esc50: (task) => {
    const rows = recordedRows(task.dir, ['filename', 'fold', 'category'])!
    const lines = rows.map((row) => `${row.filename},${row.fold},${row.category}`)
    return {
      'all_folds/ESC-50-master/meta/esc50.csv': ['filename,fold,category', ...lines].join('\n'),
      ...Object.fromEntries(rows.map((row) => [`all_folds/ESC-50-master/audio/${row.filename}`, null])),
    }
  },
  fsd50k: (task) => {
    const contents: Contents = {}
    const clips = {
      dev: new Map<string, { labels: string[]; split: string }>(),
      eval: new Map<string, { labels: string[]; split: string }>(),
    }
    for (const row of recordedRows(task.dir, ['relpath', 'label', 'split', 'unique_filestem'])!) {
      const ofPart = clips[row.split === 'test' ? 'eval' : 'dev']
      const clip = ofPart.get(row.unique_filestem) ?? { labels: [], split: row.split }
      clip.labels.push(row.label)
      ofPart.set(row.unique_filestem, clip)
      contents[sourcePath(row.relpath)] = null
    }
    for (const name of TOO_LONG) clips.dev.set(name, { labels: ['Too_long'], split: 'train' })
    for (const part of ['dev', 'eval'] as const) {
      const lines = [...clips[part]].map(([name, { labels, split }]) => {
        const cells = `${name},"${labels.join(',')}"`
        return part === 'eval' ? cells : `${cells},${split === 'valid' ? 'val' : split}`
      })
      const header = part === 'eval' ? 'fname,labels' : 'fname,labels,split'
      contents[`ground_truth/FSD50K.ground_truth/${part}.csv`] = [header, ...lines].join('\n')
    }
    return { ...contents, ...uploaders(task, contents) }
  },
}

/** Clips of FSD50K's table that HEAR leaves out. */
const TOO_LONG = '83299 83298 121426 121351 121472 121471 124796 397150 124797 124800 124834 124858'.split(
  ' ',
)

/** Who uploaded each clip of FSD50K's tables: as in the recorded rows, or somebody where the clip is in none. */
function uploaders(task: RecordedTask, tables: Contents): Contents {
  const known = new Map(
    recordedRows(task.dir, ['unique_filestem', 'uploader'])!.map((row) => [
      row.unique_filestem,
      row.uploader,
    ]),
  )
  const infos = ['dev', 'eval'].map((part) => {
    const table = String(Buffer.from(tables[`ground_truth/FSD50K.ground_truth/${part}.csv`]!))
    const names = [...table.matchAll(/^\d+/gm)].map(([name]) => name)
    const info = names.map((name) => [name, { uploader: known.get(name) ?? 'somebody' }])
    return [
      `source_metadata/FSD50K.metadata/${part}_clips_info_FSD50K.json`,
      JSON.stringify(Object.fromEntries(info)),
    ]
  })
  return Object.fromEntries(infos)
}

/** Path of a recorded file within the sources: without the folder of the stage that had written it. */
export function sourcePath(relpath: string): string {
  return relpath.replace(/^\d\d-[^/]*\//, '')
}
