import { describe, expect, it } from 'vitest'
import { type AnalysedRun, analyseTask } from '../probe/analysis/analyse-task.js'
import type { EventAnalysis, TaskAnalysis } from '../probe/analysis/task-analysis.js'
import type { ClipPrediction } from '../store/predictions.js'
import { inspectPage } from './inspect-page.js'

const EVIL = '<b onclick="x()">&\'http://evil.example/<script src="//e">'

/** A result of clips whose predictions are given as [clip, truth, taken for]. */
function multiclass(classes: string[], tests: [string, string, string][]): TaskAnalysis {
  const predictions: ClipPrediction[] = tests.map(([clip, truth, taken]) => ({
    clip,
    split: 'test',
    labels: [truth],
    probabilities: classes.map((label) => (label === taken ? 0.75 : 0.125)),
  }))
  const accuracy = tests.filter(([, truth, taken]) => truth === taken).length / tests.length
  const run: AnalysedRun = {
    protocol: 'hear-2021',
    seeds: [42],
    task: {
      name: 'tones',
      version: 'v1',
      mode: 'small',
      folder: 'tones-v1-small',
      embeddingType: 'scene',
      predictionType: 'multiclass',
      splitMode: 'trainvaltest',
      metrics: ['top1_acc'],
      classes,
    },
    model: { name: 'toy' },
    folds: [{ name: 'test', seed: 42, epochsRun: 1, figures: { test_top1_acc: accuracy } }],
    aggregated: null,
    intervals: { top1_acc: { low: 0.25, high: 0.75, resamples: 1000, undefinedResamples: 0 } },
  }
  return analyseTask(run, predictions, 'results/toy')
}

const events: EventAnalysis = {
  kind: 'events',
  collars: { metric: 'event_onset_200ms_fms', insteadOf: 'segment_1s_er', onsetMs: 200, offset: null },
  total: {
    reference: 2,
    predicted: 2,
    hits: 1,
    misses: 1,
    falseAlarms: 1,
    fMeasure: 0.5,
    precision: 0.5,
    recall: 0.5,
  },
  perClass: [
    {
      label: EVIL,
      reference: 2,
      predicted: 2,
      hits: 1,
      misses: 1,
      falseAlarms: 1,
      fMeasure: 0.5,
      precision: 0.5,
      recall: 0.5,
    },
  ],
  clips: [
    {
      clip: `${EVIL}.wav`,
      split: 'test',
      seed: 7,
      hits: 1,
      misses: 1,
      falseAlarms: 1,
      events: [
        {
          outcome: 'hit',
          label: EVIL,
          reference: { startMs: 0, endMs: 1000 },
          predicted: { startMs: 100, endMs: 900 },
        },
        { outcome: 'miss', label: EVIL, reference: { startMs: 2000, endMs: 2500 } },
        { outcome: 'false alarm', label: EVIL, predicted: { startMs: 3000, endMs: 4000 } },
      ],
    },
    { clip: 'silent.wav', split: 'test', seed: null, hits: 0, misses: 0, falseAlarms: 0, events: [] },
  ],
}
const ofEvents: TaskAnalysis = {
  ...multiclass(['a', 'b'], [['x', 'a', 'a']]),
  classes: [EVIL],
  detail: events,
}

/** Tags of a page that are opened and not closed, or the other way round; void elements and `<rect/>` aside. */
function unbalanced(page: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  const body = page.replace(/<style>[\s\S]*?<\/style>/, '').replace('<!doctype html>', '')
  for (const [, closes, name, selfCloses] of body.matchAll(/<(\/?)([a-zA-Z0-9]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (selfCloses || ['meta', 'br'].includes(name)) continue
    if (!closes) open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  return [...open, ...wrong]
}

describe('inspectPage', () => {
  it('is one whole page that asks for nothing else', () => {
    const page = inspectPage([multiclass(['low', 'high'], [['a.wav', 'low', 'high']]), ofEvents], 10)
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc="|@import|url\(/)
    expect(page).not.toMatch(/href="(?!#result-\d+")/)
    expect(unbalanced(page)).toEqual([])
    expect(page).not.toMatch(/NaN|\[object/)
  })

  it('escapes the names of classes and clips wherever they stand', () => {
    const tests: [string, string, string][] = [
      [`${EVIL}.wav`, EVIL, 'b'],
      ['b.wav', 'b', 'b'],
    ]
    for (const analysis of [multiclass([EVIL, 'b'], tests), ofEvents]) {
      const page = inspectPage([analysis], 10)
      expect(page).not.toContain('<b onclick')
      expect(page).not.toContain('<script')
      expect(page).toContain('&lt;b onclick=&quot;x()&quot;&gt;&amp;&#39;http://evil.example/')
      expect(unbalanced(page)).toEqual([])
    }
  })

  it('draws a cell with its count for every confusion, darker for a larger share', () => {
    const page = inspectPage(
      [
        multiclass(
          ['cat', 'dog'],
          [
            ['1', 'cat', 'dog'],
            ['2', 'cat', 'cat'],
            ['3', 'cat', 'cat'],
            ['4', 'cat', 'cat'],
            ['5', 'dog', 'dog'],
          ],
        ),
      ],
      10,
    )
    const cells = [
      ...page.matchAll(
        /<g><title>(\w+ taken for [^<]*)<\/title><rect [^>]*fill="rgb\((\d+),.*?>(\d+)<\/text>/g,
      ),
    ].map(([, title, red, count]) => ({ title, red: Number(red), count }))
    expect(cells.map(({ title, count }) => [title, count])).toEqual([
      ['cat taken for cat: 3 of 4', '3'],
      ['cat taken for dog: 1 of 4', '1'],
      ['dog taken for dog: 1 of 1', '1'],
    ])
    expect(cells[1].red).toBeGreaterThan(cells[0].red)
    expect(cells[0].red).toBeGreaterThan(cells[2].red)
  })

  it('shows the classes of the most frequent confusions before all of 200', () => {
    const classes = Array.from({ length: 200 }, (_, c) => `class${c}`)
    const right = classes.map((label, i): [string, string, string] => [`${i}.wav`, label, label])
    const wrong = [1, 2, 3].map((i): [string, string, string] => [`w${i}.wav`, 'class150', 'class7'])
    const page = inspectPage([multiclass(classes, [...right, ...wrong])], 2)
    expect(page).toContain('The 2 classes of the most frequent confusions, of 200')
    const [first, whole] = page.split('<summary>All 200 classes</summary>')
    expect(first.match(/<g><title>/g)?.length).toBe(3)
    expect(whole.match(/<g><title>/g)?.length).toBe(201)
    expect(page).toContain('<p>The first 2 of 3.</p>')
    expect(unbalanced(page)).toEqual([])
  })

  it('says that every test was right where it was', () => {
    const page = inspectPage([multiclass(['low', 'high'], [['a.wav', 'low', 'low']])], 10)
    expect(page).toContain('Every test was right.')
    expect(page).not.toContain('Clips most often wrong')
    expect(page).toContain('title="no row is of this class or was taken for it"')
    expect(page).toContain('<p class="soft">Undefined where ')
  })

  it('draws hits, misses and false alarms of a clip over time', () => {
    const page = inspectPage([ofEvents], 10)
    const bars = [
      ...page.matchAll(/<rect class="(\w+) ([\w-]+)" x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g),
    ].map(([, lane, outcome, x, , width]) => ({ lane, outcome, x: Number(x), width: Number(width) }))
    expect(bars.map(({ lane, outcome }) => [lane, outcome])).toEqual([
      ['reference', 'hit'],
      ['predicted', 'hit'],
      ['reference', 'miss'],
      ['predicted', 'false-alarm'],
    ])
    // The clip is four seconds long, so a second is a quarter of the width.
    expect(bars[0].width).toBeCloseTo(bars[3].width, 6)
    expect(bars[1].width).toBeCloseTo(0.8 * bars[0].width, 6)
    expect(bars[3].x - bars[0].x).toBeCloseTo(3 * bars[0].width, 6)
    expect(page).toContain('segment_1s_er itself does not match events one to one.')
    expect(page).toContain('<p class="soft">No events.</p>')
  })

  it('lists several results at the top and shows their scores', () => {
    const one = multiclass(['low', 'high'], [['a.wav', 'low', 'high']])
    const page = inspectPage([one, ofEvents], 10)
    expect(page).toContain('<h1>2 results of HEAR</h1>')
    expect(page).toContain('<a href="#result-2">tones</a>')
    expect(page.match(/id="result-\d"/g)).toEqual(['id="result-1"', 'id="result-2"'])
    expect(page).toContain('95 % interval 0.250 to 0.750')
  })

  it('shows the labels that stand behind the loss of a clip', () => {
    const detail: TaskAnalysis['detail'] = {
      kind: 'multilabel',
      perClass: [
        {
          label: 'cat',
          support: 1,
          averagePrecision: 0.25,
          rocAuc: { undefined: 'every row has this class' },
        },
      ],
      hardestClips: [
        {
          clip: 'a.wav',
          split: 'test',
          tests: 1,
          labels: ['cat'],
          loss: 2.5,
          worst: [{ label: 'cat', present: true, probability: 0.0625 }],
        },
      ],
    }
    const page = inspectPage([{ ...ofEvents, detail }], 10)
    expect(page).toContain('cat (present) 0.063')
    expect(page).toContain('Undefined where every row has this class.')
    expect(unbalanced(page)).toEqual([])
  })
})
