import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { create } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ArchiveHost, answering, quickClock, serving, startHost } from '../../../test/archive-host.js'
import { writeTinyTask } from '../../../test/e2e/tiny-task.js'
import { decodeWav } from '../../audio/decode-wav.js'
import { encodeWavPcm16 } from '../../audio/encode-wav.js'
import { readTaskFolder } from '../../store/task-folder.js'
import { packTask } from '../pack-task.js'
import { publishedArchive, type WantedArchive } from './archive-addresses.js'
import { type PullOptions, pullTask } from './pull-task.js'

const FOLDER = 'tiny-1-small'
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-pull-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const wanted = (change: Partial<WantedArchive> = {}): WantedArchive => ({
  folder: FOLDER,
  sampleRate: 44100,
  ...change,
})
const options = (change: Partial<PullOptions> = {}): PullOptions => ({
  ...quickClock(),
  cacheDir: join(dir, 'cache'),
  outDir: join(dir, 'tasks'),
  source: join(dir, 'archives'),
  ...change,
})
const md5 = (path: string) => createHash('md5').update(readFileSync(path)).digest('hex')

/** The same clips said to be sampled at another rate. */
function atOtherRate(task: string, rate: number): void {
  for (const split of readdirSync(join(task, '44100'))) {
    cpSync(join(task, '44100', split), join(task, String(rate), split), { recursive: true })
    for (const name of readdirSync(join(task, String(rate), split))) {
      const path = join(task, String(rate), split, name)
      writeFileSync(path, encodeWavPcm16(decodeWav(readFileSync(path), name).samples, rate))
    }
  }
}

/** Every file below a folder, with its content's hash. */
function snapshot(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((file) => join(file.parentPath, file.name)).map((path) => [path.slice(root.length), md5(path)]),
  )
}

describe('pullTask', () => {
  it('unpacks an archive to the task folder that was packed', async () => {
    const task = writeTinyTask(join(dir, FOLDER))
    const [archive] = await packTask(task, join(dir, 'archives'))
    const pulled = await pullTask(wanted(), options())
    expect(pulled).toMatchObject({
      nClips: 36,
      wasThere: false,
      comparedMd5: null,
      archive: basename(archive),
    })
    expect(snapshot(pulled.dir)).toEqual(snapshot(task))
    expect(readdirSync(join(dir, 'tasks'))).toEqual([FOLDER])
  })

  it('lets rates of one task share a folder, and leaves one that is there alone', async () => {
    const task = writeTinyTask(join(dir, FOLDER))
    atOtherRate(task, 16000)
    await packTask(task, join(dir, 'archives'))
    await pullTask(wanted(), options())
    expect(await pullTask(wanted({ sampleRate: 16000 }), options())).toMatchObject({ wasThere: false })
    expect(snapshot(join(dir, 'tasks', FOLDER))).toEqual(snapshot(task))
    expect(await pullTask(wanted({ sampleRate: 16000 }), options())).toMatchObject({ wasThere: true })
    expect(readdirSync(join(dir, 'tasks'))).toEqual([FOLDER])
  })

  it('refuses to join other labels or replace other audio', async () => {
    const task = writeTinyTask(join(dir, FOLDER))
    atOtherRate(task, 16000)
    await packTask(task, join(dir, 'archives'))
    const { dir: there } = await pullTask(wanted(), options())
    const labels = readFileSync(join(there, 'train.json'), 'utf8')
    writeFileSync(join(there, 'train.json'), labels.replace('low"', 'high"'))
    await expect(pullTask(wanted({ sampleRate: 16000 }), options())).rejects.toMatchObject({
      code: 'pull/labels-differ',
      message: expect.stringContaining('train.json'),
    })
    writeFileSync(join(there, 'train.json'), labels)
    writeFileSync(join(there, '44100/train/train_low_0.wav'), 'mine')
    await expect(pullTask(wanted(), options())).rejects.toMatchObject({ code: 'pull/audio-differs' })
    expect(readFileSync(join(there, '44100/train/train_low_0.wav'), 'utf8')).toBe('mine')
    expect(readdirSync(there)).not.toContain('16000')
  })

  it("takes Zenodo's names and layout, and the version that is asked for", async () => {
    const task = writeTinyTask(join(dir, 'tasks-of-zenodo/tasks', FOLDER))
    await mkdir(join(dir, 'archives'))
    const file = join(dir, 'archives', `hear2021-${FOLDER}-44100.tar.gz`)
    await create({ gzip: true, file, cwd: join(dir, 'tasks-of-zenodo') }, ['tasks'])
    await packTask(task, join(dir, 'archives'), { version: '2021.0.6' })
    expect(await pullTask(wanted(), options())).toMatchObject({
      archive: `hear-2021.0.6-${FOLDER}-44100.tar.gz`,
    })
    await rm(join(dir, 'archives', `hear-2021.0.6-${FOLDER}-44100.tar.gz`))
    expect(await pullTask(wanted(), options())).toMatchObject({
      archive: `hear2021-${FOLDER}-44100.tar.gz`,
      wasThere: true,
    })
    await expect(pullTask(wanted({ version: '2021.1.1' }), options())).rejects.toMatchObject({
      code: 'pull/no-such-archive',
    })
    await expect(pullTask(wanted({ version: '../x' }), options())).rejects.toMatchObject({
      code: 'pull/version',
    })
  })

  it('compares a checksum where one is given, before anything is unpacked', async () => {
    const [archive] = await packTask(writeTinyTask(join(dir, FOLDER)), join(dir, 'archives'))
    await expect(pullTask(wanted(), options({ md5: '0'.repeat(32) }))).rejects.toMatchObject({
      code: 'source/wrong-checksum',
    })
    expect(existsSync(join(dir, 'tasks'))).toBe(false)
    const pulled = await pullTask(wanted(), options({ md5: md5(archive) }))
    expect(pulled.comparedMd5).toBe(md5(archive))
  })

  it('leaves nothing behind when it is stopped', async () => {
    await packTask(writeTinyTask(join(dir, FOLDER)), join(dir, 'archives'))
    const abort = new AbortController()
    const onFile = (done: number) => done === 5 && abort.abort(new Error('stopped'))
    await expect(pullTask(wanted(), options({ signal: abort.signal, onFile }))).rejects.toThrow('stopped')
    expect(readdirSync(join(dir, 'tasks'))).toEqual([])
  })
})

describe('archives that are not what they should be', () => {
  /** Packs what `spoil` makes of a sound folder `hear-x/tasks/tiny-1-small`, and pulls it. */
  async function pullSpoilt(spoil: (root: string) => unknown, pack = ['hear-x']) {
    const root = join(dir, 'hear-x/tasks', FOLDER)
    writeTinyTask(root, { clipsPerLabel: 1 })
    await spoil(root)
    await mkdir(join(dir, 'archives'), { recursive: true })
    const file = join(dir, 'archives', `hear-2021.1.1-${FOLDER}-44100.tar.gz`)
    await create({ gzip: true, file, cwd: dir, preservePaths: true }, pack)
    const failure = await pullTask(wanted(), options()).then(
      () => ({ code: 'none', message: '' }),
      (error) => error,
    )
    expect(existsSync(join(dir, 'tasks')) ? readdirSync(join(dir, 'tasks')) : []).toEqual([])
    return `${failure.code}: ${failure.message.replaceAll(dir, '')}`
  }

  const flaws: Record<string, (root: string) => unknown> = {
    'a link in place of a clip': (root) => {
      renameSync(join(root, '44100/train/train_low_0.wav'), join(root, 'x'))
      symlinkSync('/etc/passwd', join(root, '44100/train/train_low_0.wav'))
    },
    'a file of no task': (root) => writeFileSync(join(root, 'notes.txt'), ''),
    'another rate beside': (root) => cpSync(join(root, '44100'), join(root, '16000'), { recursive: true }),
    'a folder too deep': (root) =>
      cpSync(join(root, '44100/test'), join(root, '44100/train/deep'), { recursive: true }),
    'a clip missing': (root) => rm(join(root, '44100/test/test_low_0.wav')),
    'a clip without labels': (root) =>
      cpSync(join(root, '44100/test/test_low_0.wav'), join(root, '44100/test/more.wav')),
    'no metadata': (root) => rm(join(root, 'task_metadata.json')),
    'metadata of another task': (root) =>
      writeFileSync(
        join(root, 'task_metadata.json'),
        readFileSync(join(root, 'task_metadata.json'), 'utf8').replace('tiny', 'huge'),
      ),
    'a clip at another rate': (root) =>
      writeFileSync(join(root, '44100/test/test_low_0.wav'), encodeWavPcm16(new Float32Array(100), 16000)),
    'a clip that is no sound': (root) => writeFileSync(join(root, '44100/test/test_low_0.wav'), 'sound'),
    'another task beside': (root) => cpSync(root, join(root, '../other'), { recursive: true }),
    'a path that leads out': (root) => writeFileSync(join(root, '../../../escape.json'), '{}'),
  }

  it('are refused, each with what is wrong, and leave nothing', async () => {
    const refusals: Record<string, string> = {}
    for (const [flaw, spoil] of Object.entries(flaws)) {
      refusals[flaw] = await pullSpoilt(
        spoil,
        flaw === 'a path that leads out' ? ['hear-x', 'hear-x/../escape.json'] : undefined,
      )
      for (const name of readdirSync(dir)) await rm(join(dir, name), { recursive: true })
    }
    expect(refusals).toMatchInlineSnapshot(`
      {
        "a clip at another rate": "pull/clip-rate: "hear-x/tasks/tiny-1-small/44100/test/test_low_0.wav" is sampled at 16000 Hz; expected 44100 Hz.",
        "a clip missing": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: clips with labels and no audio: 1, such as 44100/test/test_low_0.wav.",
        "a clip that is no sound": "audio/not-wav: "hear-x/tasks/tiny-1-small/44100/test/test_low_0.wav" is not a wav file; it is a text file.",
        "a clip without labels": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: files that no labels name: 1, such as 44100/test/more.wav.",
        "a file of no task": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: it holds "hear-x/tasks/tiny-1-small/notes.txt"; expected task_metadata.json, labels and 44100/<split>/<clip> within tasks/tiny-1-small/.",
        "a folder too deep": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: it holds "hear-x/tasks/tiny-1-small/44100/train/deep/test_high_0.wav"; expected task_metadata.json, labels and 44100/<split>/<clip> within tasks/tiny-1-small/.",
        "a link in place of a clip": "source/refused-member: "hear-2021.1.1-tiny-1-small-44100.tar.gz" holds "hear-x/tasks/tiny-1-small/44100/train/train_low_0.wav", a symbolic link to "/etc/passwd"; expected plain files and folders.",
        "a path that leads out": "source/bad-member-name: "hear-2021.1.1-tiny-1-small-44100.tar.gz" holds "hear-x/../escape.json": a path that leads upwards; expected a path within the archive, with "/" between folders.",
        "another rate beside": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: it holds "hear-x/tasks/tiny-1-small/16000/test/test_high_0.wav"; expected task_metadata.json, labels and 44100/<split>/<clip> within tasks/tiny-1-small/.",
        "another task beside": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: it holds "hear-x/tasks/other/labelvocabulary.csv"; expected task_metadata.json, labels and 44100/<split>/<clip> within tasks/tiny-1-small/.",
        "metadata of another task": "pull/not-that-task: "hear-2021.1.1-tiny-1-small-44100.tar.gz" is not the task folder that it should be: its task_metadata.json is that of huge-1-small; expected tiny-1-small.",
        "no metadata": "store/file-missing: Cannot read "hear-2021.1.1-tiny-1-small-44100.tar.gz/task_metadata.json": there is no such file.",
      }
    `)
  })

  it('a damaged gzip is refused and leaves nothing', async () => {
    const [archive] = await packTask(writeTinyTask(join(dir, FOLDER)), join(dir, 'archives'))
    const whole = readFileSync(archive)
    writeFileSync(archive, whole.subarray(0, whole.length - 1000))
    await expect(pullTask(wanted(), options())).rejects.toMatchObject({ code: 'source/bad-archive' })
    const flipped = Uint8Array.from(whole)
    flipped[whole.length >> 1] ^= 255
    writeFileSync(archive, flipped)
    await expect(pullTask(wanted(), options())).rejects.toMatchObject({ code: 'source/bad-archive' })
    expect(readdirSync(join(dir, 'tasks'))).toEqual([])
  })
})

describe('hosts', () => {
  let host: ArchiveHost
  afterEach(() => host.close())

  it('a base URL is asked for each name until one is there', async () => {
    const [archive] = await packTask(writeTinyTask(join(dir, FOLDER)), join(dir, 'archives'), {
      version: '2021.0.6',
    })
    host = await startHost(answering(404), serving(await readFile(archive)))
    const pulled = await pullTask(wanted(), options({ source: `${host.url}/hear/` }))
    expect(pulled.nClips).toBe(36)
    expect(host.requests.map(({ path }) => path)).toEqual([
      `/hear/hear-2021.1.1-${FOLDER}-44100.tar.gz`,
      `/hear/hear-2021.0.6-${FOLDER}-44100.tar.gz`,
    ])
  })

  it('a base URL without the archive is an error that names what was looked for', async () => {
    host = await startHost(answering(403))
    await expect(
      pullTask(wanted({ version: '2021.0.6' }), options({ source: host.url })),
    ).rejects.toMatchObject({
      code: 'pull/no-such-archive',
      message: `"${host.url}" holds no archive named hear-2021.0.6-${FOLDER}-44100.tar.gz.`,
    })
  })
})

describe('publishedArchive', () => {
  it('knows what everyone can have, and where the reader pays says so with the remedy', () => {
    expect(publishedArchive({ folder: 'esc50-v2.0.0-full', sampleRate: 48000 })).toEqual({
      url: 'https://zenodo.org/records/6332517/files/hear2021-esc50-v2.0.0-full-48000.tar.gz',
      md5: undefined,
    })
    expect(publishedArchive({ folder: 'spoken_digit-1.0.9-small', sampleRate: 44100 }).url).toMatch(
      /preprocessed\/hear-2021\.0\.6-spoken_digit-1\.0\.9-small-44100\.tar\.gz$/,
    )
    const refusal = (change: Partial<WantedArchive>) => {
      try {
        return publishedArchive(wanted({ folder: 'esc50-v2.0.0-full', ...change }))
      } catch (error) {
        return `${(error as Error).message} → ${(error as { hint: string }).hint}`
      }
    }
    expect(refusal({ sampleRate: 16000 })).toMatchInlineSnapshot(
      `"HEAR's archive of esc50-v2.0.0-full at 16000 Hz lies on no host that gives it to everyone: Zenodo has 48000 Hz, and gs://hear2021-archive/tasks/ and s3://hear2021-archive/tasks/ make the reader pay. → Make it with hear prepare; or fetch it with an account of yours (gsutil -u PROJECT cp, aws s3 cp --request-payer requester) and give its folder with --source."`,
    )
    expect(refusal({ sampleRate: 16000, folder: 'esc50-v2.0.0-small' })).toMatchInlineSnapshot(
      `"HEAR's archive of esc50-v2.0.0-small at 16000 Hz lies on no host that gives it to everyone: small modes are published at 44100 Hz. → Make it with hear prepare; or fetch it with an account of yours (gsutil -u PROJECT cp, aws s3 cp --request-payer requester) and give its folder with --source."`,
    )
  })
})

const data = process.env.HEAR_TEST_DATA || undefined

describe("HEAR's own archives", () => {
  const source = join(data ?? '', 'data/tasks/hear_small')
  const archives =
    data === undefined ? [] : readdirSync(source).filter((name) => /^hear-.*\.tar\.gz$/.test(name))

  it.skipIf(data === undefined)('are there (skipped without HEAR_TEST_DATA)', () => {
    expect(archives.length).toBeGreaterThan(0)
  })

  it.each(archives)('%s is taken as it is, its checksum compared where one is known', async (name) => {
    const [, folder, rate] = /^hear-[\d.]+-(.+)-(\d+)\.tar\.gz$/.exec(name)!
    const pulled = await pullTask({ folder, sampleRate: Number(rate) }, options({ source }))
    const task = await readTaskFolder(pulled.dir)
    expect(task).toMatchObject({ name: folder, sampleRates: [Number(rate)] })
    const sums = readFileSync(join(source, 'MD5SUMS'), 'utf8')
    if (pulled.comparedMd5 !== null) expect(sums).toContain(`${pulled.comparedMd5}  ${name}`)
    expect(pulled.nClips).toBeGreaterThan(0)
  })
})
