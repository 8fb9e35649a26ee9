import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import {
  type ArchiveHost,
  answering,
  type Behaviour,
  breakingAfter,
  serving,
  startHost,
} from '../archive-host.js'
import { hear, main, scratchFolder } from './hear.js'

const N_CLIPS = 12
const scratch = scratchFolder()
let nFolders = 0
let dir: string
let zip: Buffer
let host: ArchiveHost

beforeAll(async () => {
  const archive = new ZipFile()
  const rows: string[] = []
  for (let i = 0; i < N_CLIPS; i++) {
    const noise = Float32Array.from({ length: 16000 }, (_, k) => ((k * (k + i) * 7919) % 2003) / 4006)
    archive.addBuffer(Buffer.from(encodeWavPcm16(noise, 16000)), `clip ${i}.wav`)
    rows.push(`clip ${i}.wav,${i % 2 ? 'odd' : 'even'}`)
  }
  archive.addBuffer(Buffer.from(`file,label\n${rows.join('\n')}\n`), 'labels.csv')
  archive.end()
  zip = await buffer(archive.outputStream)
})

beforeEach(async () => {
  dir = join(scratch, String(nFolders++))
  mkdirSync(dir)
  host = await startHost(serving(zip))
  const task = {
    about: 'Tell odd noises from even ones.',
    licence: 'CC0',
    citation: 'Made for a test.',
    config: {
      task_name: 'noises',
      version: 'v1',
      embedding_type: 'scene',
      prediction_type: 'multiclass',
      split_mode: 'new_split_kfold',
      nfolds: 3,
      sample_duration: 1,
      evaluation: ['top1_acc'],
      default_mode: 'full',
    },
    modes: { full: {} },
    sources: {
      full: [{ name: 'n', url: `${host.url}/noises.zip`, md5: createHash('md5').update(zip).digest('hex') }],
    },
    clips: { table: 'n/labels.csv', file: 'file', label: 'label' },
  }
  writeFileSync(join(dir, 'noises.json'), JSON.stringify(task))
})
afterEach(() => host.close())

const args = (...more: string[]) => [
  ...['prepare', join(dir, 'noises.json'), '--out', join(dir, 'tasks'), '--cache', join(dir, 'cache')],
  ...['--sample-rates', '16000', '--json', ...more],
]

/** Files in the cache and the output folder, with their sizes in bytes. */
const sizes = () =>
  ['cache', 'tasks']
    .filter((folder) => existsSync(join(dir, folder)))
    .flatMap((folder) => readdirSync(join(dir, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry): [string, number] => [entry.name, sizeOf(join(entry.parentPath, entry.name))])

/** A file may go away while it is looked at. */
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Sends the beginning, and then nothing more. */
const stallingAfter =
  (nBytes: number): Behaviour =>
  (_, response) => {
    response.writeHead(200, { 'content-length': zip.length, etag: '"v1"' })
    response.write(zip.subarray(0, nBytes))
  }

describe('hear prepare from a host', () => {
  it('downloads once, prints one document, and needs no host afterwards', async () => {
    const first = await hear(args())
    expect(first.code, first.stderr).toBe(0)
    expect(JSON.parse(first.stdout).tasks[0].nConverted).toBe(N_CLIPS)
    await host.close()
    const again = await hear(args('--out', join(dir, 'elsewhere')))
    expect(again.code, again.stderr).toBe(0)
    expect(host.requests.length).toBe(1)
  })

  it('tries again when the connection breaks', async () => {
    host.answerWith(breakingAfter(20_000, zip), serving(zip))
    const { code, stderr } = await hear(args())
    expect(code, stderr).toBe(0)
    expect(host.requests.length).toBe(2)
  })

  it('stops on Ctrl-C while it downloads, keeps what came, and goes on from there', async () => {
    host.answerWith(stallingAfter(30_000), serving(zip))
    const child = spawn(process.execPath, [main, ...args()], { stdio: ['ignore', 'pipe', 'ignore'] })
    const closed = new Promise((resolve) => child.on('close', resolve))
    const stdout = text(child.stdout)
    const partial = () => sizes().find(([name]) => name === 'noises.zip.partial')?.[1]
    while (partial() !== 30_000 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    expect(await closed).toBe(130)
    expect(await stdout).toBe('')
    expect(partial()).toBe(30_000)
    expect(sizes().filter(([name]) => name.endsWith('.lock'))).toEqual([])
    const again = await hear(args())
    expect(again.code, again.stderr).toBe(0)
    expect(host.requests.at(-1)?.range).toBe('bytes=30000-')
  })

  it('takes the archive from a mirror by its name', async () => {
    const mirror = await startHost(serving(zip))
    try {
      const { code, stderr } = await hear(args('--source', `${mirror.url}/of/hear/`))
      expect(code, stderr).toBe(0)
      expect(mirror.requests.map(({ path }) => path)).toEqual(['/of/hear/noises.zip'])
      expect(host.requests).toEqual([])
    } finally {
      await mirror.close()
    }
  })

  it.each([
    ['another file than promised', () => serving(Buffer.concat([zip, zip])), /has the md5 checksum/],
    [
      'a page in place of the archive',
      () => answering(200, { 'content-type': 'text/html' }, '<!doctype html><title>Log in</title>'),
      /gave a web page \("Log in"\)/,
    ],
    ['no such file', () => answering(404), /answered 404/],
    ['a login', () => answering(403), /answered 403[\s\S]*wants a login/],
  ])('says so when it gives %s, and keeps nothing of it', async (_, behaviour, message) => {
    host.answerWith(behaviour())
    const { code, stdout, stderr } = await hear(args())
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(sizes()).toEqual([])
  })
})
