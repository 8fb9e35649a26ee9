import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Event } from '../metrics/metric.js'
import { readLabelVocabulary } from '../store/label-vocabulary.js'
import { readNpy } from '../store/npy.js'
import { type ClipPrediction, type ClipPredictionInput, predictionsText } from '../store/predictions.js'
import { type RebuildableRun, rebuildPrepared } from './rebuild-prepared.js'

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../test/golden')
const further = process.env.HEAR_TEST_FIXTURES
const recorded = [
  join(golden, 'probe'),
  join(golden, 'probe_predictions'),
  ...(further ? [join(further, 'probe')] : []),
]
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name) })))
  .filter(({ dir }) => existsSync(join(dir, 'predictions_42')))

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** As predictions.jsonl holds them: through its text and back. */
function readBack(predictions: readonly ClipPredictionInput[]): ClipPrediction[] {
  return predictionsText(predictions)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** The predictions and scores that heareval left for seed 42, as a result of ours would hold them. */
async function recordedResult(dir: string): Promise<{ run: RebuildableRun; predictions: ClipPrediction[] }> {
  const metadata = json(join(dir, 'task_metadata.json'))
  const classes = await readLabelVocabulary(join(dir, 'labelvocabulary.csv'))
  const scores = json(join(dir, 'scores', '42.json')) as Record<string, Record<string, number>>
  const names = Object.keys(scores).filter((name) => metadata.splits.includes(name))
  const predictions: ClipPredictionInput[] = []
  for (const split of names) {
    const labels = json(join(dir, `${split}.json`))
    if (metadata.embedding_type === 'event') {
      const events = json(join(dir, 'predictions_42', `${split}.predicted-events.json`)) as Record<
        string,
        Event[]
      >
      const asText = (list: Event[]) => list.map((event) => ({ ...event, label: String(event.label) }))
      for (const [clip, predicted] of Object.entries(events))
        predictions.push({ clip, split, labels: asText(labels[clip]), events: asText(predicted) })
    } else {
      const { data } = await readNpy(join(dir, 'predictions_42', `${split}.predictions.npy`))
      const rows = json(join(dir, `${split}.rows.json`)) as [string, null][]
      for (const [row, [clip]] of rows.entries())
        predictions.push({
          clip,
          split,
          labels: labels[clip].map(String),
          probabilities: (data as Float32Array).subarray(row * classes.length, (row + 1) * classes.length),
        })
    }
  }
  const run: RebuildableRun = {
    protocol: 'hear-2021',
    seeds: [42],
    task: { predictionType: metadata.prediction_type, metrics: metadata.evaluation, classes },
    folds: names.map((name) => ({ name, seed: 42, figures: scores[name] })),
  }
  return { run, predictions: readBack(predictions) }
}

describe('scores rebuilt from recorded predictions', () => {
  it('have folds, several metrics and events among them', async () => {
    expect(recorded.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['esc10__logmelstat', 'multilabel_big__logmelstat', 'sed_mixture__logmelstat']),
    )
  })

  it.each(recorded)('of $name are those that heareval reported, to the last digit', async ({ dir }) => {
    const { run, predictions } = await recordedResult(dir)
    expect(run.task.metrics.length).toBeGreaterThan(0)
    for (const metric of run.task.metrics) {
      const rebuilt = rebuildPrepared(run, predictions, dir, metric)
      const reported = run.folds.map(({ figures }) => figures[`test_${metric}`] as number)
      const scores = rebuilt.runs[0].map((prepared) => {
        const result = prepared.evaluate()
        if (result.kind === 'undefined') return result.reason
        return result.value
      })
      expect(scores.length).toBe(reported.length)
      // Its trainer logs most figures in single precision, ranking metrics in double (summed in another order).
      for (const [f, score] of scores.entries())
        if (Math.fround(reported[f]) === reported[f]) expect(Math.fround(score as number)).toBe(reported[f])
        else expect(score).toBeCloseTo(reported[f], 14)
      expect(rebuilt.foldNames).toEqual(run.folds.map(({ name }) => name))
      expect(rebuilt.unitNames.flat()).toEqual(predictions.map(({ clip }) => clip))
    }
  })
})

describe('rebuildPrepared', () => {
  const classes = ['cat', 'dog']
  const clip = (name: string, label: string, cat: number, more: { split?: string; seed?: number } = {}) => ({
    clip: name,
    split: 'test',
    labels: [label],
    probabilities: [cat, 1 - cat],
    ...more,
  })
  const runOf = (change: Partial<RebuildableRun> = {}, score: number | { undefined: string } = 0.5) => ({
    protocol: 'hear-2021' as const,
    seeds: [1],
    task: { predictionType: 'multiclass' as const, metrics: ['top1_acc'], classes },
    folds: [{ name: 'test', seed: 1, figures: { test_top1_acc: score } }],
    ...change,
  })
  const two = [clip('a.wav', 'cat', 0.9), clip('b.wav', 'dog', 0.8)]

  it('puts the clips of every seed into the order of the first', () => {
    const folds = [1, 2].map((seed) => ({ name: 'test', seed, figures: { test_top1_acc: 0.5 } }))
    const second = [clip('b.wav', 'dog', 0.1, { seed: 2 }), clip('a.wav', 'cat', 0.2, { seed: 2 })]
    const { runs, unitNames } = rebuildPrepared(runOf({ seeds: [1, 2], folds }), [...two, ...second], 'r')
    expect(unitNames).toEqual([['a.wav', 'b.wav']])
    expect(runs.map(([prepared]) => Array.from(prepared.unitScores!))).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  it('takes a score that differs in its last single-precision bit, and no other', () => {
    const third = [...two, clip('c.wav', 'cat', 0.9)]
    expect(rebuildPrepared(runOf({}, 2 / 3 + 1e-7), third, 'r').foldNames).toEqual(['test'])
    expect(() => rebuildPrepared(runOf({}, 2 / 3 + 1e-6), third, 'r')).toThrow(/run\.json says 0\.66666/)
  })

  it('takes a recorded reason for a score that is undefined, as each protocol records it', () => {
    const task = { predictionType: 'multilabel' as const, metrics: ['mAP'], classes }
    const onlyCats = [clip('a.wav', 'cat', 0.9), clip('b.wav', 'cat', 0.8)]
    const none = { undefined: 'class dog without positives' }
    // heareval counts the class without positives as 0.
    const hear2021 = [{ name: 'test', seed: 1, figures: { test_mAP: 0.5 } }]
    const hear2026 = [{ name: 'test', seed: 1, figures: { test_mAP: none } }]
    expect(rebuildPrepared(runOf({ task, folds: hear2021 }), onlyCats, 'r').runs.length).toBe(1)
    const later = runOf({ task, folds: hear2026, protocol: 'hear-2026' })
    expect(rebuildPrepared(later, onlyCats, 'r').runs[0][0].evaluate().kind).toBe('undefined')
    expect(() => rebuildPrepared(runOf({ task, folds: hear2026 }), onlyCats, 'r')).toThrow('says undefined')
  })

  const events = { clip: 'a.wav', split: 'test', labels: [], events: [] }
  it.each([
    [
      'a prediction that was changed',
      [two[0], clip('b.wav', 'dog', 0.2)],
      'is not as it was written: the predictions of the fold test give top1_acc 1, run.json says 0.5.',
    ],
    [
      'a clip that is there twice',
      [...two, two[0]],
      'is not as it was written: the clip "a.wav" of the fold test is there twice.',
    ],
    [
      'a fold that was not tested',
      [...two, clip('c.wav', 'cat', 1, { split: 'valid' })],
      'is not as it was written: the clip "c.wav" is said to be of the fold valid and seed 1, which run.json does not have.',
    ],
    [
      'a seed that was not run',
      [...two, clip('c.wav', 'cat', 1, { seed: 7 })],
      'is not as it was written: the clip "c.wav" is said to be of the fold test and seed 7, which run.json does not have.',
    ],
    [
      'no predictions',
      [],
      'is not as it was written: there is no prediction for the fold test under seed 1.',
    ],
    [
      'too few probabilities',
      [{ ...two[0], probabilities: [1] }, two[1]],
      'is not as it was written: the clip "a.wav" has 1 probabilities for 2 classes.',
    ],
    [
      'two labels of a multiclass clip',
      [{ ...two[0], labels: ['cat', 'dog'] }, two[1]],
      'is not as it was written: the clip "a.wav" of a multiclass task has 2 labels instead of one.',
    ],
    [
      'a label of another vocabulary',
      [{ ...two[0], labels: ['cow'] }, two[1]],
      ': the clip "a.wav" has the label "cow", which is not in labelvocabulary.csv (2 labels: cat, dog).',
    ],
    [
      'events instead of probabilities',
      [events, two[1]],
      ': top1_acc needs a row of probabilities for every clip, which is not there.',
    ],
  ])('refuses %s', (_, predictions, says) => {
    expect(() => rebuildPrepared(runOf(), predictions, 'results/naive/pets')).toThrow(
      expect.objectContaining({
        name: 'HearError',
        message: expect.stringMatching(/^"results\/naive\/pets"/),
      }),
    )
    expect(() => rebuildPrepared(runOf(), predictions, 'results/naive/pets')).toThrow(says)
  })

  it('refuses a metric that the task was not scored by', () => {
    expect(() => rebuildPrepared(runOf(), two, 'r', 'mAP')).toThrowErrorMatchingInlineSnapshot(
      `[HearError: "r" was not scored by mAP; its metrics are top1_acc.]`,
    )
  })
})
