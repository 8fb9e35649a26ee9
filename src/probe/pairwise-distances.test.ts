import { expect, it } from 'vitest'
import { pairwiseDistances } from './pairwise-distances.js'

const embeddings = { data: Float32Array.of(0, 0, 1, 1, 3, -4), rows: 3, dimension: 2 }
const clips = ['a', 'b', 'c']

it('gives the L1 distance of every pair, named and marked', () => {
  const comparisons = {
    kind: 'pairs' as const,
    rows: Int32Array.of(0, 1, 2, 0),
    same: Uint8Array.of(1, 0),
  }
  expect(pairwiseDistances(embeddings, { clips, comparisons })).toEqual([
    { clips: ['a', 'b'], same: true, distance: 2 },
    { clips: ['c', 'a'], same: false, distance: 7 },
  ])
})

it('gives the distances of X to A and to B for every triplet', () => {
  const comparisons = { kind: 'triplets' as const, rows: Int32Array.of(0, 2, 1) }
  expect(pairwiseDistances(embeddings, { clips, comparisons })).toEqual([
    { clips: ['a', 'c', 'b'], distanceAX: 2, distanceBX: 7 },
  ])
})
