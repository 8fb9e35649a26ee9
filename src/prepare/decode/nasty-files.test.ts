import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MonoPcm } from '../../audio/decode-mono-pcm.js'
import { HearError } from '../../base/errors.js'
import { parseCsv } from '../../store/csv.js'
import { SOURCE_LIMITS } from '../sources/limits.js'
import { openLocalFolder } from '../sources/local-folder.js'
import { openArchive } from '../sources/open-archive.js'
import { decodeSource } from './decode-source.js'

const data = process.env.HEAR_TEST_DATA
const nasty = join(data ?? '', 'data/nasty')

interface Row {
  file: string
  what: string
  expected: string
}
type Outcome = { pcm: MonoPcm; error?: undefined } | { error: HearError; pcm?: undefined }

const rows: Row[] = data === undefined ? [] : readRows()
/** Of every file that can be opened, by name, as a preparation reads it: out of a folder, in a stream. */
const outcomes = new Map<string, Outcome>()
let names: string

function readRows(): Row[] {
  const [, ...lines] = parseCsv(readFileSync(join(nasty, 'EXPECTED.csv'), 'utf8'), 'EXPECTED.csv')
  return lines.map(([file, what, expected]) => ({ file, what, expected }))
}

async function decodeFolder(folder: string): Promise<void> {
  const archive = await openLocalFolder(folder, SOURCE_LIMITS)
  const wanted = new Set(archive.members.map(({ name }) => name))
  const use = async (name: string, member: { stream(): AsyncIterable<Uint8Array> }) => {
    try {
      outcomes.set(name, { pcm: await decodeSource(member.stream(), { name }) })
    } catch (error) {
      if (!(error instanceof HearError)) throw error
      outcomes.set(name, { error })
    }
  }
  await archive.visit(wanted, use, { concurrency: 1 })
}

describe.skipIf(data === undefined)(
  'the difficult files (skipped unless HEAR_TEST_DATA names the folder above data/nasty)',
  () => {
    let danglingRefusal: unknown
    beforeAll(async () => {
      names = mkdtempSync(join(tmpdir(), 'hear-nasty-'))
      execFileSync(process.execPath, [join(nasty, 'make_names.mjs'), names])
      danglingRefusal = await openLocalFolder(names, SOURCE_LIMITS).catch((error) => error)
      rmSync(join(names, 'dangling_symlink.wav'))
      await decodeFolder(nasty)
      copyFileSync(join(nasty, 'unreadable.wav'), join(names, 'unreadable.wav'))
      chmodSync(join(names, 'unreadable.wav'), 0)
      await decodeFolder(names)
    }, 60_000)
    afterAll(() => rmSync(names, { recursive: true, force: true }))

    it('are there, and every one of them is in the table', () => {
      expect(rows.length).toBeGreaterThan(60)
      const listed = new Set(rows.map(({ file }) => file))
      const tools = ['EXPECTED.csv', 'make_names.mjs', 'target.wav']
      expect([...outcomes.keys()].filter((name) => !listed.has(name) && !tools.includes(name))).toEqual([])
    })

    it.for(rows)('$file ($what): $expected', { timeout: 300_000 }, async (row, { skip }) => {
      if (row.file === 'make_long.sh') {
        if (spawnSync('sox', ['--version']).status !== 0) skip('sox makes the long files, and is not here')
        return expectLongFiles()
      }
      if (row.file === 'html_download_error.zip') return expectPageRefused(row.file)
      if (row.file === 'dangling_symlink.wav') return expectNamed(danglingRefusal, row.file)
      if (row.file === 'directory.wav') return expect(outcomes.has(row.file)).toBe(false)
      const outcome = outcomes.get(row.file)
      if (outcome === undefined) throw new Error(`no check of the row "${row.file}": there is no such file`)
      if (row.file === 'unreadable.wav' && process.getuid?.() === 0) expectReference(outcome, row.expected)
      else expectOutcome(outcome, row)
    })
  },
)

function expectOutcome(outcome: Outcome, { file, expected }: Row): void {
  const mustFail = /^(error|permission error)/.test(expected)
  const mayFail = mustFail || /\berror\b|reject|skip/.test(expected)
  if (outcome.error !== undefined) {
    if (!mayFail) throw outcome.error
    expectNamed(outcome.error, file)
    return
  }
  expect(mustFail).toBe(false)
  const { samples, sampleRate, warnings } = outcome.pcm
  const durationSec = samples.length / sampleRate
  expect(samples.length).toBeGreaterThan(0)
  if (expected.includes('0.25 s')) {
    expect(durationSec).toBeCloseTo(0.25, 3)
    expect(warnings.length).toBeGreaterThan(0)
  } else if (/0\.5 s/.test(expected) && !isBlocks(expected))
    expect(Math.abs(durationSec - 0.5)).toBeLessThanOrEqual(0.001)
  if (/equals (pcm16_)?reference/.test(expected)) expectReference(outcome, expected)
  if (/digital silence/.test(expected)) expect(samples.every((value) => value === 0)).toBe(true)
  if (/MEAN of channels/.test(expected)) expectMean(file, samples)
}

/** ADPCM, whose length is a number of blocks. */
const isBlocks = (expected: string): boolean => expected.includes('never noise')

/** 8 bits lie within one step of 2^-7, G.711 within 5 % of full scale, ADPCM within 10 %, the rest within 2^-15. */
function expectReference({ pcm }: Outcome, expected: string): void {
  const reference = outcomes.get('pcm16_reference.wav')!.pcm!.samples
  const tolerance = expected.includes('2^-7')
    ? 256
    : 32768 * (expected.includes('5 %') ? 0.05 : isBlocks(expected) ? 0.1 : 2 ** -15)
  // The last block of 4089 samples was filled up, and the header counts what it was filled with.
  const nMore = pcm!.samples.length - reference.length
  expect([nMore >= 0, nMore < (isBlocks(expected) ? 4089 : 1)]).toEqual([true, true])
  const worst = reference.reduce((max, value, i) => Math.max(max, Math.abs(value - pcm!.samples[i])), 0)
  expect(worst).toBeLessThanOrEqual(tolerance)
}

/** A plain 16-bit stereo file: its samples follow the 44 bytes of its header. */
function expectMean(file: string, samples: Int16Array): void {
  const bytes = readFileSync(join(nasty, file))
  const mean = samples.map((_, i) => (bytes.readInt16LE(44 + 4 * i) + bytes.readInt16LE(46 + 4 * i) + 1) >> 1)
  expect([...samples]).toEqual([...mean])
}

function expectNamed(error: unknown, file: string): void {
  expect(error).toBeInstanceOf(HearError)
  expect((error as HearError).message).toContain(file)
}

async function expectPageRefused(file: string): Promise<void> {
  const fetched = { path: join(nasty, file), fileName: file, knownDir: names, md5: '', sha256: '' }
  const opening = openArchive(fetched, { isRead: () => false, limits: SOURCE_LIMITS })
  expectNamed(await opening.catch((error) => error), file)
}

/** One of 345 MB among them: what is in memory at a time is one piece of it and the result. */
async function expectLongFiles(): Promise<void> {
  execFileSync('sh', [join(nasty, 'make_long.sh')], { cwd: names })
  const archive = await openLocalFolder(names, SOURCE_LIMITS)
  const long = archive.members.filter(({ name }) => name.startsWith('long_'))
  expect(long.length).toBeGreaterThan(0)
  let nRead = 0
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      nRead += chunk.length
      yield chunk
    }
  }
  for (const maxDurationSec of [undefined, 4])
    await archive.visit(
      new Set(long.map(({ name }) => name)),
      async (name, { sizeBytes, stream }) => {
        nRead = 0
        const { samples, sampleRate } = await decodeSource(counted(stream()), { name, maxDurationSec })
        const durationSec = Number(/_(\d+)s/.exec(name)?.[1])
        expect(samples.length).toBe((maxDurationSec ?? durationSec) * sampleRate)
        expect(samples.buffer.byteLength).toBe(samples.byteLength)
        expect(nRead).toBeLessThanOrEqual(maxDurationSec === undefined ? sizeBytes : 2 ** 22)
      },
      { concurrency: 1 },
    )
}
