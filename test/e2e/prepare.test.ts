import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { hear, main, scratchFolder } from './hear.js'

const scratch = scratchFolder()
let nFolders = 0
let dir: string

const LABELS = ['low', 'high']
const N_CLIPS = 24

/** A second of a tone, another one for each clip. */
function tone(index: number, sampleRate = 8000, durationSec = 1): Uint8Array {
  const hz = 200 + 100 * index
  const length = durationSec * sampleRate
  return encodeWavPcm16(
    Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / sampleRate)),
    sampleRate,
  )
}

const task = (change: object = {}) => ({
  about: 'Tell low tones from high ones.',
  licence: 'CC0',
  citation: 'Made for a test.',
  config: {
    task_name: 'tones',
    version: 'v1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 3,
    sample_duration: 0.5,
    evaluation: ['top1_acc'],
    default_mode: 'full',
  },
  modes: { full: { max_task_duration_by_fold: null } },
  sources: { full: [{ name: 'tones', folder: 'recordings' }] },
  clips: { table: 'tones/labels.csv', file: 'file', label: 'label' },
  ...change,
})

/** A folder of recordings with a table, and the task file beside it. */
function writeTask(change?: object): void {
  mkdirSync(join(dir, 'recordings'), { recursive: true })
  const names = Array.from({ length: N_CLIPS }, (_, i) => `tone ${i}.wav`)
  for (const [i, name] of names.entries()) writeFileSync(join(dir, 'recordings', name), tone(i))
  const rows = names.map((name, i) => `${name},${LABELS[i % 2]}\n`)
  writeFileSync(join(dir, 'recordings', 'labels.csv'), `file,label\n${rows.join('')}`)
  writeFileSync(join(dir, 'tones.json'), JSON.stringify(task(change)))
}

const args = (...more: string[]) => [
  ...['prepare', join(dir, 'tones.json'), '--out', join(dir, 'tasks'), '--cache', join(dir, 'cache')],
  ...['--sample-rates', '16000', ...more],
]
const made = () => join(dir, 'tasks', 'tones-v1-full')

/** Every file of a folder, by path, with its content. */
function contentsOf(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path).toString('hex')]),
  )
}

const record = () => join(dir, 'tasks', '.tones-v1-full.preparing', 'prepared.jsonl')

/**
 * Kills the program when it has recorded so many clips, and removes its lock, which would count for another minute.
 * @returns how many clips it recorded in the end
 */
async function killAfter(nClips: number, commandLine: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [main, ...commandLine], { stdio: 'ignore' })
  const closed = new Promise((resolve) => child.on('close', resolve))
  const nRecorded = () => (existsSync(record()) ? readFileSync(record(), 'utf8').split('\n').length - 2 : 0)
  while (nRecorded() < nClips && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await closed
  expect(nRecorded()).toBeGreaterThanOrEqual(nClips)
  rmSync(join(dir, 'tasks', '.tones-v1-full.lock'))
  return nRecorded()
}

function withoutRecord(contents: Map<string, string>): Map<string, string> {
  return new Map([...contents].filter(([name]) => name !== 'prepared.jsonl'))
}

beforeEach(() => {
  dir = join(scratch, `task-${nFolders++}`)
  mkdirSync(dir)
})

describe('hear prepare', () => {
  it('makes a task folder that hear run scores, from a folder of audio and a table', async () => {
    writeTask()
    const prepared = await hear(args())
    expect(prepared.stderr).toMatch(/preparing tones, full: 24 clips at 16000 Hz/)
    expect(prepared.stdout.trim()).toBe(made())
    expect(prepared.code).toBe(0)
    expect(readdirSync(join(dir, 'tasks'))).toEqual(['tones-v1-full'])
    const fold = JSON.parse(readFileSync(join(made(), 'fold00.json'), 'utf8'))
    const [clip] = Object.keys(fold)
    // 44 bytes of header, and half a second of 16-bit samples.
    expect(readFileSync(join(made(), '16000', 'fold00', clip)).length).toBe(44 + 2 * 8000)
  })

  it('leaves a finished folder alone, and says so as data', async () => {
    writeTask()
    await hear(args())
    const before = contentsOf(made())
    const { code, stdout } = await hear(args('--json'))
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(document.tasks).toMatchObject([
      {
        name: 'tones-v1-full',
        nConverted: 0,
        sampleRates: [16000],
        clips: { fold00: 8, fold01: 8, fold02: 8 },
      },
    ])
    expect(contentsOf(made())).toEqual(before)
  })

  it('mends a finished folder whose clips or labels were changed, and only these', async () => {
    writeTask()
    await hear(args())
    const before = contentsOf(made())
    const clips = readdirSync(join(made(), '16000', 'fold01'))
    appendFileSync(join(made(), '16000', 'fold01', clips[0]), 'x')
    rmSync(join(made(), '16000', 'fold01', clips[1]))
    writeFileSync(join(made(), 'fold02.json'), '{}')
    const { code, stderr } = await hear(args())
    expect(code).toBe(0)
    expect(stderr).toContain(`22 of them there already`)
    expect(withoutRecord(contentsOf(made()))).toEqual(withoutRecord(before))
  })

  it('adds rates to a finished folder', async () => {
    writeTask()
    await hear(args())
    const before = contentsOf(made())
    const { code } = await hear([...args(), '--sample-rates', '16000,8000'])
    expect(code).toBe(0)
    const after = contentsOf(made())
    for (const [name, content] of withoutRecord(before)) expect(after.get(name)).toBe(content)
    expect([...after.keys()].filter((name) => name.startsWith('8000/')).length).toBe(N_CLIPS)
    // At their own rate the samples are the source's own.
    const clip = readdirSync(join(made(), '8000', 'fold00'))[0]
    const source = readFileSync(join(dir, 'recordings', clip)).subarray(44, 44 + 2 * 4000)
    expect(readFileSync(join(made(), '8000', 'fold00', clip)).subarray(44)).toEqual(source)
    const again = await hear([...args(), '--sample-rates', '16000,8000'])
    expect(again.stderr).toContain('all there already')
  })

  it('leaves a finished folder where it is while a rate is added, be it interrupted', async () => {
    writeTask({ config: { ...task().config, sample_duration: 20 } })
    await hear(args())
    const before = contentsOf(made())
    const more = [...args(), '--sample-rates', '16000,44100', '--workers', '1']
    await killAfter(3, more)
    expect(contentsOf(made())).toEqual(before)
    const { code, stderr } = await hear(more)
    expect(code).toBe(0)
    expect(Number(/(\d+) of them there already/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(2)
    const mended = contentsOf(made())
    expect(readdirSync(join(dir, 'tasks'))).toEqual(['tones-v1-full'])
    rmSync(join(dir, 'tasks'), { recursive: true })
    await hear(more)
    expect(withoutRecord(mended)).toEqual(withoutRecord(contentsOf(made())))
  })

  it('says what is odd about recordings, also when they were converted before', async () => {
    writeTask()
    const recording = join(dir, 'recordings', 'tone 5.wav')
    truncateSync(recording, 2000)
    const first = await hear(args())
    expect(first.stderr).toMatch(/^ {2}"tones\/tone 5\.wav" /m)
    const { stdout } = await hear(args('--json'))
    expect(JSON.parse(stdout).tasks[0].warnings).toEqual([expect.stringContaining('"tones/tone 5.wav"')])
  })

  it('notices a recording that was replaced, and refuses to mix it in unless told to', async () => {
    writeTask()
    await hear(args())
    const before = contentsOf(made())
    writeFileSync(join(dir, 'recordings', 'tone 3.wav'), tone(99))
    const refused = await hear(args())
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/not what would be prepared now[\s\S]*--overwrite/)
    expect(contentsOf(made())).toEqual(before)
    expect((await hear(args('--overwrite'))).code).toBe(0)
    const changed = [...contentsOf(made())].filter(([name, content]) => before.get(name) !== content)
    expect(changed.map(([name]) => name.split('/').pop()).sort()).toEqual(['prepared.jsonl', 'tone 3.wav'])
    expect(readdirSync(join(dir, 'tasks'))).toEqual(['tones-v1-full'])
  })

  it('goes on where a killed run was', async () => {
    writeTask({ config: { ...task().config, sample_duration: 60 } })
    const kept = await killAfter(3, args('--workers', '1'))
    expect(existsSync(made())).toBe(false)
    // What a crash leaves: a line cut short, and a clip that is half there.
    appendFileSync(record(), '{"split":"fold00","fileN')
    const { code, stderr } = await hear(args())
    expect(code).toBe(0)
    const there = /(\d+) of them there already/.exec(stderr)
    expect(Number(there?.[1])).toBeGreaterThanOrEqual(kept - 1)
    const resumed = contentsOf(made())
    rmSync(join(dir, 'tasks'), { recursive: true })
    await hear(args())
    expect(withoutRecord(resumed)).toEqual(withoutRecord(contentsOf(made())))
  })

  it('stops cleanly on Ctrl-C and goes on afterwards', async () => {
    writeTask({ config: { ...task().config, sample_duration: 60 } })
    const child = spawn(process.execPath, [main, ...args('--workers', '1')], { stdio: 'ignore' })
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
    while (!existsSync(record()) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGINT')
    expect(await closed).toBe(130)
    expect(readdirSync(join(dir, 'tasks'))).toEqual(['.tones-v1-full.preparing'])
    expect((await hear(args())).code).toBe(0)
    expect(readdirSync(join(dir, 'tasks'))).toEqual(['tones-v1-full'])
  })

  it('names the clip that cannot be decoded, and leaves no task folder', async () => {
    writeTask()
    writeFileSync(join(dir, 'recordings', 'tone 7.wav'), 'no sound at all')
    const { code, stdout, stderr } = await hear(args())
    expect(code).toBe(2)
    expect(stderr).toContain('"tones/tone 7.wav" is not a sound file')
    expect(stdout).toBe('')
    expect(existsSync(made())).toBe(false)
  })

  it('refuses a folder of that name that it knows nothing about', async () => {
    writeTask()
    await hear(args())
    rmSync(join(made(), 'prepared.jsonl'))
    const { code, stderr } = await hear(args())
    expect(code).toBe(2)
    expect(stderr).toMatch(/no prepared.jsonl/)
    expect((await hear(args('--overwrite'))).code).toBe(0)
  })

  it('prepares alone: a second program that wants the same task waits for the first', async () => {
    writeTask({ config: { ...task().config, sample_duration: 20 } })
    const both = await Promise.all([hear(args()), hear(args())])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both.filter(({ stderr }) => stderr.includes('all there already')).length).toBe(1)
  })

  it('gives the same files whatever the number of threads', async () => {
    writeTask()
    await hear(args('--workers', '1'))
    const one = contentsOf(made())
    cpSync(join(dir, 'tasks'), join(dir, 'one'), { recursive: true })
    rmSync(join(dir, 'tasks'), { recursive: true })
    await hear(args('--workers', '3'))
    expect(withoutRecord(contentsOf(made()))).toEqual(withoutRecord(one))
  })

  it.each([
    ['an unknown task', ['prepare', 'esc5'], /found "esc5"[\s\S]*esc50/],
    ['an unknown mode', ['prepare', 'esc50', '--mode', 'smal'], /found "smal"[\s\S]*small/],
    ['an archive that is not in the source folder', ['prepare', 'esc50', '--source', '.'], /master\.zip/],
    [
      'a rate that nothing is resampled to',
      ['prepare', 'esc50', '--sample-rates', '96000'],
      /of 4000 to 48000 Hz; found 96000/,
    ],
    ['a rate of zero', ['prepare', 'esc50', '--sample-rates', '0'], /whole number/],
  ])('says what is wrong with %s', async (_, wrong, message) => {
    const { code, stdout, stderr } = await hear([
      ...wrong,
      ...(wrong.includes('--out') ? [] : ['--out', dir]),
    ])
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(readdirSync(dir).filter((name) => !name.startsWith('.'))).toEqual([])
  })

  it('goes on with the other tasks when one cannot be prepared, and says so at the end', async () => {
    writeTask()
    const { code, stdout, stderr } = await hear(['prepare', 'esc50', ...args('--source', dir).slice(1)])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /master\.zip[\s\S]*preparing tones, full[\s\S]*1 of 2 tasks were not prepared: esc50 \(full\)/,
    )
    expect(stdout.trim()).toBe(made())
    const { stdout: json } = await hear(['prepare', 'esc50', ...args('--source', dir, '--json').slice(1)])
    const document = JSON.parse(json)
    expect(document.tasks).toMatchObject([{ name: 'tones-v1-full', nConverted: 0 }])
    expect(document.failed).toMatchObject([{ task: 'esc50', mode: 'full' }])
  })
})
