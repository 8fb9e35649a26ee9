import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitJsonText, vocabularyCsvText } from '../../store/label-files.js'
import { pythonFloat } from '../../store/python-json.js'
import type { ClipRow, TaskConfig, TaskDefinition } from '../../tasks/task.js'
import { planTask } from './plan-task.js'

const pets = (change: Partial<TaskConfig> = {}): TaskDefinition => ({
  about: 'Tell pets apart.',
  licence: 'CC0',
  citation: 'nobody',
  config: {
    task_name: 'pets',
    version: 'v1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'trainvaltest',
    sample_duration: pythonFloat(2),
    evaluation: ['top1_acc'],
    default_mode: 'full',
    ...change,
  },
  modes: { full: {}, small: { sample_duration: 1, note: 'short' } },
  clips: () => [],
})

const everything = { has: () => true }

/** A clip of each label in each split. */
function clipsOf(labels: readonly (string | number)[], splits = ['train', 'valid', 'test']): ClipRow[] {
  return splits.flatMap((split) =>
    labels.map((label) => ({ path: `audio/${split}-${label}.flac`, label, split })),
  )
}

const messageOf = (plan: () => unknown): string => {
  try {
    plan()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected an error')
}

describe('planTask', () => {
  it('gives metadata, clips, labels and vocabulary of a task', () => {
    const plan = planTask(pets(), 'small', clipsOf(['10', '9']), everything)
    expect(Object.entries(plan.metadata).slice(-6)).toEqual([
      ['evaluation', ['top1_acc']],
      ['default_mode', 'full'],
      ['note', 'short'],
      ['tmp_dir', '_workdir'],
      ['mode', 'small'],
      ['splits', ['train', 'valid', 'test']],
    ])
    expect(plan.metadata.sample_duration).toBe(1)
    expect(plan.splits.get('test')).toEqual([
      { fileName: 'test-10.wav', path: 'audio/test-10.flac' },
      { fileName: 'test-9.wav', path: 'audio/test-9.flac' },
    ])
    expect(splitJsonText(plan.labels.get('test')!)).toBe(
      '{\n "test-10.wav": [\n  10\n ],\n "test-9.wav": [\n  9\n ]\n}',
    )
    expect(vocabularyCsvText(plan.vocabulary)).toBe('idx,label\n0,9\n1,10\n')
    expect(plan.labelCounts.get('valid')).toEqual(
      new Map([
        [10, 0.5],
        [9, 0.5],
      ]),
    )
    expect(plan.foldSeed).toBeNull()
    expect(plan.warnings).toEqual([])
  })

  it('keeps which piece of a file a clip is', () => {
    const cut = { startSample: 8000, nSamples: 16000 }
    const clips = clipsOf(['cat']).map((clip) => ({ ...clip, cut }))
    expect(planTask(pets(), 'full', clips, everything).splits.get('train')).toEqual([
      { fileName: 'train-cat.wav', path: 'audio/train-cat.flac', cut },
    ])
  })

  it('comes to the same whatever the order of the clips, and puts no clip into two splits', () => {
    const clips = Array.from({ length: 40 }, (_, i) => ({
      path: `${i}.wav`,
      label: i % 2 === 0 ? 'cat' : 'dog',
      split: 'train',
      splitKey: `key${i % 20}`,
    }))
    const folds = pets({ split_mode: 'new_split_kfold', nfolds: 3 })
    for (const definition of [pets(), folds]) {
      const plan = planTask(definition, 'small', clips, everything)
      const names = [...plan.splits.values()].flat().map((clip) => clip.fileName)
      expect(new Set(names).size).toBe(clips.length)
      fc.assert(
        fc.property(fc.shuffledSubarray(clips, { minLength: clips.length }), (shuffled) => {
          expect(planTask(definition, 'small', shuffled, everything)).toEqual(plan)
        }),
        { seed: 1, numRuns: 20 },
      )
    }
  })

  it('leaves files that are missing out in mode small, with a warning, and refuses them otherwise', () => {
    const clips = [...clipsOf(['cat', 'dog']), { path: 'audio/lost.wav', label: 'cat', split: 'train' }]
    const sources = { has: (path: string) => path !== 'audio/lost.wav' }
    const plan = planTask(pets(), 'small', clips, sources)
    expect(plan.splits.get('train')!.length).toBe(2)
    expect(plan.warnings).toMatchInlineSnapshot(`
      [
        {
          "code": "prepare/missing-files",
          "message": "Not in the archives, but listed by pets: 1 file, "audio/lost.wav"; left out.",
        },
      ]
    `)
    expect(messageOf(() => planTask(pets(), 'full', clips, sources))).toMatchInlineSnapshot(
      `"Not in the archives, but listed by pets: 1 file, "audio/lost.wav"."`,
    )
    expect(messageOf(() => planTask(pets(), 'small', clips, { has: () => false }))).toContain('7 files')
  })

  it('warns of event labels that only some splits have, once', () => {
    const events = pets({ embedding_type: 'event', prediction_type: 'multilabel' })
    const clips = clipsOf(['cat', 'dog'])
      .slice(1)
      .map((clip, i) => ({ ...clip, startMs: i, endMs: 500 * i }))
    const plan = planTask(events, 'full', clips, everything)
    expect(plan.warnings.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "pets: in the corpus, train lacks "cat".",
      ]
    `)
    expect(splitJsonText(plan.labels.get('train')!)).toBe(
      '{\n "train-dog.wav": [\n  {\n   "label": "dog",\n   "start": 0.0,\n   "end": 0.0\n  }\n ]\n}',
    )
  })

  it('refuses what cannot be a task, naming what is wrong', () => {
    const clips = clipsOf(['cat', 'dog'])
    const twoLabels = [...clips, { ...clips[0], label: 'dog' }]
    const twoSplits = [...clips, { ...clips[0], label: 'dog', split: 'test' }]
    const multilabel = pets({ prediction_type: 'multilabel' })
    const unfilled = pets({ max_task_duration_by_split: { train: null, valid: 1, test: null } })
    expect([
      messageOf(() => planTask(pets(), 'full', twoLabels, everything)),
      messageOf(() => planTask(multilabel, 'full', twoSplits, everything)),
      messageOf(() => planTask(pets(), 'full', clips.slice(1), everything)),
      messageOf(() => planTask(unfilled, 'full', clips, everything)),
      messageOf(() => planTask(pets(), 'ful', clips, everything)),
    ]).toMatchInlineSnapshot(`
      [
        ""audio/train-cat.flac" has the labels "cat" and "dog", and the task is multiclass.",
        ""audio/train-cat.flac" is in train and in test.",
        "pets: in the corpus, train lacks "cat". Every split must hold every label.",
        "pets: no clip is left for valid.",
        "Expected a mode of pets (full, small), found "ful".",
      ]
    `)
  })

  it('checks the labels again once each split is cut to its longest duration', () => {
    const short = pets({ max_task_duration_by_split: { train: 2, valid: null, test: null } })
    expect(messageOf(() => planTask(short, 'full', clipsOf(['cat', 'dog']), everything))).toMatch(
      /after subsampling, train lacks "(cat|dog)"/,
    )
  })
})
