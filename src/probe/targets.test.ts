import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { binaryVector, singleClass } from './targets.js'

test('labels become the binary vectors of heareval', () => {
  type Expected = { value?: number[]; error?: object }
  for (const { id, input, expected } of fixtureCases<{ label: number[]; num_labels: number }, Expected>(
    'heareval/label_to_binary_vector',
  )) {
    const vector = () => [...binaryVector(input.label, input.num_labels)]
    if (expected.error) expect(vector, id).toThrow(/is not among \d+ labels/)
    else expect(vector(), id).toEqual(expected.value)
  }
})

test('a multiclass row with several labels or none is refused where heareval’s loss asserts', () => {
  type Input = { targets: number[][] }
  let refused = 0
  for (const { id, input, expected } of fixtureCases<Input, { error?: object }>('heareval/losses')) {
    const classes = () =>
      input.targets.map((row, i) =>
        singleClass(
          row.flatMap((hot, label) => (hot ? [label] : [])),
          `clip ${i}`,
        ),
      )
    if (expected.error === undefined) expect(classes, id).not.toThrow()
    else {
      expect(classes, id).toThrow(
        /Expected exactly one label for clip clip \d+ of a multiclass task, found \d/,
      )
      refused++
    }
  }
  expect(refused).toBeGreaterThan(0)
})
