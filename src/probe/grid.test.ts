import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { type GridName, hearevalHparams, planGrid } from './grid.js'

interface Input {
  grid: GridName
  task_specific: string | null
  grid_points: number
}

test('the cells tried, and their order, equal heareval’s', () => {
  for (const { id, input, expected } of fixtureCases<Input, { value: { chosen: object[] } }>(
    'heareval/grid_points_order',
  )) {
    const points = planGrid({
      grid: input.grid,
      gridPoints: input.grid_points,
      seed: 42,
      taskName: input.task_specific ?? 'any',
    })
    const recorded = points.map((point) => ({
      ...hearevalHparams(point),
      embedding_norm: 'Identity',
      hidden_norm: 'BatchNorm1d',
      optim: 'Adam',
      initialization: point.initialization,
    }))
    expect(recorded, id).toEqual(expected.value.chosen)
  }
})

test('a task may narrow the grid, and nothing but known parameters is taken', () => {
  const request = { grid: 'default', gridPoints: 100, seed: 42, taskName: 'maestro' } as const
  const points = planGrid({
    ...request,
    taskSpecific: { max_epochs: [50], check_val_every_n_epoch: [1], lr: [1e-3] },
  })
  expect(points.length).toBe(4)
  expect(new Set(points.map((p) => `${p.maxEpochs} ${p.checkValEveryNEpoch} ${p.learningRate}`))).toEqual(
    new Set(['50 1 0.001']),
  )
  expect(() => planGrid({ ...request, taskSpecific: { epochs: [1] } })).toThrow(
    '"epochs": [1] is not understood',
  )
  expect(() => planGrid({ ...request, taskSpecific: { lr: ['fast'] } })).toThrow('"lr": ["fast"]')
  expect(() => planGrid({ ...request, taskSpecific: { hidden_dim: [] } })).toThrow('is not understood')
})
