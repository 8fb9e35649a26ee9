import { describe, expect, it } from 'vitest'
import { matchesAny } from './globs.js'

describe('matchesAny', () => {
  it.each([
    ['train/*.csv', ['train/a.csv', 'train/.csv'], ['train/b/a.csv', 'train/a.csv.gz', 'xtrain/a.csv']],
    ['train/**/*.csv', ['train/a.csv', 'train/b/c/a.csv'], ['test/a.csv', 'train/acsv']],
    ['meta/**.json', ['meta/a.json', 'meta/b/a.json'], ['meta2/a.json']],
    ['**', ['a', 'a/b', 'new\nline'], []],
    ['a+(b)[c]{d}?.|^$\\', ['a+(b)[c]{d}?.|^$\\'], ['aab', 'a+(b)[c]{d}x.|^$\\']],
    ['*/𝒻*.txt', ['x/𝒻𝒾.txt', 'é/𝒻.txt'], ['𝒻.txt']],
  ])('%s fits whole paths', (glob, fits, others) => {
    const isMatch = matchesAny([glob])
    expect(fits.filter((path) => !isMatch(path))).toEqual([])
    expect(others.filter(isMatch)).toEqual([])
  })

  it('fits when any of several does, and never without one', () => {
    expect(matchesAny(['a', 'b/*'])('b/c')).toBe(true)
    expect(matchesAny([])('a')).toBe(false)
  })
})
