import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addClip,
  appendPreparedClips,
  fileHash,
  type PreparedClips,
  type PreparedHeader,
  readPreparedRecord,
  writePreparedRecord,
} from './prepared-record.js'

const hash = (digit: string) => digit.repeat(64)

const header: PreparedHeader = {
  format: 'hearkit-prepared-1',
  recipe: hash('a'),
  plan: hash('b'),
  resampler: 'hearkit',
  hearkit: '0.1.0',
  files: { 'train.json': hash('c') },
  summary: { clips: { train: 2 }, foldSeed: null, warnings: ['one'] },
}

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-record-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('the record of a prepared folder', () => {
  it('comes back as it was written, with the clips that were added since', async () => {
    const first = { sha256: { 16000: hash('1') }, warnings: [] }
    await writePreparedRecord(dir, { header, clips: new Map([['train/a.wav', first]]) })
    await appendPreparedClips(dir, [
      {
        split: 'train',
        fileName: 'new\nline.wav',
        sha256: { 16000: hash('2') },
        warnings: ['it ends early'],
      },
      { split: 'train', fileName: 'a.wav', sha256: { 44100: hash('3') }, warnings: [] },
    ])
    expect(await readPreparedRecord(dir)).toEqual({
      header,
      clips: new Map([
        ['train/a.wav', { sha256: { 16000: hash('1'), 44100: hash('3') }, warnings: [] }],
        ['train/new\nline.wav', { sha256: { 16000: hash('2') }, warnings: ['it ends early'] }],
      ]),
    })
  })

  it('leaves out a last line that a crash cut short', async () => {
    await writePreparedRecord(dir, {
      header,
      clips: new Map([['train/a.wav', { sha256: {}, warnings: [] }]]),
    })
    await appendFile(join(dir, 'prepared.jsonl'), '{"split":"train","fileNa')
    expect([...(await readPreparedRecord(dir))!.clips.keys()]).toEqual(['train/a.wav'])
  })

  it.each(['..', '.', 'a/b.wav', '../../secret', 'a\\b', ''])(
    'knows no clip named "%s"',
    async (fileName) => {
      const line = JSON.stringify({ split: 'train', fileName, sha256: {} })
      await writeFile(join(dir, 'prepared.jsonl'), `${JSON.stringify(header)}\n${line}\n`)
      expect((await readPreparedRecord(dir))!.clips.size).toBe(0)
    },
  )

  it.each([
    ['of another format', JSON.stringify({ ...header, format: 'hearkit-prepared-2' })],
    ['with an unknown key', JSON.stringify({ ...header, more: 1 })],
    ['that is no JSON', 'PREPARED'],
    ['that is empty', ''],
  ])('is unknown with a header %s', async (_, first) => {
    await writeFile(join(dir, 'prepared.jsonl'), `${first}\n`)
    expect(await readPreparedRecord(dir)).toBeUndefined()
  })

  it('is unknown where there is none', async () => {
    expect(await readPreparedRecord(join(dir, 'nowhere'))).toBeUndefined()
  })
})

it('adds the rates of a clip, and each of its warnings once', () => {
  const clips: PreparedClips = new Map()
  addClip(clips, 'a', { sha256: { 1: 'x' }, warnings: ['short'] })
  addClip(clips, 'a', { sha256: { 2: 'y' }, warnings: ['short', 'loud'] })
  expect(clips.get('a')).toEqual({ sha256: { 1: 'x', 2: 'y' }, warnings: ['short', 'loud'] })
})

it('hashes a file, and knows none of what is no file', async () => {
  await writeFile(join(dir, 'abc'), 'abc')
  expect(await fileHash(join(dir, 'abc'))).toMatch(/^ba7816bf8f01cfea/)
  expect(await fileHash(join(dir, 'nothing'))).toBeUndefined()
  expect(await fileHash(dir)).toBeUndefined()
})
