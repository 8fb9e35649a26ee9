import { expect, test } from 'vitest'
import { exampleNames } from './example-names.js'

const PREFIX = 'tfds_id_toy-set-train-tfrecord'

test('a split in one shard is named in the order of the hashes of its keys', () => {
  const keys = ['b', 'a', 'c']
  const names = exampleNames('toy_set', { name: 'train', nExamples: 3, nShards: 1 }, keys)
  // `printf traina | md5sum` begins baf12146, trainb 38b65aed, trainc 6486c008.
  expect([...names].sort()).toEqual([
    ['a', `${PREFIX}-00000-of-00001-2`],
    ['b', `${PREFIX}-00000-of-00001-0`],
    ['c', `${PREFIX}-00000-of-00001-1`],
  ])
})

test('another split orders the same keys in another way', () => {
  const order = (name: string) =>
    [...exampleNames('toy_set', { name, nExamples: 50, nShards: 1 }, numbered(50))]
      .sort(([, a], [, b]) => Number(a.split('-').at(-1)) - Number(b.split('-').at(-1)))
      .map(([key]) => key)
  expect(order('train')).not.toEqual(order('test'))
})

test('shards begin at Python-rounded shares of the examples', () => {
  // In Python: [int(round(10 * (i / 4))) for i in range(5)] is [0, 2, 5, 8, 10]; halves go to the even number.
  const names = [
    ...exampleNames('toy_set', { name: 'train', nExamples: 10, nShards: 4 }, numbered(10)).values(),
  ]
  const lengths = [0, 1, 2, 3].map(
    (shard) => names.filter((name) => name.startsWith(`${PREFIX}-0000${shard}-of-00004-`)).length,
  )
  expect(lengths).toEqual([2, 3, 3, 2])
  expect(names.filter((name) => name.endsWith('-0'))).toHaveLength(4)
})

test('another number of examples is refused, as names and folds would differ', () => {
  expect(() => exampleNames('toy_set', { name: 'train', nExamples: 3, nShards: 1 }, ['a', 'b'])).toThrow(
    'Expected 3 clips in split "train" of toy_set, found 2.',
  )
})

test('a key that occurs twice is refused by name', () => {
  expect(() => exampleNames('toy_set', { name: 'train', nExamples: 3, nShards: 1 }, ['a', 'b', 'a'])).toThrow(
    'toy_set: expected every clip once, found "a" twice.',
  )
})

function numbered(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `clip${i}`)
}
