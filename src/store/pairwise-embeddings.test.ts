import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NpyRowWriter } from './npy-row-writer.js'
import { readPairwiseEmbeddings } from './pairwise-embeddings.js'

describe('readPairwiseEmbeddings', () => {
  let dir: string
  const write = (name: string, content: unknown) => writeFileSync(join(dir, name), JSON.stringify(content))
  const writeRows = async (rows: readonly (readonly [string, readonly number[]])[]) => {
    write(
      'test.rows.json',
      rows.map(([clip]) => [clip, null]),
    )
    const writer = await NpyRowWriter.create(join(dir, 'test.embeddings.npy'), rows[0][1].length)
    for (const [, values] of rows) await writer.append(Float32Array.from(values))
    await writer.seal()
    await writer.publish()
  }
  const rows = [
    ['x.wav', [5, 6]],
    ['a.wav', [1, 2]],
    ['b.wav', [3, 4]],
  ] as const

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hearkit-pairwise-'))
    write('task_metadata.json', {
      task_name: 'alike',
      version: '1',
      embedding_type: 'scene',
      prediction_type: 'pairwise',
      split_mode: 'trainvaltest',
      sample_duration: 1,
      splits: ['test'],
    })
    write('test.triplets.json', [['a.wav', 'b.wav', 'x.wav']])
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('puts the rows into the order in which clips are compared, whatever order they are in', async () => {
    await writeRows(rows)
    const read = await readPairwiseEmbeddings(dir)
    expect(read.task.clips).toEqual(['a.wav', 'b.wav', 'x.wav'])
    expect([...read.data]).toEqual([1, 2, 3, 4, 5, 6])
    expect(read).toMatchObject({ dimension: 2, source: undefined })
    await writeRows(rows.toReversed())
    expect((await readPairwiseEmbeddings(dir)).hash).toBe(read.hash)
    write('test.triplets.json', [['b.wav', 'a.wav', 'x.wav']])
    expect((await readPairwiseEmbeddings(dir)).hash).not.toBe(read.hash)
  })

  it.each([
    ['a clip without a row', rows.slice(1), 'the clip "x.wav" of the split\'s .json has no row'],
    ['a row without a comparison', [...rows, ['c.wav', [7, 8]] as const], '"c.wav" has no labels'],
    [
      'an embedding that is not finite',
      [rows[0], ['a.wav', [1, Number.NaN]] as const, rows[2]],
      'the clip "a.wav" has NaN at dimension 1',
    ],
  ])('refuses %s', async (_, bad, says) => {
    await writeRows(bad)
    await expect(readPairwiseEmbeddings(dir)).rejects.toThrow(says)
  })

  it('refuses a matrix of another run, and one that is not finished', async () => {
    await writeRows(rows.slice(1))
    write(
      'test.rows.json',
      rows.map(([clip]) => [clip, null]),
    )
    await expect(readPairwiseEmbeddings(dir)).rejects.toThrow(
      'holds an array [2, 2]; expected [3, dimensions]',
    )
    write('embedding.json', {
      format: 'hearkit-embeddings/1',
      model: { name: 'm', weightsHash: 'h', options: {} },
      sampleRate: 16000,
      versions: {},
      splits: {},
    })
    await expect(readPairwiseEmbeddings(dir)).rejects.toThrow('is not finished')
  })
})
