import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ModelProcess } from '../../src/cli/validate/model-process.js'
import type { Sounds } from '../../src/validate/sounds.js'
import { scratchFolder } from './hear.js'

const ENTRY = new URL('./faulty-model.mjs', import.meta.url)
const scratch = scratchFolder()
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

/** Whether a process is there and not merely waiting to be collected. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 150 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(holds()).toBe(true)
}

const noProc = !existsSync('/proc/self/status')

test.skipIf(noProc)('what a model started does not outlive its crash (needs /proc)', async () => {
  const pidFile = join(scratch, 'crashed')
  process.env.HEAR_TEST_PID_FILE = pidFile
  await start('starts another and crashes').ask('scenes', AUDIO)
  delete process.env.HEAR_TEST_PID_FILE
  const [pid] = readFileSync(pidFile, 'utf8').split(' ').map(Number)
  expect(pid).toBeGreaterThan(1)
  await until(() => !isRunning(pid))
})

test.skipIf(noProc)('a model in an endless loop ends with the program that asks (needs /proc)', async () => {
  const pidFile = join(scratch, 'orphaned')
  // A program that is killed while the model's process is busy.
  const asking = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { fork } from 'node:child_process'
       const child = fork(${JSON.stringify(ENTRY.href)}.replace('file://', ''), { serialization: 'advanced', detached: true, execArgv: [] })
       child.send({ name: 'starts another and hangs', options: {} })
       child.send({ id: 0, kind: 'scenes', question: ${JSON.stringify(AUDIO)} })`,
    ],
    { env: { ...process.env, HEAR_TEST_PID_FILE: pidFile }, stdio: 'ignore' },
  )
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').includes('\n'))
  const pids = readFileSync(pidFile, 'utf8').trim().split(' ').map(Number)
  expect(pids).toHaveLength(2)
  asking.kill('SIGKILL')
  for (const pid of pids) await until(() => !isRunning(pid))
})
