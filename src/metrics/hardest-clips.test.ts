import { describe, expect, it } from 'vitest'
import { hardestClips } from './hardest-clips.js'

describe('hardestClips', () => {
  const runs = [
    new Map([
      ['a', true],
      ['b', false],
      ['c', false],
    ]),
    new Map([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', false],
    ]),
  ]

  it('puts clips that more runs got wrong first, of equal ones those in more runs', () => {
    expect(hardestClips(runs)).toEqual([
      { clip: 'c', wrong: 2, runs: 2 },
      { clip: 'd', wrong: 1, runs: 1 },
      { clip: 'b', wrong: 1, runs: 2 },
    ])
  })

  it('gives at most as many as asked for, and none without runs', () => {
    expect(hardestClips(runs, 1)).toEqual([{ clip: 'c', wrong: 2, runs: 2 }])
    expect(hardestClips([])).toEqual([])
  })
})
