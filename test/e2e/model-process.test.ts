import { afterEach, expect, test } from 'vitest'
import { ModelProcess } from '../../src/cli/validate/model-process.js'
import type { Sounds } from '../../src/validate/sounds.js'

const ENTRY = new URL('./faulty-model.mjs', import.meta.url)
const AUDIO: Sounds = { sampleRate: 16000, nSamples: 160, sounds: [{}] }

let started: ModelProcess | undefined
afterEach(() => started?.kill())

function start(name: string, limits: { timeLimitSec?: number; signal?: AbortSignal } = {}): ModelProcess {
  started = new ModelProcess(ENTRY, {
    name,
    options: {},
    timeLimitSec: 30,
    memoryLimitBytes: 600 * 2 ** 20,
    signal: new AbortController().signal,
    ...limits,
  })
  return started
}

test.each([
  ['aborts', { kind: 'died', how: 'a process that ended by SIGABRT' }],
  ['exits', { kind: 'died', how: 'a process that ended with code 7' }],
  ['throws later', { kind: 'died', lastWords: expect.stringContaining('nobody to catch it') }],
  ['grows', { kind: 'outgrew', of: 'process', limitBytes: 600 * 2 ** 20 }],
  ['starts a process that grows', { kind: 'outgrew', of: 'process' }],
])('a model that %s ends in a failure, and can be asked again', async (name, failure) => {
  const model = start(name)
  expect(await model.ask('scenes', AUDIO)).toMatchObject({ failure })
  const again = await model.ask('load', null)
  expect(again).toHaveProperty('answer.attributes.sampleRate.value', 16000)
})

test.each(['hangs', 'waits'])('a model that %s is stopped at the time limit', async (name) => {
  const model = start(name, { timeLimitSec: 2 })
  const asked = performance.now()
  expect(await model.ask('scenes', AUDIO)).toEqual({ failure: { kind: 'hung', limitSec: 2 } })
  expect(performance.now() - asked).toBeLessThan(20_000)
  expect(await model.ask('load', null)).toHaveProperty('answer')
})

test('what a model prints does not disturb its answers', async () => {
  expect(await start('talks').ask('scenes', AUDIO)).toHaveProperty('answer.embeddings.dims', [1, 1])
})

test('memory is measured', async () => {
  const model = start('talks')
  await model.ask('scenes', AUDIO)
  expect(model.peakMemory().processBytes).toBeGreaterThan(20 * 2 ** 20)
  expect(model.peakMemory().processBytes).toBeLessThan(600 * 2 ** 20)
})

test('a call that hangs ends when the user stops it', async () => {
  const abort = new AbortController()
  const model = start('hangs', { signal: abort.signal })
  const asked = model.ask('scenes', AUDIO)
  setTimeout(() => abort.abort(new Error('stopped')), 500)
  await expect(asked).rejects.toThrow('stopped')
})
