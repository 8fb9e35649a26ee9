import { HearError } from '../../base/errors.js'
import { sortedTexts } from '../../store/label-files.js'
import { pythonNumber } from '../../store/python-json.js'
import type { MetadataRow } from './metadata-rows.js'
import type { ModeMetadata } from './mode-metadata.js'
import { shuffleByName } from './sort-and-shuffle.js'

type DurationSettings = Pick<
  ModeMetadata,
  'split_mode' | 'sample_duration' | 'max_task_duration_by_split' | 'max_task_duration_by_fold'
>

/**
 * The clips of a split that the task keeps, one row of each, in the order of their shuffle: as many as fit into the
 * split's longest duration, all without one.
 *
 * @param rows all rows of the split
 * @throws HearError as `maxClips`
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `SubsampleSplit`. *Differs*: a configuration that says
 * nothing of durations keeps all clips; there it is an error.
 */
export function subsampleSplit<Row extends Pick<MetadataRow, 'fileStem'>>(
  rows: readonly Row[],
  split: string,
  config: DurationSettings,
): Row[] {
  const clips = new Map<string, Row>()
  for (const row of rows) if (!clips.has(row.fileStem)) clips.set(row.fileStem, row)
  const shuffled = shuffleByName(sortedTexts(clips.keys()), `SubsampleSplit(${split})`)
  return shuffled.slice(0, maxClips(split, config)).map((stem) => clips.get(stem)!)
}

/**
 * How many clips of one length fit into the longest duration of a split; undefined for all.
 * @throws HearError `prepare/longest-duration` when clips keep their own lengths
 */
export function maxClips(split: string, config: DurationSettings): number | undefined {
  const longestSec = longestDurationSec(split, config)
  if (longestSec === null) return undefined
  if (config.sample_duration === null)
    throw new HearError(
      'prepare/longest-duration',
      `The longest duration of ${split} is ${longestSec} s, but clips of any length (sample_duration null) cannot be counted into it.`,
      { hint: 'Give sample_duration, or set the longest duration to null.' },
    )
  return Math.trunc(longestSec / pythonNumber(config.sample_duration))
}

function longestDurationSec(split: string, config: DurationSettings): number | null {
  const limit =
    config.split_mode === 'trainvaltest'
      ? config.max_task_duration_by_split?.[split]
      : config.max_task_duration_by_fold
  return limit === undefined || limit === null ? null : pythonNumber(limit)
}
