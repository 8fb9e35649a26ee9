import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recordedTasks, recordedText } from '../../test/recorded-tasks.js'
import { pythonJsonText } from '../store/python-json.js'
import { csvRecords } from './csv-records.js'
import { HEAR_BENCHMARK, TASKS, taskByName } from './registry.js'
import { splitNamesOf } from './task-conflicts.js'
import { modeConfig, modeSources } from './task-mode.js'
import { checkTask } from './task-schema.js'

/** Lines that a declaration may take: more is a second idea. */
const MOST_LINES = 60

const named = TASKS.map((task) => ({ name: task.config.task_name, task }))

describe.each(named)('$name', ({ name, task }) => {
  test('is a task by the schema that users’ own files are held to', () => {
    expect(checkTask(task, name)).toBe(task)
  })

  test('has its small mode, a default that HEAR prepares, and sources with checksums in every mode', () => {
    expect(Object.keys(task.modes)).toContain('small')
    expect(task.config.default_mode).not.toBe('small')
    for (const mode of Object.keys(task.modes)) {
      const sources = modeSources(task, mode)
      expect(sources.length).toBeGreaterThan(0)
      for (const source of sources) expect('folder' in source).toBe(false)
    }
  })

  test('says what it is, how it is licensed, and whom to cite', () => {
    expect(task.about).toMatch(/\.$/)
    expect(task.citation).toMatch(/\b(19|20)\d\d\b|https?:/)
    expect(task.licence.length).toBeGreaterThan(3)
    expect(task.nLabels).toBeGreaterThan(1)
  })

  test('is a file of its name, whose declaration is short', () => {
    const text = readFileSync(new URL(`./${name.replaceAll('_', '-')}.ts`, import.meta.url), 'utf8')
    const declaration = /^export const \w+: TaskDefinition = \{\n[\s\S]*?^\}$/m.exec(text)?.[0]
    expect(declaration?.split('\n').length).toBeLessThanOrEqual(MOST_LINES)
  })
})

test('tasks stand in the order of their names, each once', () => {
  const names = named.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)].sort())
})

test('HEAR’s benchmark is 19 tasks, all of them here', () => {
  const modes = Object.entries(HEAR_BENCHMARK).flatMap(([name, modes]) =>
    modes.map((mode) => `${name.replace(/^(beehive_states)_fold\d$/, '$1')}-${mode}`),
  )
  expect(new Set(modes).size).toBe(19)
  for (const [name, modes] of Object.entries(HEAR_BENCHMARK))
    expect(Object.keys(taskByName(name).modes)).toEqual(expect.arrayContaining([...modes]))
})

test('an unknown name is refused with the nearest one', () => {
  expect(() => taskByName('esc5O')).toThrow('Expected the name of a task, found "esc5O".')
  try {
    taskByName('esc5O')
  } catch (error) {
    expect(error).toMatchObject({ code: 'tasks/unknown', hint: 'Did you mean esc50?' })
  }
})

describe('the metadata of a mode is the original’s, byte for byte', () => {
  test.each(recordedTasks())('of $name', ({ taskName, mode, metadata }) => {
    const config = modeConfig(taskByName(taskName), mode)
    const splits = splitNamesOf(config)
    expect(pythonJsonText({ ...config, tmp_dir: '_workdir', mode, splits } as never)).toBe(metadata)
  })
})

describe('the vocabulary of a whole corpus is as large as its task says', () => {
  const cases = recordedTasks().flatMap((task) => {
    const vocabulary = recordedText(task.dir, 'labelvocabulary.csv')
    const isWhole = task.mode !== 'small' && !task.name.includes('@synthetic')
    return isWhole && vocabulary !== undefined ? [{ ...task, vocabulary }] : []
  })
  expect(cases.length).toBeGreaterThan(0)
  test.each(cases)('of $name', ({ taskName, vocabulary }) => {
    const { nLabels } = taskByName(taskName)
    expect(csvRecords(vocabulary, 'labelvocabulary.csv', ['label'])).toHaveLength(nLabels!)
  })
})
