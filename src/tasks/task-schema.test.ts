import { describe, expect, test } from 'vitest'
import { HearError } from '../base/errors.js'
import { esc50 } from './esc50.js'
import type { TaskDefinition } from './task.js'
import { modeConfig, modeSources, taskReads } from './task-mode.js'
import { checkTask } from './task-schema.js'

/** A task of one's own: audio and a table in a folder. */
const birds = {
  about: 'Tell two birds apart.',
  licence: 'CC0',
  citation: 'none',
  config: {
    task_name: 'my_birds',
    version: 'v1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: 3,
    evaluation: ['top1_acc'],
    default_mode: 'full',
  },
  modes: { full: {} },
  sources: { full: [{ name: 'birds', folder: 'recordings' }] },
  clips: { table: 'birds/labels.csv', file: 'file', label: 'bird', split: 'part' },
}

type Changes = { config?: object; clips?: unknown; modes?: object; [key: string]: unknown }
const changed = ({ config, ...others }: Changes) => ({
  ...birds,
  ...others,
  config: { ...birds.config, ...config },
})

test('a task of one’s own is taken as it is, its keys in their order', () => {
  expect(checkTask(birds, 'birds.json')).toBe(birds)
})

describe('what is wrong in a task is named, with what was expected', () => {
  const cases: [what: string, task: unknown, message: string][] = [
    ['a misspelt key', changed({ liscence: 'x' }), 'unknown key "liscence" (did you mean "licence"?)'],
    [
      'a misspelt key of the configuration',
      changed({ config: { sample_durations: 3 } }),
      'config: unknown key "sample_durations" (did you mean "sample_duration"?)',
    ],
    [
      'a misspelt column key',
      changed({ clips: { ...birds.clips, labels: 'x' } }),
      'clips: unknown key "labels" (did you mean "label"?)',
    ],
    [
      'a key like no other',
      changed({ sources: { full: [{ name: 'a', directory: 'b', folder: 'c' }] } }),
      'unknown key "directory" (the keys are split, name,',
    ],
    [
      'a name that leaves its folder',
      changed({ config: { task_name: '../x' } }),
      'config.task_name: expected a name of',
    ],
    [
      'a duration of text',
      changed({ config: { sample_duration: '3' } }),
      'expected a number of seconds above 0, found "3"',
    ],
    [
      'a metric that is none',
      changed({ config: { evaluation: ['acc'] } }),
      'config.evaluation[0]: expected "top1_acc" or',
    ],
    ['no metric', changed({ config: { evaluation: [] } }), 'config.evaluation: '],
    [
      'a metric over events in a scene task',
      changed({ config: { evaluation: ['segment_1s_er'] } }),
      'config.evaluation: expected metrics over scenes: top1_acc,',
    ],
    [
      'a default mode that is none',
      changed({ config: { default_mode: 'fast' } }),
      'config.default_mode: expected one of the modes (full), found "fast"',
    ],
    [
      'a mode without sources',
      changed({ modes: { full: {}, tiny: {} } }),
      'sources.tiny: expected the sources of mode tiny',
    ],
    [
      'sources of no mode',
      changed({ sources: { ...birds.sources, tiny: birds.sources.full } }),
      'sources.tiny: expected a mode of the task (full)',
    ],
    [
      'an archive without a checksum',
      changed({ sources: { full: [{ name: 'a', url: 'https://x.org/a.zip' }] } }),
      'sources.full[0]: expected the md5 of the archive beside its url',
    ],
    [
      'a checksum that is none',
      changed({ sources: { full: [{ name: 'a', url: 'https://x.org/a.zip', md5: 'abc' }] } }),
      'sources.full[0].md5: expected an MD5 of 32 small hexadecimal digits, found "abc"',
    ],
    [
      'an address that is a path',
      changed({ sources: { full: [{ name: 'a', url: 'file:///etc/passwd', md5: '0'.repeat(32) }] } }),
      'sources.full[0].url: expected an address that begins with http:// or https://',
    ],
    [
      'a folder among addresses',
      changed({ config: { download_urls: birds.sources.full } }),
      'config.download_urls: expected addresses, as',
    ],
    [
      'a source without a key',
      changed({ sources: { full: [{ folder: 'x' }] } }),
      'sources.full[0]: expected a split or a name',
    ],
    [
      'a source of two kinds',
      changed({
        sources: { full: [{ name: 'a', folder: 'x', url: 'https://x.org/a.zip', md5: '0'.repeat(32) }] },
      }),
      'sources.full[0]: expected exactly one of url,',
    ],
    [
      'a zip in parts without its name',
      changed({
        sources: {
          full: [{ name: 'a', multipart_zip_urls: [{ url: 'https://x.org/a.z01', md5: '0'.repeat(32) }] }],
        },
      }),
      'sources.full[0]: expected multipart_zip_urls and zipname together',
    ],
    [
      'folds without a number',
      changed({ config: { split_mode: 'presplit_kfold' } }),
      'config.nfolds: expected a number of folds',
    ],
    [
      'folds beyond number',
      changed({ config: { split_mode: 'presplit_kfold', nfolds: 1e9 } }),
      'config.nfolds: expected at most 1000 folds, found 1000000000',
    ],
    [
      'a clip of years',
      changed({ config: { sample_duration: 1e9 } }),
      'config.sample_duration: expected at most 10800 seconds, found 1000000000',
    ],
    ['two folds', changed({ config: { split_mode: 'presplit_kfold', nfolds: 2 } }), 'config.nfolds: '],
    [
      'folds in three splits',
      changed({ config: { nfolds: 5 } }),
      'config.nfolds: expected none with split_mode trainvaltest, found 5',
    ],
    [
      'a limit of splits on folds',
      changed({
        config: { split_mode: 'new_split_kfold', nfolds: 3 },
        modes: { full: { max_task_duration_by_split: { train: null, valid: null, test: null } } },
        clips: { table: 'birds/labels.csv', file: 'file', label: 'bird' },
      }),
      'modes.full.max_task_duration_by_split: expected none with split_mode new_split_kfold',
    ],
    [
      'shares that do not add up',
      changed({ config: { split_percentage: { train: 60, valid: 20, test: 10 } } }),
      'config.split_percentage: expected shares that add up to 100',
    ],
    [
      'events without times',
      changed({ config: { embedding_type: 'event', evaluation: ['event_onset_200ms_fms'] } }),
      'clips.start: expected, as an event has',
    ],
    [
      'times of scenes',
      changed({ clips: { ...birds.clips, start: 'from' } }),
      'clips.start: expected in event tasks only, found "from"',
    ],
    [
      'events in clips of any length',
      changed({ config: { embedding_type: 'event', evaluation: ['segment_1s_er'], sample_duration: null } }),
      'config.sample_duration: expected seconds, as',
    ],
    [
      'given folds without their column',
      changed({
        config: { split_mode: 'presplit_kfold', nfolds: 3 },
        clips: { table: 't.csv', file: 'f', label: 'l' },
      }),
      'clips.split: expected the column of the folds',
    ],
    [
      'given splits where folds are made',
      changed({ config: { split_mode: 'new_split_kfold', nfolds: 3 } }),
      'clips.split: expected none, as new_split_kfold makes folds of its own',
    ],
    [
      'names of splits that are none',
      changed({ clips: { ...birds.clips, splitNames: { dev: 'val' } } }),
      'clips.splitNames: expected splits among train, valid, test',
    ],
    ['no table', changed({ clips: undefined }), 'clips: expected object, found nothing'],
    [
      'a function where text belongs',
      changed({ about: () => 'x' }),
      'about: expected string, found a function',
    ],
    ['a list in place of a task', [], 'The whole file: expected object'.toLowerCase()],
  ]
  test.each(cases)('%s', (_what, task, message) => {
    let error: unknown
    try {
      checkTask(task, 'birds.json')
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(HearError)
    expect((error as HearError).message).toContain('"birds.json" is not as expected.')
    expect((error as HearError).message).toContain(message)
  })

  test('all at once, each conflict a single time however many modes have it', () => {
    const task = changed({
      liscence: 'x',
      modes: { full: {}, other: {} },
      sources: { full: birds.sources.full, other: birds.sources.full },
      config: { nfolds: 5, split_percentage: { train: 1, valid: 1, test: 1 } },
    })
    const { liscence: _, ...conflicting } = task as Record<string, unknown>
    expect(() => checkTask(conflicting, 'f')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: "f" is not as expected. config.nfolds: expected none with split_mode trainvaltest, found 5; config.split_percentage: expected shares that add up to 100, found {"train":1,"valid":1,"test":1}.]`,
    )
    expect(() => checkTask({ ...task, about: '' }, 'f')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: "f" is not as expected. about: expected a text that is not empty, found ""; the whole file: unknown key "liscence" (did you mean "licence"?); config.nfolds: expected none with split_mode trainvaltest, found 5; config.split_percentage: expected shares that add up to 100, found {"train":1,"valid":1,"test":1}.]`,
    )
  })
})

describe('modes', () => {
  test('replace keys in their place and add new ones at the end', () => {
    const config = modeConfig(esc50, 'small')
    expect(config.sample_duration).toBe(2)
    expect(Object.keys(config)).toEqual([...Object.keys(esc50.config), 'max_task_duration_by_fold'])
  })

  test('give their own archives, else those of the configuration, else the task’s sources', () => {
    expect(modeSources(esc50, 'full')).toBe(esc50.config.download_urls)
    expect(modeSources(esc50, 'small')).toBe(esc50.modes.small.download_urls)
    expect(modeSources(birds as unknown as TaskDefinition, 'full')).toBe(birds.sources.full)
  })

  test('that a task does not have are refused', () => {
    expect(() => modeConfig(esc50, 'smal')).toThrow('Expected a mode of esc50 (full, small), found "smal".')
    expect(() => modeConfig(esc50, 'toString')).toThrow('Expected a mode of esc50')
  })
})

test('a table is read without being named among the files that a task reads', () => {
  expect(taskReads(esc50)).toEqual(['all_folds/ESC-50-master/meta/esc50.csv'])
})
