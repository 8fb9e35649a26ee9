import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TaskAnalysis } from '../../src/probe/analysis/task-analysis.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const dir = scratchFolder()
const out = join(dir, 'results')
const bundle = join(out, 'naive', 'tiny-1-small')
const folded = join(out, 'naive', 'tiny-folds-small')

beforeAll(async () => {
  const tasks = join(dir, 'tasks')
  const one = writeTinyTask(join(tasks, 'tiny-1-small'))
  // A class whose name would be a tag, if a page took it for one.
  for (const file of ['train.json', 'valid.json', 'test.json', 'labelvocabulary.csv']) {
    const path = join(one, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      file.endsWith('.csv')
        ? text.replace('noise', '<b>noise</b>')
        : text.replaceAll('"noise"', '"<b>noise</b>"'),
    )
  }
  writeTinyTask(join(tasks, 'tiny-folds-small'), {
    splits: ['fold00', 'fold01', 'fold02'],
    splitMode: 'new_split_kfold',
  })
  const done = await hear([
    'run',
    '--model',
    'naive',
    '--tasks',
    tasks,
    '--out',
    out,
    '--grid',
    'faster',
    '--grid-points',
    '1',
  ])
  expect(done.code, done.stderr).toBe(0)
})

test('hear inspect shows classes and clips of a result', async () => {
  const { code, stdout, stderr } = await hear(['inspect', bundle])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^tiny, naive, hear-2021\ntop1_acc [01]\.\d{4}/)
  expect(stdout).toContain('12 clips, 3 classes, 1 fold, 1 probe seed')
  expect(stdout).toMatch(/\nclass +tests +F1 +recall +precision\n/)
  expect(stdout).toMatch(/\n<b>noise<\/b> +4 +/)
  expect(stdout).toMatch(/\nMost confused/)
  expect(stdout).toMatch(/\nClips most often wrong/)
})

test('--json prints everything that a result says, folds together, and its confusions give its score', async () => {
  const { code, stdout } = await hear(['inspect', folded, '--json', '--clips', '1'])
  expect(code).toBe(0)
  const document = JSON.parse(stdout)
  expect(document.format).toBe('hearkit-analyses/1')
  const [analysis]: TaskAnalysis[] = document.tasks
  expect(analysis).toMatchObject({
    task: 'tiny',
    folds: ['fold00', 'fold01', 'fold02'],
    clips: 36,
    tests: 36,
  })
  if (analysis.detail.kind !== 'multiclass') throw new Error('expected a multiclass result')
  const { confusion, hardestClips } = analysis.detail
  const right = confusion.reduce((sum, row, c) => sum + row[c], 0)
  // Folds are of one size, so the mean over folds is the mean over clips.
  expect(analysis.scores[0].score).toBeCloseTo(right / 36, 6)
  expect(hardestClips.length).toBe(36 - right)
})

test('--html writes one page that needs nothing else, of all results in a folder', async () => {
  const page = join(dir, 'pages', 'tiny.html')
  const { code, stderr } = await hear(['inspect', out, '--html', page])
  expect(code, stderr).toBe(0)
  expect(stderr).toContain(`Page: ${page}`)
  const text = readFileSync(page, 'utf8')
  expect(text).toContain('<h1>2 results of HEAR</h1>')
  expect(text).not.toMatch(/<script|src="|https?:|<b>noise/)
  expect(text).toContain('&lt;b&gt;noise&lt;/b&gt;')
  expect(text.match(/<svg /g)?.length).toBe(2)
})

describe('bad input is one clear error with exit 2', () => {
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await hear(['inspect', ...args])
    expect(code, stderr).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(/\n +at /)
    return stderr.replaceAll(dir, 'DIR')
  }

  test('a folder that is not there, that is empty, and none at all', async () => {
    expect(await refused(join(dir, 'nowhere'))).toContain('"DIR/nowhere"')
    mkdirSync(join(dir, 'empty'))
    expect(await refused(join(dir, 'empty'))).toContain('There is no result in "DIR/empty"')
    expect(await refused(bundle, join(dir, 'empty'))).toContain('There is no result in "DIR/empty"')
    expect(await refused()).toContain("missing required argument 'dir'")
    expect(await refused(bundle, '--clips', '0')).toContain('Expected a whole number of 1 or more')
    expect(await refused(bundle, '--html', dir)).toContain('"DIR"')
  })

  test('predictions that are not those that were scored', async () => {
    const path = join(folded, 'predictions.jsonl')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.split('\n').slice(1).join('\n'))
    expect(await refused(folded)).toContain('is not as it was written')
    writeFileSync(path, text)
    renameSync(join(folded, 'run.json'), join(dir, 'run.json'))
    expect(await refused(folded)).toContain('holds no finished result')
    rmSync(join(dir, 'run.json'))
  })
})
