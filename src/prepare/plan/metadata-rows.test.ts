import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import type { ClipRow, TaskConfig } from '../../tasks/task.js'
import { metadataRows } from './metadata-rows.js'
import type { ModeMetadata } from './mode-metadata.js'

const scene = { task_name: 'pets', embedding_type: 'scene' } as TaskConfig as ModeMetadata
const event = { ...scene, embedding_type: 'event' } as ModeMetadata
const clip = (path: string, more: Partial<ClipRow> = {}): ClipRow => ({
  path,
  label: 'cat',
  split: 'train',
  ...more,
})

describe('metadataRows', () => {
  it('names a clip by the name of its file without the last suffix, as pathlib does', () => {
    for (const { input, expected } of fixtureCases<string, string>('prepare/vectors/unique_filestem'))
      expect(metadataRows([clip(input)], scene)[0], input).toMatchObject({
        fileStem: expected,
        splitKey: expected,
      })
  })

  it('keeps the stems and keys that a task gives, and lets a file be several pieces', () => {
    const cut = { startSample: 0, nSamples: 16000 }
    const rows = metadataRows(
      [
        clip('a/noise.wav', { fileStem: 'noise-0', cut, splitKey: 'noise' }),
        clip('a/noise.wav', { fileStem: 'noise-8000', cut: { ...cut, startSample: 8000 } }),
      ],
      scene,
    )
    expect(rows.map(({ fileStem, splitKey }) => [fileStem, splitKey])).toEqual([
      ['noise-0', 'noise'],
      ['noise-8000', 'noise-8000'],
    ])
  })

  it.each<[string, ClipRow[]]>([
    ['two files of one name', [clip('a/x.wav'), clip('b/x.mp3')]],
    ['a file of two names', [clip('a/x.wav'), clip('a/x.wav', { fileStem: 'y' })]],
    ['a name with a folder in it', [clip('a/x.wav', { fileStem: '../x' })]],
    ['a name with a backslash in it', [clip('a/x.wav', { fileStem: '..\\x' })]],
    ['no name', [clip('a/x.wav', { fileStem: '' })]],
  ])('refuses %s', (_, clips) => {
    expect(() => metadataRows(clips, scene)).toThrowError(
      expect.objectContaining({ code: 'prepare/file-stem' }),
    )
  })

  it('refuses labels of two kinds, numbers that are none, and times where they do not belong', () => {
    const refused: [ClipRow[], ModeMetadata][] = [
      [[clip('a.wav'), clip('b.wav', { label: 3 })], scene],
      [[clip('a.wav', { label: Number.NaN })], scene],
      [[clip('a.wav', { label: 2 ** 60 })], scene],
      [[clip('a.wav', { startMs: 0, endMs: 1 })], scene],
      [[clip('a.wav')], event],
      [[clip('a.wav', { startMs: 0, endMs: Number.NaN })], event],
    ]
    for (const [clips, config] of refused)
      expect(() => metadataRows(clips, config)).toThrowError(expect.objectContaining({ code: 'prepare/row' }))
    expect(() => metadataRows([], scene)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: pets: no clip was found.]`,
    )
    expect(() => metadataRows([clip('a/x.wav'), clip('b/x.mp3')], scene)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Every clip needs a name of its own, but "a/x.wav" and "b/x.mp3" would both be named "x.wav".]`,
    )
    expect(() =>
      metadataRows([clip('a.wav'), clip('b.wav', { label: 3 })], scene),
    ).toThrowErrorMatchingInlineSnapshot(
      `[HearError: "b.wav": expected labels that are all texts or all numbers, found 3, and "a.wav" has "cat".]`,
    )
  })
})
