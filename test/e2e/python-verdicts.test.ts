import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openModel } from '../../src/model/open-model.js'
import { ModelHost } from '../../src/validate/model-host.js'
import { validateModel } from '../../src/validate/validate-model.js'
import { fixtureRoots } from '../fixtures.js'
import { moduleFolder, pythonWith } from '../python.js'

interface RecordedCase {
  readonly module: string
  readonly description: string
  /** The Python module as hear-validator was given it; null where it was an installed one. */
  readonly source: string | null
  readonly expected: { readonly verdict: 'pass' | 'fail' }
}

/** Recorded modules whose source is there, from every fixture folder. */
function recordedModules(): RecordedCase[] {
  const cases = new Map<string, RecordedCase>()
  for (const root of fixtureRoots()) {
    const path = join(root, 'heareval', 'validator.json')
    if (!existsSync(path)) continue
    for (const one of JSON.parse(readFileSync(path, 'utf8')).cases as RecordedCase[])
      if (one.source !== null) cases.set(one.source, one)
  }
  return [...cases.values()]
}

const MODULES = recordedModules()
const python = pythonWith('torch')
const { write } = moduleFolder()

test('there are recorded Python modules', () => {
  expect(MODULES.length).toBeGreaterThanOrEqual(35)
})

describe.skipIf(python === undefined)('hear-validator and ours agree on Python modules (needs torch)', () => {
  test.each(MODULES)('$module: $description', async ({ module, source, expected }) => {
    write(`${module}.py`, source!)
    const host = new ModelHost(
      () => openModel(`py:${module}`, { python }),
      () => performance.now(),
    )
    const subject = { ask: host.ask.bind(host), peakMemory: () => ({ processBytes: null, gpuBytes: null }) }
    const report = await validateModel(subject, {
      name: module,
      extent: 'original',
      signal: new AbortController().signal,
      now: () => performance.now(),
      onProgress: () => {},
    })
    await host.close().catch(() => {})
    expect(report.originalVerdict, JSON.stringify(report.findings, null, 1)).toBe(expected.verdict)
  })
})
