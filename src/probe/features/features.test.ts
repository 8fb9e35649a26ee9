import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GEMM_KINDS } from '../../num/gemm/gemm.js'
import { Random } from '../../num/random.js'
import { allRows, type LabelledSplit, labelledRows, type UnlabelledSplit } from './feature-rows.js'
import { FeatureScaler } from './feature-scaler.js'
import { forEachProductBlock, planBlocks } from './product-blocks.js'

const split = (name: string, ...rows: number[][]): UnlabelledSplit => ({
  name,
  rows: rows.length,
  inputSize: rows[0]?.length ?? 0,
  embeddings: Float32Array.from(rows.flat()),
})

describe('rows', () => {
  const labelled = (name: string, from: number, rows: number): LabelledSplit => ({
    ...split(name, ...Array.from({ length: rows }, (_, i) => [from + i])),
    targets: { kind: 'multiclass', classIndex: Int32Array.from({ length: rows }, (_, i) => from + i) },
  })

  it('of several splits lie end to end, and are thinned evenly, labels and values together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        (sizes, limit) => {
          const available = sizes.reduce((sum, size) => sum + size, 0)
          fc.pre(available > 0)
          let from = 0
          const splits = sizes.map((size, s) => {
            from += size
            return { ...labelled(`${s}`, from - size, size), inputSize: 1 }
          })
          const rows = labelledRows(splits, available, limit)
          expect(rows).toMatchObject({ available, rows: Math.min(limit, available), inputSize: 1 })
          const values = Array.from({ length: rows.rows }, (_, i) => rows.row(i)[0])
          const expected = Array.from({ length: rows.rows }, (_, i) =>
            Math.floor((i * available) / rows.rows),
          )
          expect(values).toEqual(expected)
          expect(rows.targets).toEqual({ kind: 'multiclass', classIndex: Int32Array.from(expected) })
        },
      ),
      { seed: 1, numRuns: 100 },
    )
  })

  it('keep all labels of a multilabel row, and say where they come from', () => {
    const hot = (name: string, ...rows: number[][]): LabelledSplit => ({
      ...split(name, ...rows.map(() => [0])),
      targets: { kind: 'multilabel', hot: Uint8Array.from(rows.flat()) },
    })
    const rows = labelledRows([hot('a', [1, 0], [1, 1]), hot('b', [0, 1])], 2)
    expect(rows.targets).toEqual({ kind: 'multilabel', hot: Uint8Array.of(1, 0, 1, 1, 0, 1) })
    expect([rows.describe(1), rows.describe(2)]).toEqual(['row 1 of split a', 'row 0 of split b'])
  })

  it('are refused where they do not fit together', () => {
    const hot: LabelledSplit = { ...split('b', [1]), targets: { kind: 'multilabel', hot: Uint8Array.of(1) } }
    expect(() => allRows([split('a', [1, 2]), split('b', [1])])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows of embeddings of one size, found 2 values a row in a and 1 in b.]`,
    )
    expect(() => allRows([split('a')])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows of embeddings of one size, found no rows.]`,
    )
    expect(() => allRows([{ ...split('a', [1]), rows: 2 }])).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows of embeddings of one size, found 1 values for 2 rows of 1 in a.]`,
    )
    expect(() => labelledRows([labelled('a', 0, 1), hot], 1)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected rows of embeddings of one size, found multiclass labels in a, multilabel labels in b.]`,
    )
  })
})

describe('scaled features', () => {
  const written = (scaler: FeatureScaler, rows: ReturnType<typeof allRows>, index: number) => {
    const into = new Float32Array(rows.inputSize)
    const squares = scaler.write(rows, index, into)
    return { into: [...into], squares }
  }

  it('have mean 0 and deviation 1, each or all together', () => {
    const rows = allRows([split('a', [1, 10], [3, 10], [5, 40], [7, 40])])
    // Means 4 and 25, deviations sqrt(5) and 15.
    const { into, squares } = written(FeatureScaler.fit(rows, 'standardised'), rows, 0)
    expect(into[0]).toBeCloseTo(-3 / Math.sqrt(5), 6)
    expect(into[1]).toBe(-1)
    expect(squares).toBeCloseTo(9 / 5 + 1, 12)
    // All together: sqrt((5 + 225) / 2).
    const centred = written(FeatureScaler.fit(rows, 'centred'), rows, 3).into
    expect(centred[0]).toBeCloseTo(3 / Math.sqrt(115), 6)
    expect(centred[1]).toBeCloseTo(15 / Math.sqrt(115), 6)
  })

  it('are 0 where the training rows are constant but for rounding, whatever a query has there', () => {
    const train = allRows([split('a', [0.1, 1], [0.1, 2], [0.1, 3])])
    const query = allRows([split('b', [7, 2])])
    for (const scaling of ['centred', 'standardised'] as const)
      expect(written(FeatureScaler.fit(train, scaling), query, 0)).toEqual({ into: [0, 0], squares: 0 })
    const nearly = allRows([split('a', [1, 0], [1 + 2 ** -23, 1], [1, 2])])
    expect(written(FeatureScaler.fit(nearly, 'standardised'), nearly, 1).into).toEqual([0, 0])
  })

  it('have length 1 as directions, but for a row at the mean', () => {
    const rows = allRows([split('a', [1, 1], [3, 5], [5, 9])])
    const scaler = FeatureScaler.fit(rows, 'centred')
    const into = new Float32Array(2)
    scaler.writeDirection(rows, 2, into)
    expect(into[0]).toBeCloseTo(1 / Math.sqrt(5), 6)
    expect(into[1]).toBeCloseTo(2 / Math.sqrt(5), 6)
    scaler.writeDirection(rows, 1, into)
    expect([...into]).toEqual([0, 0])
  })

  it('are refused where they are not finite, naming the row', () => {
    const good = allRows([split('a', [1, 0], [2, 0])])
    const scaler = FeatureScaler.fit(good, 'standardised')
    const queries = allRows([split('q', [1, 0], [Number.NaN, 0], [1, Number.POSITIVE_INFINITY], [3e38, 0])])
    expect(() => FeatureScaler.fit(queries, 'centred')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Expected finite embeddings, found NaN as value 0 in row 1 of split q.]`,
    )
    for (const row of [1, 2, 3]) expect(() => written(scaler, queries, row)).toThrow(`row ${row} of split q`)
    expect(() => written(scaler, queries, 3)).toThrow('values too large to square')
  })
})

describe('blocks of products', () => {
  it('equal a plain loop for every kind of GEMM and every block size', () => {
    const random = new Random(1)
    const matrix = (rows: number, size: number) =>
      Array.from({ length: rows }, () =>
        Array.from({ length: size }, () => Math.round(random.uniform() * 8) - 4),
      )
    const written = (rows: number[][]) => ({
      rows: rows.length,
      write: (i: number, into: Float32Array) => into.set(rows[i]),
    })
    const [left, right] = [matrix(11, 5), matrix(17, 5)]
    // Small whole numbers: every product is exact.
    const expected = left.map((x) => right.map((y) => x.reduce((sum, value, d) => sum + value * y[d], 0)))
    for (const kind of GEMM_KINDS.filter((name) => name !== 'openblas'))
      for (const blocks of [
        { left: 11, right: 17 },
        { left: 4, right: 17 },
        { left: 11, right: 3 },
        { left: 3, right: 5 },
      ]) {
        const found = left.map(() => right.map(() => Number.NaN))
        const version = forEachProductBlock(
          written(left),
          written(right),
          5,
          kind,
          ({ products, leftStart, leftRows, rightStart, rightRows }) => {
            for (let i = 0; i < leftRows; i++)
              for (let j = 0; j < rightRows; j++)
                found[leftStart + i][rightStart + j] = products[i * rightRows + j]
          },
          blocks,
        )
        expect(version).toContain(kind)
        expect(found, `${kind} ${JSON.stringify(blocks)}`).toEqual(expected)
      }
  })

  it('stay within a few hundred MiB, however many and long the rows', () => {
    for (const size of [1, 64, 512, 4096, 20_000, 200_000]) {
      const { left, right } = planBlocks(20_000, 100_000, size)
      expect(left).toBeGreaterThan(0)
      expect(4 * (left * size + right * size + left * right)).toBeLessThan(200 * 2 ** 20)
    }
    expect(planBlocks(20_000, 100_000, 4096)).toEqual({ left: 1024, right: 8192 })
    expect(planBlocks(7, 9, 64)).toEqual({ left: 7, right: 9 })
  })
})
