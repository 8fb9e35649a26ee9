import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstNonFinite, readEmbeddingFolder } from './embedding-folder.js'
import { EmbeddingFolderWriter } from './embedding-writer.js'
import { NpyRowWriter } from './npy-row-writer.js'
import { readTaskFolder } from './task-folder.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const recorded = [golden, process.env.HEAR_TEST_FIXTURES]
  .filter((root) => root !== undefined && root !== '')
  .map((root) => join(root!, 'probe'))
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name) })))
  .filter(({ dir }) => existsSync(join(dir, 'task_metadata.json')))

describe('recorded embedding folders', () => {
  it('are there to be read', () => {
    expect(recorded.map(({ name }) => name)).toContain('esc10__logmelstat')
  })

  it.each(recorded)('$name reads whole, row by row', async ({ dir }) => {
    const folder = await readEmbeddingFolder(dir)
    expect([...folder.splits.keys()]).toEqual(folder.metadata.splits)
    expect(folder.source).toBeUndefined()
    for (const [name, split] of folder.splits) {
      const rows = JSON.parse(await readFile(join(dir, `${name}.rows.json`), 'utf8')) as [
        string,
        number | null,
      ][]
      const read = rows.map((_, row) => [
        split.clips[split.clipOfRow[row]],
        split.timestampsMs?.[row] ?? null,
      ])
      expect(read).toEqual(rows)
      expect(split.clips.map((clip, i) => rows[split.clipStarts[i]][0] === clip)).not.toContain(false)
      expect(split.clipStarts[split.clips.length]).toBe(rows.length)
      const bytes = await readFile(join(dir, `${name}.embeddings.npy`))
      const data = Buffer.from(new Uint8Array(split.embeddings.data.buffer))
      expect(split.embeddings.rows * folder.dim * 4).toBe(data.length)
      expect(bytes.subarray(bytes.length - data.length).equals(data)).toBe(true)
    }
  })
})

const esc10 = join(golden, 'probe/esc10__logmelstat')
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-embedding-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function sentence(of: () => Promise<unknown>): Promise<string> {
  const failure = await of().then(
    () => undefined,
    (error) => error,
  )
  if (failure?.name !== 'HearError') throw new Error('expected a HearError', { cause: failure })
  return `${failure.code}: ${failure.message.replaceAll(dir, 'DIR')}`
}

describe('an embedding folder that is not whole', () => {
  const rowsPath = () => join(dir, 'fold01.rows.json')
  const saveRows = (rows: unknown) => writeFile(rowsPath(), JSON.stringify(rows))
  const saveMatrix = async (
    rows: number,
    dim: number,
    change: (all: Float32Array) => void = () => undefined,
  ) => {
    const all = new Float32Array(rows * dim)
    change(all)
    const writer = await NpyRowWriter.create(join(dir, 'fold01.embeddings.npy'), dim)
    await writer.append(all)
    await writer.finish()
  }
  let rows: [string, number | null][]
  beforeEach(async () => {
    await cp(esc10, dir, { recursive: true })
    rows = JSON.parse(await readFile(rowsPath(), 'utf8'))
  })

  it('is refused for rows that do not fit, naming file, row and clip', async () => {
    const sentences: string[] = []
    for (const broken of [
      {},
      [rows[0][0]],
      [...rows, rows[0]],
      [rows[0], ...rows],
      rows.slice(1),
      [['stranger.wav', null], ...rows],
      [[rows[0][0], 12.5], ...rows.slice(1)],
    ]) {
      await saveRows(broken)
      sentences.push(await sentence(() => readEmbeddingFolder(dir)))
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: expected a list of [clip, timestamp].",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: row 0: expected [clip, timestamp], found "o_person_sneeze__2-118104-A.wav".",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: row 20: the rows of the clip "o_person_sneeze__2-118104-A.wav" are not in one stretch.",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: row 1: a second row of the clip "o_person_sneeze__2-118104-A.wav" of a scene task.",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: the clip "o_person_sneeze__2-118104-A.wav" of the split's .json has no row.",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: row 0: the clip "stranger.wav" has no labels in the split's .json.",
        "embedding/rows: "DIR/fold01.rows.json" is not as expected: row 0: expected null, as scenes have no timestamps, found 12.5.",
      ]
    `)
  })

  it('is refused for a matrix that does not fit', async () => {
    const sentences: string[] = []
    for (const save of [
      () => saveMatrix(21, 512),
      () => saveMatrix(20, 511),
      () => saveMatrix(20, 512, (all) => all.fill(Number.NaN, 3 * 512 + 7, 3 * 512 + 8)),
      () => saveMatrix(20, 512, (all) => all.fill(Number.NEGATIVE_INFINITY, 20 * 512 - 1)),
      () => rm(join(dir, 'fold01.embeddings.npy')),
    ]) {
      await save()
      sentences.push(await sentence(() => readEmbeddingFolder(dir)))
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "embedding/rows: "DIR/fold01.embeddings.npy" holds 21 rows, but "fold01.rows.json" names 20.",
        "embedding/dimension: "DIR": the embeddings of fold01 have 511 dimensions, those of fold00 512.",
        "embedding/not-finite: "DIR/fold01.embeddings.npy": row 3 (clip "o_baby_cry__2-107351-A.wav") holds NaN at dimension 7; expected finite numbers.",
        "embedding/not-finite: "DIR/fold01.embeddings.npy": row 19 (clip "o_fire_crackling__2-28314-A.wav") holds -Infinity at dimension 511; expected finite numbers.",
        "store/file-missing: Cannot read "DIR/fold01.embeddings.npy": there is no such file.",
      ]
    `)
  })
})

describe('EmbeddingFolderWriter', () => {
  const metadata = {
    task_name: 'doors',
    version: 'v1',
    embedding_type: 'event',
    prediction_type: 'multilabel',
    split_mode: 'trainvaltest',
    sample_duration: 1.0,
    evaluation: ['event_onset_200ms_fms'],
    splits: ['train', 'valid', 'test'],
    mode: 'small',
  }
  const source = {
    model: { name: 'toy', weightsHash: 'abc', options: { hopMs: 50, unset: undefined } },
    sampleRate: 16000,
    versions: { hearkit: '1' },
  }
  let taskDir: string
  let out: string

  beforeEach(async () => {
    taskDir = join(dir, 'doors-v1-small')
    out = join(dir, 'out/doors')
    await mkdir(taskDir)
    await writeFile(join(taskDir, 'task_metadata.json'), JSON.stringify(metadata))
    await writeFile(join(taskDir, 'labelvocabulary.csv'), 'idx,label\n0,slam\n')
    for (const split of metadata.splits)
      await writeFile(
        join(taskDir, `${split}.json`),
        '{"ä \\".wav": [{"label": "slam", "start": 0, "end": 60}], "b.wav": []}',
      )
  })

  const writeSplit = async (writer: EmbeddingFolderWriter, split: string, offset = 0) => {
    const one = await writer.beginSplit(split, 2)
    await one.append('b.wav', Float32Array.of(offset, 1, 2, 3), [0, 50])
    await one.append('ä ".wav', Float32Array.of(4, 5), Float32Array.of(11.61))
    await one.commit({ key: `key-${split}`, seconds: 0.5 })
  }

  it('writes what readEmbeddingFolder reads', async () => {
    const task = await readTaskFolder(taskDir)
    const writer = await EmbeddingFolderWriter.open(out, task, source)
    for (const split of metadata.splits) await writeSplit(writer, split)
    const folder = await readEmbeddingFolder(out)
    expect(folder.metadata).toEqual(task.metadata)
    expect(folder.splits.get('train')?.labels).toEqual(task.splits.get('train'))
    const { clips, clipOfRow, clipStarts, timestampsMs, embeddings } = folder.splits.get('test')!
    expect(clips).toEqual(['b.wav', 'ä ".wav'])
    expect([...clipOfRow]).toEqual([0, 0, 1])
    expect([...clipStarts]).toEqual([0, 2, 3])
    expect([...timestampsMs!]).toEqual([0, 50, Math.fround(11.61)])
    expect([...embeddings.data]).toEqual([0, 1, 2, 3, 4, 5])
    expect(folder.source?.splits.valid).toEqual({ key: 'key-valid', rows: 3, dim: 2, seconds: 0.5 })
    expect((await readdir(out)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('keeps finished splits for the same model, and says which are missing', async () => {
    const task = await readTaskFolder(taskDir)
    await writeSplit(await EmbeddingFolderWriter.open(out, task, source), 'train')
    expect(await sentence(() => readEmbeddingFolder(out))).toBe(
      'embedding/unfinished: "DIR/out/doors" is not finished: the split valid is not embedded yet (finished: train).',
    )
    const again = await EmbeddingFolderWriter.open(out, task, { ...source, versions: { hearkit: '2' } })
    expect(await again.isFinished('train', 'key-train')).toBe(true)
    expect(await again.isFinished('train', 'another key')).toBe(false)
    expect(await again.isFinished('valid', 'key-valid')).toBe(false)
    await writeFile(join(out, 'train.embeddings.npy'), 'cut off')
    expect(await again.isFinished('train', 'key-train')).toBe(false)
  })

  it('forgets the splits of another model, option or rate', async () => {
    const task = await readTaskFolder(taskDir)
    for (const other of [
      { ...source, model: { ...source.model, weightsHash: 'def' } },
      { ...source, model: { ...source.model, options: {} } },
      { ...source, sampleRate: 48000 },
    ]) {
      await writeSplit(await EmbeddingFolderWriter.open(out, task, source), 'train')
      const writer = await EmbeddingFolderWriter.open(out, task, other)
      expect(await writer.isFinished('train', 'key-train')).toBe(false)
    }
  })

  it('leaves no partial split behind an abort, and takes a split that is begun again as unfinished', async () => {
    const task = await readTaskFolder(taskDir)
    const writer = await EmbeddingFolderWriter.open(out, task, source)
    for (const split of metadata.splits) await writeSplit(writer, split)
    const before = (await readdir(out)).sort()
    const begun = await writer.beginSplit('valid', 2)
    await begun.append('b.wav', Float32Array.of(1, 2), [0])
    await begun.abort()
    expect((await readdir(out)).sort()).toEqual(before)
    expect(await sentence(() => readEmbeddingFolder(out))).toMatch(/^embedding\/unfinished/)
  })

  it('refuses a folder that holds another task', async () => {
    const task = await readTaskFolder(taskDir)
    await EmbeddingFolderWriter.open(out, task, source)
    const other = { ...task, metadata: { ...task.metadata, task_name: 'windows' } }
    expect(await sentence(() => EmbeddingFolderWriter.open(out, other, source))).toBe(
      'embedding/other-task: "DIR/out/doors" holds embeddings of the task doors v1; expected windows v1, or an empty folder.',
    )
  })
})

describe('firstNonFinite', () => {
  it('finds the first NaN or infinity, and nothing in the largest finite numbers', () => {
    expect(firstNonFinite(new Float32Array(0))).toBeUndefined()
    expect(firstNonFinite(Float32Array.of(3.4e38, -3.4e38, 0, -0, 1e-45))).toBeUndefined()
    expect(firstNonFinite(Float32Array.of(1, Number.POSITIVE_INFINITY, Number.NaN))).toBe(1)
    expect(firstNonFinite(Float32Array.of(1, 2, Number.NaN))).toBe(2)
  })
})
