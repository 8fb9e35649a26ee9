import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isPairwise, isPairwiseFolder, readPairwiseTask } from './pairwise-task.js'

const metadata = {
  task_name: 'voices',
  version: 'v1',
  embedding_type: 'scene',
  prediction_type: 'pairwise',
  split_mode: 'trainvaltest',
  sample_duration: 2,
  splits: ['test'],
  citation: 'kept as it is',
}

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-pairwise-'))
  await put('task_metadata.json', metadata)
  for (const rate of ['44100', '16000']) {
    await mkdir(join(dir, rate, 'test'), { recursive: true })
    for (const clip of ['a.wav', 'b.wav', 'c.wav']) await writeFile(join(dir, rate, 'test', clip), '')
  }
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const put = (file: string, content: unknown) => writeFile(join(dir, file), JSON.stringify(content))
const sentence = async () => {
  const failure = await readPairwiseTask(dir).catch((error) => error)
  if (failure?.name !== 'HearError') throw new Error('expected a HearError', { cause: failure })
  return `${failure.code}: ${failure.message.replaceAll(dir, 'TASK')} ${failure.hint}`
}

describe('a pairwise task', () => {
  it('reads pairs, its clips in the order in which they occur', async () => {
    await put('test.pairs.json', [
      ['b.wav', 'a.wav', 'same'],
      ['a.wav', 'c.wav', 'different'],
    ])
    const task = await readPairwiseTask(dir)
    expect(task).toMatchObject({
      clips: ['b.wav', 'a.wav', 'c.wav'],
      comparisons: { kind: 'pairs', rows: Int32Array.of(0, 1, 1, 2), same: Uint8Array.of(1, 0) },
      sampleRates: [16000, 44100],
      metadata,
    })
  })

  it('reads triplets, in which clips may come again in other roles', async () => {
    await put('test.triplets.json', [
      ['a.wav', 'b.wav', 'c.wav'],
      ['c.wav', 'b.wav', 'a.wav'],
    ])
    expect((await readPairwiseTask(dir)).comparisons).toEqual({
      kind: 'triplets',
      rows: Int32Array.of(0, 1, 2, 2, 1, 0),
    })
  })

  it('looks for no audio where there is none', async () => {
    for (const rate of ['44100', '16000']) await rm(join(dir, rate), { recursive: true })
    await put('test.pairs.json', [['x.wav', 'y.wav', 'same']])
    expect(await readPairwiseTask(dir)).toMatchObject({ clips: ['x.wav', 'y.wav'], sampleRates: [] })
  })

  it('is told from other tasks by its metadata', async () => {
    expect(await isPairwiseFolder(dir)).toBe(true)
    await put('task_metadata.json', { ...metadata, prediction_type: 'multiclass' })
    expect(await isPairwiseFolder(dir)).toBe(false)
    for (const other of [null, 'pairwise', [], {}]) expect(isPairwise(other)).toBe(false)
  })
})

describe('errors', () => {
  it('name lists that are missing, doubled, empty or of another shape', async () => {
    const sentences = [await sentence()]
    for (const pairs of [
      [],
      { 'a.wav': 'b.wav' },
      [['a.wav', 'b.wav', 'equal']],
      [['a.wav', 'b.wav']],
      [['a.wav', '../b.wav', 'same']],
      [['a.wav', 'a.wav', 'same']],
      [
        ['a.wav', 'b.wav', 'same'],
        ['b.wav', 'a.wav', 'different'],
      ],
    ]) {
      await put('test.pairs.json', pairs)
      sentences.push(await sentence())
    }
    await put('test.triplets.json', [['a.wav', 'b.wav', 'c.wav']])
    sentences.push(await sentence())
    await rm(join(dir, 'test.pairs.json'))
    for (const triplets of [
      [['a.wav', 'b.wav', 'a.wav']],
      [
        ['a.wav', 'b.wav', 'c.wav'],
        ['a.wav', 'b.wav', 'c.wav'],
      ],
    ]) {
      await put('test.triplets.json', triplets)
      sentences.push(await sentence())
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "task/comparisons: Expected either test.pairs.json or test.triplets.json in "TASK", found neither. Add test.pairs.json ([["a.wav", "b.wav", "same"], ...]) or test.triplets.json ([["A.wav", "B.wav", "X.wav"], ...]).",
        "store/json-content: "TASK/test.pairs.json" is not as expected. the whole file: expected array to have >=1 items, found []. Correct the file, or make it again with the program that wrote it.",
        "store/json-content: "TASK/test.pairs.json" is not as expected. the whole file: expected array, found {"a.wav":"b.wav"}. Correct the file, or make it again with the program that wrote it.",
        "store/json-content: "TASK/test.pairs.json" is not as expected. [0][2]: expected "same" or "different", found "equal". Correct the file, or make it again with the program that wrote it.",
        "store/json-content: "TASK/test.pairs.json" is not as expected. [0]: expected array to have >=3 items, found ["a.wav","b.wav"]. Correct the file, or make it again with the program that wrote it.",
        "store/json-content: "TASK/test.pairs.json" is not as expected. [0][1]: expected a file name without a path, found "../b.wav". Correct the file, or make it again with the program that wrote it.",
        "task/comparisons: "TASK/test.pairs.json": entry 1 compares "a.wav" with itself; expected different clips. A clip is always closest to itself, so this says nothing of the embedding: remove the entry.",
        "task/comparisons: "TASK/test.pairs.json": entry 2 compares the same clips as entry 1 (b.wav, a.wav); expected each comparison once. Remove one of the two entries.",
        "task/comparisons: Expected either test.pairs.json or test.triplets.json in "TASK", found both. Make two tasks of them, or remove one of the two files.",
        "task/comparisons: "TASK/test.triplets.json": entry 1 compares "a.wav" with itself; expected different clips. A clip is always closest to itself, so this says nothing of the embedding: remove the entry.",
        "task/comparisons: "TASK/test.triplets.json": entry 2 compares the same clips as entry 1 (a.wav, b.wav, c.wav); expected each comparison once. Remove one of the two entries.",
      ]
    `)
  })

  it('name the clip that is missing at a rate, and the nearest one that is there', async () => {
    await put('test.pairs.json', [
      ['a.wav', 'd.wav', 'same'],
      ['a.wav', 'b.wav', 'different'],
      ['violin-0.wav', 'b.wav', 'different'],
    ])
    const sentences = [await sentence()]
    await put('test.pairs.json', [['a.wav', 'c.wav', 'same']])
    await rm(join(dir, '44100', 'test', 'c.wav'))
    sentences.push(await sentence())
    await rm(join(dir, '44100', 'test'), { recursive: true })
    sentences.push(await sentence())
    expect(sentences).toMatchInlineSnapshot(`
      [
        "task/unknown-clip: "TASK/test.pairs.json" names the clip "d.wav" (and 1 more), which is not in "TASK/16000/test" (3 files). Did you mean "a.wav"?",
        "task/unknown-clip: "TASK/test.pairs.json" names the clip "c.wav", which is not in "TASK/44100/test" (2 files). Did you mean "a.wav"?",
        "store/file-missing: Cannot read "TASK/44100/test": there is no such file. Check the path for a misspelling.",
      ]
    `)
  })

  it('name what is wrong with the metadata', async () => {
    await put('task_metadata.json', {
      ...metadata,
      embedding_type: 'event',
      split_mode: 'new_split_kfold',
      splits: ['train', 'test'],
    })
    expect(await sentence()).toMatchInlineSnapshot(
      `"store/json-content: "TASK/task_metadata.json" is not as expected. embedding_type: expected "scene", found "event"; split_mode: expected "trainvaltest", found "new_split_kfold"; splits: expected array to have <=1 items, found ["train","test"]; splits[0]: expected "test", found "train". Correct the file, or make it again with the program that wrote it."`,
    )
  })
})
