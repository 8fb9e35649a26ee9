import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { memorySources } from '../../test/task-sources.js'
import { taskRows } from './task-rows.js'
import { mostFrequent, voxLinguaTop10 } from './vox-lingua-top10.js'

type Input = { labels_in_listing_order: string[]; k: number }
type Expected = { top: string[]; counts: Record<string, number> }

test.each(fixtureCases<Input, Expected>('prepare/vectors/value_counts_topk'))(
  'the most frequent labels of case $id have the original’s counts, and are the same above a tie at the end',
  ({ input, expected }) => {
    const top = mostFrequent(input.labels_in_listing_order, input.k)
    const countOf = (label: string) => expected.counts[label]
    expect(top.map(countOf)).toEqual(expected.top.map(countOf))
    const last = countOf(expected.top.at(-1)!)
    const above = (labels: readonly string[]) => labels.filter((label) => countOf(label) > last).sort()
    expect(above(top)).toEqual(above(expected.top))
  },
)

test('of equally frequent labels those that come earlier are taken', () => {
  expect(mostFrequent(['b', 'a', 'c', 'a'], 2)).toEqual(['a', 'b'])
  expect(mostFrequent([], 2)).toEqual([])
})

test('the clips of the ten most frequent languages are kept, wherever in a folder they lie', async () => {
  const contents: Record<string, null> = {}
  for (let language = 0; language < 12; language++)
    for (let clip = 0; clip <= language; clip++) contents[`train/l${language}/clip ${clip}.wav`] = null
  contents['train/l11/readme.txt'] = null
  const rows = await taskRows(voxLinguaTop10, 'full', memorySources(contents))
  expect([...new Set(rows.map((row) => row.label))].sort()).toEqual(
    ['l10', 'l11', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8', 'l9'].sort(),
  )
  expect(rows.length).toBe(75)
})
