import { expect, it } from 'vitest'
import type { TaskAnalysis } from '../probe/analysis/task-analysis.js'
import { inspectText } from './inspect-tables.js'

const head = {
  format: 'hearkit-analysis/1',
  task: 'sounds',
  folder: 'sounds-1-small',
  model: 'toy',
  protocol: 'hear-2021',
  classes: ['cat', 'dog'],
  folds: ['test'],
  seeds: [42],
  clips: 4,
  tests: 4,
} as const

const multiclass: TaskAnalysis = {
  ...head,
  scores: [
    { metric: 'top1_acc', score: 0.75, std: null, interval: { low: 0.5, high: 1 } },
    { metric: 'chroma_acc', score: { undefined: 'no reason' }, std: null, interval: null },
  ],
  detail: {
    kind: 'multiclass',
    confusion: [
      [3, 1],
      [0, 0],
    ],
    perClass: [
      { label: 'cat', support: 4, predicted: 3, recall: 0.75, precision: 1, f1: 6 / 7 },
      {
        label: 'dog',
        support: 0,
        predicted: 1,
        recall: { undefined: 'no row is of this class' },
        precision: 0,
        f1: 0,
      },
    ],
    confusedPairs: [{ truth: 'cat', predicted: 'dog', count: 1, share: 0.25 }],
    hardestClips: [
      {
        clip: 'a.wav',
        split: 'test',
        tests: 1,
        wrong: 1,
        truth: 'cat',
        predicted: 'dog',
        probabilityOfTruth: 0.125,
      },
    ],
  },
}

it('prints a multiclass result, the worst first, with the reasons for what is undefined', () => {
  expect(inspectText(multiclass, 10)).toMatchInlineSnapshot(`
    "sounds, toy, hear-2021
    top1_acc 0.7500, 95 % interval 0.500 to 1.000
    chroma_acc undefined: no reason
    4 clips, 2 classes, 1 fold, 1 probe seed

    Classes, the worst first
    class  tests     F1  recall  precision
    ─────  ─────  ─────  ──────  ─────────
    dog        0  0.000       –      0.000
    cat        4  0.857   0.750      1.000
    – is undefined: no row is of this class.

    Most confused
    true class  taken for  tests  of the class
    ──────────  ─────────  ─────  ────────────
    cat         dog            1         0.250

    Clips most often wrong
    clip   true class  taken for   wrong  P(truth)
    ─────  ──────────  ─────────  ──────  ────────
    a.wav  cat         dog        1 of 1     0.125"
  `)
})

it('prints the misses and false alarms of events, as many as asked for', () => {
  const counts = { reference: 2, predicted: 1, hits: 0, misses: 2, falseAlarms: 1 }
  const undefinedFigures = { fMeasure: 0, precision: 0, recall: 0 }
  const never = { undefined: 'there are no predicted events' }
  const events: TaskAnalysis = {
    ...head,
    scores: [{ metric: 'segment_1s_er', score: 1.5, std: 0.25, interval: { undefined: 'too few clips' } }],
    folds: ['fold00', 'fold01'],
    detail: {
      kind: 'events',
      collars: {
        metric: 'event_onset_offset_50ms_20perc_fms',
        insteadOf: null,
        onsetMs: 50,
        offset: { collarMs: 50, shareOfLength: 0.2 },
      },
      total: { ...counts, ...undefinedFigures },
      perClass: [
        { label: 'cat', ...counts, ...undefinedFigures, fMeasure: 0.5 },
        {
          label: 'dog',
          ...counts,
          predicted: 0,
          falseAlarms: 0,
          fMeasure: never,
          precision: never,
          recall: 0,
        },
      ],
      clips: [
        {
          clip: 'a.wav',
          split: 'test',
          seed: null,
          hits: 0,
          misses: 2,
          falseAlarms: 1,
          events: [
            { outcome: 'miss', label: 'cat', reference: { startMs: 0.4, endMs: 500 } },
            { outcome: 'miss', label: 'dog', reference: { startMs: 600, endMs: 700 } },
            { outcome: 'false alarm', label: 'cat', predicted: { startMs: 1500, endMs: 1600.6 } },
          ],
        },
      ],
    },
  }
  expect(inspectText(events, 1)).toMatchInlineSnapshot(`
    "sounds, toy, hear-2021
    segment_1s_er 1.5000 ± 0.2500
    4 clips, 2 classes, 2 folds, 1 probe seed

    A hit starts within 50 ms of its reference; ends may differ by 50 ms or 20 % of the length, whichever is more (as in event_onset_offset_50ms_20perc_fms).
    0 hits, 2 misses, 1 false alarm

    Classes, the worst first
    class  hits  misses  false alarms      F  recall  precision
    ─────  ────  ──────  ────────────  ─────  ──────  ─────────
    dog       0       2             0      –   0.000          –
    cat       0       2             1  0.500   0.000      0.000
    – is undefined: there are no predicted events.

    Clips with most errors
    clip   hits  misses  false alarms
    ─────  ────  ──────  ────────────
    a.wav     0       2             1

    Misses (1 of 2)
    clip   class  start ms  end ms
    ─────  ─────  ────────  ──────
    a.wav  cat           0     500

    False alarms
    clip   class  start ms  end ms
    ─────  ─────  ────────  ──────
    a.wav  cat        1500    1601"
  `)
})

it('prints the labels behind the loss of a clip', () => {
  const multilabel: TaskAnalysis = {
    ...head,
    scores: [{ metric: 'mAP', score: 0.5, std: null, interval: null }],
    detail: {
      kind: 'multilabel',
      perClass: [{ label: 'cat', support: 3, averagePrecision: 0.5, rocAuc: 0.25 }],
      hardestClips: [
        {
          clip: 'a.wav',
          split: 'test',
          tests: 1,
          labels: [],
          loss: 2.5,
          worst: [{ label: 'cat', present: false, probability: 0.9 }],
        },
      ],
    },
  }
  expect(inspectText(multilabel, 10)).toMatch(/a\.wav {2}2\.500 {2}none {4}cat \(absent\) 0\.900/)
})

it('lets no name command the terminal', () => {
  const text = inspectText({ ...multiclass, task: 'x\x1b[2J\u009b31m\r' }, 10)
  expect(text).toContain('x\ufffd[2J\ufffd31m\ufffd, toy')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

it('prints only the worst of very many classes', () => {
  const { detail } = multiclass
  if (detail.kind !== 'multiclass') throw new Error('expected a multiclass result')
  const perClass = Array.from({ length: 200 }, (_, c) => ({
    ...detail.perClass[0],
    label: `c${c}`,
    f1: 1 - c / 200,
  }))
  const text = inspectText({ ...multiclass, detail: { ...detail, perClass } }, 10)
  expect(text).toContain('The 40 worst of 200 classes')
  expect(text).toContain('\nc160 ')
  expect(text).not.toContain('\nc159 ')
})
