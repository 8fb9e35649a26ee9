import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import type { ModeMetadata } from './mode-metadata.js'
import { maxClips, subsampleSplit } from './subsample.js'

interface Input {
  rows: { split: string; unique_filestem: string; relpath: string }[]
  split: string
  config: ModeMetadata
}
type Expected = { value: string[] } | { error: unknown }

const cases = fixtureCases<Input, Expected>('prepare/vectors/subsample_split')

describe('subsampleSplit', () => {
  it.each(cases)('keeps the clips of $id that hear-preprocess keeps', ({ input, expected }) => {
    const rows = input.rows
      .filter((row) => row.split === input.split)
      .map((row) => ({ fileStem: row.unique_filestem, path: row.relpath }))
    const kept = () =>
      subsampleSplit(rows, input.split, input.config).map(
        ({ fileStem, path }) => fileStem + path.slice(path.lastIndexOf('.')),
      )
    if ('error' in expected) expect(kept).toThrowError(expect.objectContaining({ name: 'HearError' }))
    else expect(kept()).toEqual(expected.value)
  })

  it('takes as many clips as HEAR’s longest durations hold', () => {
    type Durations = { split: string; sample_duration: number }
    for (const { input, expected, id } of fixtureCases<
      Durations,
      { max_duration: number; max_files: number }
    >('prepare/vectors/max_task_durations')) {
      const config = {
        split_mode: 'trainvaltest',
        sample_duration: input.sample_duration,
        max_task_duration_by_split: { [input.split]: expected.max_duration },
      } as unknown as ModeMetadata
      expect(maxClips(input.split, config), id).toBe(expected.max_files)
    }
  })

  it('cannot count clips of any length', () => {
    const config = {
      split_mode: 'new_split_kfold',
      sample_duration: null,
      max_task_duration_by_fold: 60,
    } as unknown as ModeMetadata
    expect(() => maxClips('fold00', config)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: The longest duration of fold00 is 60 s, but clips of any length (sample_duration null) cannot be counted into it.]`,
    )
  })
})
