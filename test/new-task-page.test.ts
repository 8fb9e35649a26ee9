import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadTaskFile } from '../src/prepare/load-task-file.js'
import { planTask } from '../src/prepare/plan/plan-task.js'
import type { TaskDefinition } from '../src/tasks/task.js'
import { modeSources } from '../src/tasks/task-mode.js'
import { taskRows } from '../src/tasks/task-rows.js'
import { memorySources } from './task-sources.js'

const page = readFileSync(new URL('../docs/new-task.md', import.meta.url), 'utf8')

/** The page's examples, each under the file name that follows the language of its block. */
const examples = new Map(
  [...page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => [name, text] as const),
)
const taskFiles = [...examples.keys()].filter((name) => /\.(json|mjs)$/.test(name))

const dir = mkdtempSync(join(tmpdir(), 'hearkit-new-task-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
beforeAll(() => {
  const recordings = [
    ...[1, 2, 3].flatMap((n) =>
      ['blackbird', 'wren'].map((bird) => `${n === 3 ? 'park' : 'garden'}/${bird} ${n}.wav`),
    ),
  ].map((name) => `recordings/${name}`)
  const office = ['monday', 'tuesday', 'friday'].map((day) => `office/${day}.wav`)
  for (const [name, text] of [
    ...examples,
    ...[...recordings, ...office].map((path) => [path, ''] as const),
  ]) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
})

/** The files of the folders that a task names, under its sources' names. */
function filesOf(task: TaskDefinition) {
  const contents: Record<string, Uint8Array> = {}
  for (const source of modeSources(task, 'full')) {
    if (!('folder' in source)) throw new Error('the page should need no download')
    for (const entry of readdirSync(source.folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) contents[`${source.name}${path.slice(source.folder.length)}`] = readFileSync(path)
    }
  }
  return memorySources(contents)
}

describe('the examples of docs/new-task.md', () => {
  test('are there: a table, its task, events, and a module', () => {
    expect([...examples.keys()].sort()).toEqual(
      ['birds.json', 'birds.mjs', 'events.json', 'office/events.tsv', 'recordings/labels.csv'].sort(),
    )
  })

  test.each(taskFiles)('%s is a task whose every label is in every split', async (name) => {
    const task = await loadTaskFile(join(dir, name))
    const files = filesOf(task)
    const plan = planTask(task, 'full', await taskRows(task, 'full', files), files)
    expect(plan.vocabulary).toHaveLength(2)
    expect([...plan.splits.values()].every((clips) => clips.length > 0)).toBe(true)
    expect(plan.warnings).toEqual([])
  })

  test('birds.json and birds.mjs make the same clips of the same recordings', async () => {
    const rows = async (name: string) => {
      const task = await loadTaskFile(join(dir, name))
      return [...(await taskRows(task, 'full', filesOf(task)))].map((row) => JSON.stringify(row)).sort()
    }
    expect(await rows('birds.mjs')).toEqual(await rows('birds.json'))
  })

  test('events.json gives times in milliseconds', async () => {
    const task = await loadTaskFile(join(dir, 'events.json'))
    const rows = await taskRows(task, 'full', filesOf(task))
    expect(rows[0]).toEqual({
      path: 'office/monday.wav',
      label: 'keys',
      split: 'train',
      startMs: 500,
      endMs: 1250,
    })
  })
})
