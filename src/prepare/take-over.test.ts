import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type PreparedClips,
  type PreparedHeader,
  type PreparedRecord,
  writePreparedRecord,
} from './prepared-record.js'
import { type TakeOverOptions, takeOver, verifyFolder } from './take-over.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const plan = (digit: string) => digit.repeat(64)

let parent: string
let dir: string
let work: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'hear-take-over-'))
  dir = join(parent, 'task')
  work = join(parent, '.task.preparing')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const header = (of: string): PreparedHeader => ({
  format: 'hearkit-prepared-1',
  recipe: plan('0'),
  plan: plan(of),
  resampler: 'hearkit',
  hearkit: '0.1.0',
  files: { 'task_metadata.json': sha256('{}') },
  summary: { clips: { train: 2 }, foldSeed: null, warnings: [] },
})

/** A folder with two clips at some rates, whose content is their path, and its record. */
async function write(folder: string, of: string, rates: readonly number[]): Promise<PreparedRecord> {
  const clips: PreparedClips = new Map()
  for (const key of ['train/a.wav', 'train/b.wav']) {
    const hashes: Record<string, string> = {}
    for (const rate of rates) {
      const path = join(folder, String(rate), key)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, `${rate}/${key}`)
      hashes[rate] = sha256(`${rate}/${key}`)
    }
    clips.set(key, { sha256: hashes, warnings: [] })
  }
  await writeFile(join(folder, 'task_metadata.json'), '{}')
  await writePreparedRecord(folder, { header: header(of), clips })
  return { header: header(of), clips }
}

const options = (change: Partial<TakeOverOptions> = {}): TakeOverOptions => ({
  sampleRates: [16000],
  overwrite: false,
  onClip: () => {},
  signal: new AbortController().signal,
  ...change,
})

const ratesOf = (clips: PreparedClips | undefined) =>
  clips && Object.fromEntries([...clips].map(([key, { sha256 }]) => [key, Object.keys(sha256)]))

describe('what earlier runs left', () => {
  it('is nothing where there is no folder', async () => {
    expect(await takeOver(dir, work, header('1'), undefined, options())).toEqual({
      standing: undefined,
      begun: new Map(),
      complete: false,
    })
  })

  it('is complete when every file is as recorded', async () => {
    const existing = await write(dir, '1', [16000])
    const counts: string[] = []
    const onClip = (nDone: number, nClips: number) => counts.push(`${nDone}/${nClips}`)
    const there = await takeOver(dir, work, header('1'), existing, options({ onClip }))
    expect(there.complete).toBe(true)
    expect(counts).toEqual(['1/2', '2/2'])
  })

  it.each([
    ['a clip differs', (folder: string) => writeFile(join(folder, '16000/train/a.wav'), 'x'), ['a.wav']],
    ['a clip is gone', (folder: string) => rm(join(folder, '16000/train/b.wav')), ['b.wav']],
    ['the metadata differs', (folder: string) => writeFile(join(folder, 'task_metadata.json'), ''), []],
  ])('is not complete when %s, and says which clips stand', async (_, change, lost) => {
    const existing = await write(dir, '1', [16000])
    await change(dir)
    const { standing, complete } = await takeOver(dir, work, header('1'), existing, options())
    expect(complete).toBe(false)
    const without = [...standing!].filter(([, { sha256 }]) => !('16000' in sha256)).map(([key]) => key)
    expect(without).toEqual(lost.map((name) => `train/${name}`))
  })

  it('is not complete at a rate that was never made, and keeps the others as recorded', async () => {
    const existing = await write(dir, '1', [16000])
    const there = await takeOver(dir, work, header('1'), existing, options({ sampleRates: [8000] }))
    expect(there.complete).toBe(false)
    expect(ratesOf(there.standing)).toEqual({ 'train/a.wav': ['16000'], 'train/b.wav': ['16000'] })
  })

  it('counts what an interrupted run added beside a folder that stands', async () => {
    const existing = await write(dir, '1', [16000])
    await write(work, '1', [8000])
    const there = await takeOver(dir, work, header('1'), existing, options({ sampleRates: [8000, 16000] }))
    expect(ratesOf(there.standing)).toEqual({ 'train/a.wav': ['16000'], 'train/b.wav': ['16000'] })
    expect(ratesOf(there.begun)).toEqual({ 'train/a.wav': ['8000'], 'train/b.wav': ['8000'] })
  })

  it('loses the rates of an interrupted run that are not wanted any more', async () => {
    await write(work, '1', [8000, 16000])
    const there = await takeOver(dir, work, header('1'), undefined, options())
    expect(ratesOf(there.begun)).toEqual({ 'train/a.wav': ['16000'], 'train/b.wav': ['16000'] })
    expect((await readdir(work)).sort()).toEqual(['16000', 'prepared.jsonl', 'task_metadata.json'])
  })

  it('is removed where an interrupted run had another plan', async () => {
    await write(work, '2', [16000])
    const there = await takeOver(dir, work, header('1'), undefined, options())
    expect(there.begun.size).toBe(0)
    expect(existsSync(work)).toBe(false)
  })

  it('is left alone where it is a task folder of another plan, unless it may be replaced', async () => {
    const existing = await write(dir, '2', [16000])
    await expect(takeOver(dir, work, header('1'), existing, options())).rejects.toMatchObject({
      code: 'prepare/folder-differs',
    })
    const there = await takeOver(dir, work, header('1'), existing, options({ overwrite: true }))
    expect(there.standing).toBeUndefined()
    expect(existsSync(join(dir, '16000/train/a.wav'))).toBe(true)
  })

  it('is never taken over from a folder that is no task', async () => {
    await mkdir(dir)
    await writeFile(join(dir, 'thesis.txt'), 'all of it')
    await expect(
      takeOver(dir, work, header('1'), undefined, options({ overwrite: false })),
    ).rejects.toMatchObject({
      code: 'store/not-a-task-folder',
    })
  })
})

it('reads no clip once the signal is raised', async () => {
  const record = await write(dir, '1', [16000])
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(verifyFolder(dir, record, options({ signal }))).rejects.toThrow('enough')
})
