import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hear, scratchFolder } from './hear.js'

const dir = scratchFolder()
const data = process.env.HEAR_TEST_DATA
const fixtures = process.env.HEAR_TEST_FIXTURES ?? (data === undefined ? undefined : join(data, 'fixtures'))
const archive = join(data ?? '', 'data/tasks/hear_small/hear-2021.0.6-spoken_digit-1.0.9-small-44100.tar.gz')

test.skipIf(data === undefined)(
  'HEAR’s own published archive runs unchanged and gives five folds (skipped without HEAR_TEST_DATA)',
  async () => {
    const tasks = join(dir, 'archive')
    mkdirSync(tasks)
    execFileSync('tar', ['-xzf', archive, '-C', tasks])
    const quick = ['--grid', 'fast', '--grid-points', '1', '--json', '--out', join(dir, 'results')]
    const done = await hear(['run', '--model', 'naive', '--tasks', tasks, ...quick])
    expect(done.code, done.stderr).toBe(0)
    const [scored] = JSON.parse(done.stdout).tasks
    expect(scored.task).toBe('spoken_digit')
    expect(scored.folds.length).toBe(5)
    expect(scored.score).toBeGreaterThanOrEqual(0)
    expect(scored.std).toBeGreaterThanOrEqual(0)
  },
)

interface Recorded {
  readonly test?: { test_score: number }
  readonly aggregated_scores?: { test_score_mean: number }
}

/** Targets small enough for a test; bench/reproduction.mjs does them all with three seeds. */
const SMALL_ROWS = 500
const targets = (
  fixtures !== undefined && existsSync(join(fixtures, 'probe')) ? readdirSync(join(fixtures, 'probe')) : []
)
  .map((name) => ({ name, folder: join(fixtures ?? '', 'probe', name) }))
  .filter(({ folder }) => existsSync(join(folder, 'scores')))
  .filter(({ folder }) => {
    const rows = readdirSync(folder).filter((file) => file.endsWith('.rows.json'))
    return (
      rows.reduce((sum, file) => sum + JSON.parse(readFileSync(join(folder, file), 'utf8')).length, 0) <
      SMALL_ROWS
    )
  })

describe.skipIf(fixtures === undefined)(
  'protocol hear-2021 (skipped without HEAR_TEST_FIXTURES or HEAR_TEST_DATA)',
  () => {
    test('has targets to reproduce', () => {
      expect(targets.length).toBeGreaterThan(0)
    })

    test.each(targets)('scores as heareval did on $name', async ({ name, folder }) => {
      const recorded = readdirSync(join(folder, 'scores'))
        .filter((file) => /^\d+\.json$/.test(file))
        .map((file) => JSON.parse(readFileSync(join(folder, 'scores', file), 'utf8')) as Recorded)
        .map((scores) => scores.aggregated_scores?.test_score_mean ?? scores.test?.test_score ?? Number.NaN)
      const grid = JSON.parse(readFileSync(join(folder, 'scores', '42.grid.json'), 'utf8'))
      const points = String(grid.confs_tried.length)
      const out = join(dir, 'reproduction', name)
      const done = await hear(['evaluate', folder, '--json', '--grid-points', points, '--out', out])
      expect(done.code, done.stderr).toBe(0)
      const { score, interval } = JSON.parse(done.stdout).tasks[0]
      const mean = recorded.reduce((sum, one) => sum + one, 0) / recorded.length
      const reach = (interval.high - interval.low) / 2
      expect(score).toBeGreaterThanOrEqual(Math.min(...recorded, mean - reach))
      expect(score).toBeLessThanOrEqual(Math.max(...recorded, mean + reach))
    })
  },
)
