import { expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { namedSeed } from './named-seed.js'

test('seeds made of names equal those of hear-preprocess', () => {
  for (const { input, expected, id } of fixtureCases<string, number>('prepare/vectors/str2int'))
    expect(namedSeed(input), String(id)).toBe(expected)
})
