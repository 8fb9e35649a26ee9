import { describe, expect, it } from 'vitest'
import { phonesOf, targetsOf } from './phones.js'

describe('phones', () => {
  it('are the letters of a word, with sh as one', () => {
    expect(phonesOf('sasha')).toEqual(['s', 'a', 'sh', 'a'])
    expect(phonesOf('shoni')).toEqual(['sh', 'o', 'n', 'i'])
  })

  it.each([...'aeioumnlrwysfzvptkbdgh', 'sh'])('%s has targets that make a sound', (phone) => {
    const targets = targetsOf(phone, false)
    expect(targets.length).toBeGreaterThan(0)
    for (const { durationSec, formantsHz } of targets) {
      expect(durationSec).toBeGreaterThan(0)
      expect([...formantsHz]).toEqual([...formantsHz].sort((a, b) => a - b))
    }
    expect(
      targets.some(({ voice, friction, breath }) => voice > 0 || friction !== undefined || breath! > 0),
    ).toBe(true)
  })

  it('give a stressed vowel more time and voice', () => {
    const [stressed] = targetsOf('a', true)
    const [plain] = targetsOf('a', false)
    expect(stressed.durationSec).toBeGreaterThan(plain.durationSec)
    expect(stressed.voice).toBeGreaterThan(plain.voice)
  })

  it('refuse a letter without a sound', () => {
    expect(() => targetsOf('q', false)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: There is no phone "q" to speak.]`,
    )
  })
})
