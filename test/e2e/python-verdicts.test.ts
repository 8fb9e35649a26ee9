import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixtureRoots } from '../fixtures.js'
import { hear, scratchFolder } from './hear.js'

/** A module that hear-validator has judged; those without a source are packages. */
interface Case {
  readonly id: string
  readonly module: string
  readonly description: string
  readonly source: string | null
  readonly expected: { readonly verdict: 'pass' | 'fail' }
}

const cases = new Map<string, Case>()
for (const path of fixtureRoots().map((root) => join(root, 'heareval', 'validator.json')))
  if (existsSync(path))
    for (const one of JSON.parse(readFileSync(path, 'utf8')).cases as Case[])
      if (one.source !== null) cases.set(one.id, one)

/** A Python that has PyTorch: the one that HEAR_PYTHON names, the first on the PATH, or Debian's. */
function pythonWithTorch(): string | undefined {
  const candidates = [process.env.HEAR_PYTHON, 'python3', '/usr/bin/python3']
  return candidates.find((python) => {
    try {
      if (python) execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' })
      return python
    } catch {
      return false
    }
  })
}

const python = pythonWithTorch()
const dir = scratchFolder()

test('modules that hear-validator has judged are found', () => {
  expect(cases.size).toBeGreaterThanOrEqual(35)
})

test
  .skipIf(python === undefined)
  .each([...cases.values()].map((one) => [one.id, one.description, one] as const))(
  "hear-validator's verdict is found again on its own module (needs a Python with PyTorch): %s, %s",
  async (_, __, { module, source, expected }) => {
    mkdirSync(join(dir, module), { recursive: true })
    writeFileSync(join(dir, module, `${module}.py`), source!)
    const args = ['validate', `py:${module}`, '--original', '--json', '--python', python!]
    process.env.PYTHONPATH = join(dir, module)
    const done = await hear(args)
    const report = JSON.parse(done.stdout)
    expect(report.originalVerdict, JSON.stringify(report.findings, null, 1)).toBe(expected.verdict)
    expect(done.code).toBe(expected.verdict === 'pass' ? 0 : 2)
  },
)
