import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { rankGridPoints } from './grid-ranking.js'

test('grid points are ranked as heareval ranks them, ties and NaN included', () => {
  type Input = { scores: (number | string)[]; modes: string[] }
  for (const { id, input, expected } of fixtureCases<Input, { value?: number[]; error?: object }>(
    'heareval/sort_grid_points',
  )) {
    const rank = () => rankGridPoints(input.scores.map(Number), input.modes)
    if (expected.error) expect(rank, id).toThrow('Expected one score mode')
    else expect(rank(), id).toEqual(expected.value)
  }
})
