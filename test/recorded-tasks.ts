import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { csvRecords } from '../src/tasks/csv-records.js'
import { fixtureRoots } from './fixtures.js'

/** What was recorded of one run of hear-preprocess over a task. */
export interface RecordedTask {
  readonly dir: string
  /** Name of the folder, `<task>-<version>-<mode>` with `@<variant>` where there is more than one. */
  readonly name: string
  readonly taskName: string
  readonly mode: string
  /** The text of `task_metadata.json`. */
  readonly metadata: string
}

/** Every recorded run, small and full, of every fixture folder. Throws if there are none. */
export function recordedTasks(): RecordedTask[] {
  const dirs = fixtureRoots().flatMap((root) =>
    ['prepare', 'prepare/full']
      .map((folder) => join(root, folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => ({ dir: join(folder, name), name }))),
  )
  const tasks = dirs
    .filter(({ dir }) => existsSync(join(dir, 'task_metadata.json')))
    .map(({ dir, name }) => {
      const metadata = readFileSync(join(dir, 'task_metadata.json'), 'utf8')
      const { task_name: taskName, mode } = JSON.parse(metadata)
      return { dir, name, taskName, mode, metadata }
    })
  if (tasks.length === 0) throw new Error(`no recorded tasks in ${fixtureRoots().join(' or ')}`)
  return tasks
}

/** The text of a recorded table, packed or not; undefined where it was not kept. */
export function recordedText(dir: string, name: string): string | undefined {
  const plain = join(dir, name)
  if (existsSync(plain)) return readFileSync(plain, 'utf8')
  return existsSync(`${plain}.gz`) ? gunzipSync(readFileSync(`${plain}.gz`)).toString() : undefined
}

/** The rows of `process_metadata.csv` with the columns asked for; undefined where it was not kept. */
export function recordedRows<Column extends string>(dir: string, columns: readonly Column[]) {
  const text = recordedText(dir, 'process_metadata.csv')
  return text === undefined
    ? undefined
    : csvRecords(text, 'process_metadata.csv', columns).map(({ cells }) => cells)
}
