import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixtureModels } from '../models.js'
import { main, scratchFolder } from './hear.js'

const scratch = scratchFolder()

test('hear validate on an ONNX model writes nothing into the home folder: telemetry is off', () => {
  const home = join(scratch, 'home')
  mkdirSync(home)
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env
  const [model] = fixtureModels('good')
  const done = spawnSync(process.execPath, [main, 'validate', model, '--quick'], {
    env: { ...env, HOME: home },
    encoding: 'utf8',
  })
  expect(done.stdout).toContain('passes')
  expect(readdirSync(home, { recursive: true })).toEqual([])
})
