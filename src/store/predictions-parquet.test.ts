import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import type { ClipPrediction } from './predictions.js'
import { predictionsParquet } from './predictions-parquet.js'

/** As another program reads it. */
async function read(bytes: Uint8Array) {
  const file = bytes.slice().buffer
  const metadata = parquetMetadata(file)
  return {
    names: parquetSchema(metadata).children.map(({ element }) => element.name),
    rows: await parquetReadObjects({ file }),
    groups: metadata.row_groups.map(({ num_rows }) => Number(num_rows)),
    metadata,
  }
}

const scene = (clip: string, labels: string[], probabilities: number[], seed?: number): ClipPrediction => ({
  clip,
  split: 'fold00',
  ...(seed === undefined ? {} : { seed }),
  labels,
  probabilities,
})

describe('predictionsParquet', () => {
  it('holds the predictions of a scene task, one row each and one column a class', async () => {
    const classes = ['höher', 'low, very']
    const predictions = [
      scene('a.wav', ['höher'], [Math.fround(1 / 3), Math.fround(1e-20)], 42),
      scene('b/ü.wav', [], [0, 1]),
      scene('c.wav', ['höher', 'low, very'], [0.5, 0.25], 2 ** 40),
    ]
    const { names, rows, metadata } = await read(
      predictionsParquet({ embeddingType: 'scene', classes }, predictions),
    )
    expect(names).toEqual(['clip', 'split', 'seed', 'labels', 'p:höher', 'p:low, very'])
    expect(rows).toEqual([
      {
        clip: 'a.wav',
        split: 'fold00',
        seed: 42n,
        labels: ['höher'],
        'p:höher': Math.fround(1 / 3),
        'p:low, very': Math.fround(1e-20),
      },
      { clip: 'b/ü.wav', split: 'fold00', seed: null, labels: [], 'p:höher': 0, 'p:low, very': 1 },
      {
        clip: 'c.wav',
        split: 'fold00',
        seed: 2n ** 40n,
        labels: ['höher', 'low, very'],
        'p:höher': 0.5,
        'p:low, very': 0.25,
      },
    ])
    expect(metadata.key_value_metadata).toContainEqual({
      key: 'hearkit.format',
      value: 'hearkit-predictions/1',
    })
  })

  it('holds one row for each event, the reference before what was predicted', async () => {
    const predictions: ClipPrediction[] = [
      {
        clip: 'a.wav',
        split: 'test',
        labels: [{ label: 'dog', start: 0, end: 1000 / 3 }],
        events: [
          { label: 'dog', start: 12.5, end: 300 },
          { label: 'cat', start: 400, end: 500 },
        ],
      },
      { clip: 'silent.wav', split: 'test', labels: [], events: [] },
    ]
    const { rows } = await read(
      predictionsParquet({ embeddingType: 'event', classes: ['cat', 'dog'] }, predictions),
    )
    const row = { clip: 'a.wav', split: 'test', seed: null }
    expect(rows).toEqual([
      { ...row, kind: 'reference', label: 'dog', start_ms: 0, end_ms: 1000 / 3 },
      { ...row, kind: 'predicted', label: 'dog', start_ms: 12.5, end_ms: 300 },
      { ...row, kind: 'predicted', label: 'cat', start_ms: 400, end_ms: 500 },
    ])
  })

  it('keeps its columns where there is nothing to tell', async () => {
    const scenes = await read(predictionsParquet({ embeddingType: 'scene', classes: ['x'] }, []))
    expect(scenes.names).toEqual(['clip', 'split', 'seed', 'labels', 'p:x'])
    expect(scenes.rows).toEqual([])
    const events = await read(predictionsParquet({ embeddingType: 'event', classes: ['x'] }, []))
    expect(events.names).toEqual(['clip', 'split', 'seed', 'kind', 'label', 'start_ms', 'end_ms'])
    expect(events.rows).toEqual([])
  })

  it('splits the rows of a task of 200 classes into groups that fit in little memory', async () => {
    const classes = Array.from({ length: 200 }, (_, c) => `class ${c}`)
    const predictions = Array.from({ length: 6000 }, (_, i) =>
      scene(
        `${i}.wav`,
        [classes[i % 200]],
        classes.map((_, c) => Math.fround(1 / (1 + i + c))),
      ),
    )
    const { rows, groups } = await read(predictionsParquet({ embeddingType: 'scene', classes }, predictions))
    expect(groups).toEqual([5140, 860])
    expect(rows.length).toBe(6000)
    expect(rows[5999]).toMatchObject({
      clip: '5999.wav',
      labels: ['class 199'],
      'p:class 199': Math.fround(1 / 6199),
    })
  })

  it('gives back whatever labels and probabilities it was given', async () => {
    const classes = ['a', 'b', 'c']
    const any = fc.array(
      fc.record({
        clip: fc.string({ minLength: 1, unit: 'grapheme' }),
        labels: fc.subarray(classes),
        probabilities: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
        seed: fc.option(fc.maxSafeNat(), { nil: undefined }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(any, async (given) => {
        const predictions = given.map(({ clip, labels, probabilities, seed }) =>
          scene(clip, labels, probabilities, seed),
        )
        const { rows } = await read(predictionsParquet({ embeddingType: 'scene', classes }, predictions))
        const back = rows.map((row) => ({
          clip: row.clip,
          labels: row.labels,
          probabilities: classes.map((label) => row[`p:${label}`]),
          seed: row.seed === null ? undefined : Number(row.seed),
        }))
        expect(back).toEqual(given)
      }),
      { numRuns: 50, seed: 7 },
    )
  })

  it('refuses predictions that are not of the task', () => {
    const task = { embeddingType: 'scene' as const, classes: ['a', 'b'] }
    expect(() => predictionsParquet(task, [scene('a.wav', ['a'], [1])])).toThrow(
      'the prediction of a.wav is not one probability for each of 2 classes',
    )
    expect(() =>
      predictionsParquet({ ...task, embeddingType: 'event' }, [scene('a.wav', ['a'], [1, 0])]),
    ).toThrow('the prediction of a.wav holds no events')
  })
})
