import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { batchSizeFor } from './batch-size.js'
import { packingOrder } from './packing-order.js'

interface Case<Input, Value> {
  id: string
  input: Input
  expected: { value: Value } | { error: { type: string } }
}

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')

/** The recorded cases of a function, from the project's own copy and from the fixtures folder. */
function casesOf<Input, Value>(name: string): Case<Input, Value>[] {
  return [golden, process.env.HEAR_TEST_FIXTURES]
    .filter((root) => root !== undefined && root !== '')
    .map((root) => join(root!, 'heareval', `${name}.json`))
    .filter((path) => existsSync(path))
    .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).cases)
}

/** What happened, in the shape of the record: a value, or that it was refused. */
function outcome<Value>(work: () => Value): { value: Value } | 'refused' {
  try {
    return { value: work() }
  } catch (error) {
    if ((error as Error).name !== 'HearError') throw error
    return 'refused'
  }
}

const recorded = <Value>(expected: Case<unknown, Value>['expected']) =>
  'error' in expected ? 'refused' : expected

describe('batchSizeFor', () => {
  const cases = casesOf<{ sample_duration: number | null; sample_rate: number }, number>(
    'estimated_batch_size',
  )

  it('gives the batch sizes of heareval', () => {
    expect(cases.length).toBeGreaterThan(30)
    for (const { id, input, expected } of cases)
      expect({
        id,
        ...{ is: outcome(() => batchSizeFor(input.sample_duration, input.sample_rate)) },
      }).toEqual({ id, is: recorded(expected) })
  })

  it('says what is wrong with a duration of zero', () => {
    expect(() => batchSizeFor(0, 16000)).toThrow('The task has a sample_duration of 0 seconds.')
  })
})

describe('packingOrder', () => {
  const cases = casesOf<{ splits: string[][] }, string[][]>('memmap_shuffle_order')

  it('packs clips as heareval does, one generator carried across the splits', () => {
    expect(cases.length).toBeGreaterThan(5)
    for (const { id, input, expected } of cases) {
      const order = packingOrder(input.splits.map((clips, i) => [`split${i}`, clips] as const))
      expect({ id, value: [...order.values()] }).toEqual({ id, ...expected })
    }
  })
})
