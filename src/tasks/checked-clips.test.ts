import { describe, expect, it } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { HearError } from '../base/errors.js'
import { checkedClips } from './checked-clips.js'
import type { TaskConfig } from './task.js'

const sources = memorySources({ 'rec/a.wav': null })
const config = {} as TaskConfig

async function outcome(clips: () => unknown): Promise<string> {
  try {
    await checkedClips(clips as Parameters<typeof checkedClips>[0], 'birds.mjs')(sources, config, 'full')
    return 'fine'
  } catch (error) {
    if (error instanceof HearError) return error.message
    throw error
  }
}

const row = { path: 'rec/a.wav', label: 'wren', split: 'train' }

describe("a user's own function of clips", () => {
  it('gives its rows as they are', async () => {
    const made = [row, { ...row, fileStem: 'b', label: 3, cut: { startSample: 0, nSamples: 5 } }]
    expect(await checkedClips(() => made, 'birds.mjs')(sources, config, 'full')).toBe(made)
    expect(await checkedClips(async () => made, 'birds.mjs')(sources, config, 'full')).toBe(made)
  })

  it.each([
    ['nothing', undefined, 'the whole file: expected array, found nothing'],
    ['a row that is none', [row, 7], '[1]: expected object, found 7'],
    [
      'a row without a label',
      [{ ...row, label: undefined }],
      '[0].label: expected a text or a number, found nothing',
    ],
    [
      'a label that JSON cannot hold',
      [{ ...row, label: 1n }],
      '[0].label: expected a text or a number, found 1n',
    ],
    ['a misspelt key', [{ ...row, stem: 'a' }], '[0]: unknown key "stem"'],
    ['a time that is none', [{ ...row, startMs: Number.NaN }], '[0].startMs: expected number, found NaN'],
    ['a cut before the beginning', [{ ...row, cut: { startSample: -1, nSamples: 1 } }], 'found -1'],
  ])('is told of %s', async (_, made, message) => {
    const said = await outcome(() => made)
    expect(said).toContain('"clips of birds.mjs" is not as expected.')
    expect(said).toContain(message)
  })

  it('is told of the first rows only where very many are wrong', async () => {
    const said = await outcome(() => Array(100_000).fill({}))
    expect(said.length).toBeLessThan(2000)
    expect(said).toMatch(/and \d+ more/)
  })

  it('is named, with the place, when it throws', async () => {
    const said = await outcome(() => {
      throw new TypeError('no such bird')
    })
    expect(said).toMatch(
      /^"birds.mjs": its function clips failed with "TypeError: no such bird", at .*checked-clips/,
    )
    expect(await outcome(() => Promise.reject('a text'))).toBe(
      '"birds.mjs": its function clips failed with "a text".',
    )
  })

  it('passes on what the sources say', async () => {
    const refusal = new HearError('source/no-such-file', 'There is no such file.')
    expect(await outcome(() => Promise.reject(refusal))).toBe('There is no such file.')
  })
})
