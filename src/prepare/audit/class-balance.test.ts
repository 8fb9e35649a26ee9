import { expect, it } from 'vitest'
import { classBalance } from './class-balance.js'

const metadata = { embedding_type: 'scene' } as Parameters<typeof classBalance>[0]['metadata']
const scene = (clips: Record<string, string[]>) => ({
  kind: 'scene' as const,
  clips: new Map(Object.entries(clips)),
})

it('counts labels in each split, names those that are missing, and measures how even they are', () => {
  const splits = new Map([
    ['train', scene({ a: ['x'], b: ['x'], c: ['x'], d: ['y'] })],
    ['test', scene({ e: ['x'], f: ['y', 'z'] })],
    ['valid', scene({ g: [] })],
  ])
  const balance = classBalance({ vocabulary: ['x', 'y', 'z'], splits, metadata })
  expect(balance).toMatchObject({ nLabels: 3, counted: 'clips' })
  expect(balance.splits).toEqual([
    {
      ...{
        split: 'train',
        counts: { x: 3, y: 1, z: 0 },
        missing: ['z'],
        largest: ['x', 3],
        smallest: ['y', 1],
      },
      // Entropy of 3/4 and 1/4 over the logarithm of three labels.
      evenness: expect.closeTo((2 - 0.75 * Math.log2(3)) / Math.log2(3), 12),
    },
    expect.objectContaining({ split: 'test', missing: [], evenness: expect.closeTo(1, 12) }),
  ])
})

it('counts the events of event tasks', () => {
  const event = { label: 'x', start: 0, end: 1 }
  const splits = new Map([['train', { kind: 'event' as const, clips: new Map([['a', [event, event]]]) }]])
  const balance = classBalance({
    vocabulary: ['x'],
    splits,
    metadata: { ...metadata, embedding_type: 'event' },
  })
  expect(balance).toMatchObject({ counted: 'events', splits: [{ counts: { x: 2 }, evenness: 1 }] })
})
