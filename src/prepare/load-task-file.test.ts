import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { HearError } from '../base/errors.js'
import { esc50 } from '../tasks/esc50.js'
import { taskRows } from '../tasks/task-rows.js'
import { findTask, loadTaskFile } from './load-task-file.js'

const dir = mkdtempSync(join(tmpdir(), 'hearkit-task-file-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const birds = {
  about: 'Tell two birds apart.',
  licence: 'CC0',
  citation: 'none',
  config: {
    task_name: 'my_birds',
    version: 'v1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: 3,
    evaluation: ['top1_acc'],
    default_mode: 'full',
  },
  modes: { full: {} },
  sources: { full: [{ name: 'birds', folder: 'recordings' }] },
  clips: { table: 'birds/labels.csv', file: 'file', label: 'bird' },
}

function written(name: string, text: string): string {
  const path = join(dir, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

describe('a task file', () => {
  test('of JSON is read, and its folders count from where it lies', async () => {
    const task = await loadTaskFile(written('a b/birds.json', `\ufeff${JSON.stringify(birds)}`))
    expect(task).toEqual({
      ...birds,
      sources: { full: [{ name: 'birds', folder: join(dir, 'a b', 'recordings') }] },
    })
  })

  test('that is a module may make its rows by a function', async () => {
    const path = written(
      'birds-1.mjs',
      `const task = ${JSON.stringify(birds)}
       task.clips = (files) => files.paths.map((path) => ({ path, label: path.split('/')[1], split: 'train' }))
       export default task`,
    )
    const task = await findTask(path)
    expect(await taskRows(task, 'full', memorySources({ 'birds/wren/1.wav': null }))).toEqual([
      { path: 'birds/wren/1.wav', label: 'wren', split: 'train' },
    ])
  })

  test('may name archives in place of folders', async () => {
    const sources = { full: [{ name: 'birds', url: 'https://example.org/birds.zip', md5: 'a'.repeat(32) }] }
    const path = written('archives.json', JSON.stringify({ ...birds, sources }))
    expect((await loadTaskFile(path)).sources).toEqual(sources)
  })
})

describe('what is no task file is refused, with its name', () => {
  test.each<[what: string, name: string, text: string | undefined, code: string, message: string]>([
    ['a file that is not there', 'gone.json', undefined, 'store/file-missing', 'there is no such file'],
    ['a module that is not there', 'gone.mjs', undefined, 'store/file-missing', 'there is no such file'],
    [
      'another suffix',
      'birds.yaml',
      'a: 1',
      'tasks/file-kind',
      'expected a task in a .json, .mjs, .js file.',
    ],
    ['no JSON', 'no.json', '{', 'store/not-json', 'is not valid JSON'],
    [
      'a misspelt key',
      'key.json',
      JSON.stringify({ ...birds, sourcs: {} }),
      'store/json-content',
      '(did you mean "sources"?)',
    ],
    [
      'a module without a default export',
      'none.mjs',
      'export const task = {}',
      'tasks/module',
      'expected the task as the default export, found none.',
    ],
    ['a module that is none', 'syntax.mjs', 'export default {', 'tasks/module', 'cannot be loaded'],
    [
      'a module that throws',
      'throws.mjs',
      'throw new Error("no birds today")',
      'tasks/module',
      'cannot be loaded: no birds today.',
    ],
    [
      'a function in place of a task',
      'function.mjs',
      'export default () => 1',
      'store/json-content',
      'expected object',
    ],
  ])('%s', async (_what, name, text, code, message) => {
    const path = text === undefined ? join(dir, name) : written(name, text)
    const error = await loadTaskFile(path).then(
      () => undefined,
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(HearError)
    expect(error).toMatchObject({ code })
    expect((error as HearError).message).toContain(path)
    expect((error as HearError).message).toContain(message)
  })
})

test('a name without a suffix is that of a built-in task', async () => {
  expect(await findTask('esc50')).toBe(esc50)
  await expect(findTask('esc51')).rejects.toThrow('Expected the name of a task, found "esc51".')
  await expect(findTask('./esc50')).rejects.toThrow('expected a task in a .json, .mjs, .js file.')
})
