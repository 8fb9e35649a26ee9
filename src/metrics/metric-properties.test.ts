import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClipMetricInput, Event, EventsByClip, MetricResult } from './metric.js'
import { METRICS } from './registry.js'

const clipMetrics = METRICS.filter((metric) => metric.kind === 'clip')
const eventMetrics = METRICS.filter((metric) => metric.kind === 'event')
const RUNS = { seed: 21, numRuns: 100 }

interface Row {
  scores: number[]
  hot: number[]
  weight: number
}

const rowsOf = (classes: number) =>
  fc.array(
    fc.record({
      scores: fc.array(
        fc.integer({ min: 0, max: 8 }).map((step) => step / 8),
        {
          minLength: classes,
          maxLength: classes,
        },
      ),
      hot: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: classes, maxLength: classes }),
      weight: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 2, maxLength: 20 },
  )

const someRows = fc.integer({ min: 1, max: 4 }).chain(rowsOf)

function clipInput(rows: Row[]): ClipMetricInput {
  return {
    predictions: Float32Array.from(rows.flatMap(({ scores }) => scores)),
    targets: { kind: 'multilabel', hot: Uint8Array.from(rows.flatMap(({ hot }) => hot)) },
    rows: rows.length,
    classes: rows[0].scores.length,
  }
}

/** Sums in another order. */
const close = (value: number) => expect.closeTo(value, 12)

function expectSame(found: MetricResult, expected: MetricResult): void {
  expect(found).toEqual(
    expected.kind === 'value'
      ? { ...expected, value: close(expected.value) }
      : {
          ...expected,
          hear2021:
            typeof expected.hear2021 === 'number' && Number.isFinite(expected.hear2021)
              ? close(expected.hear2021)
              : expected.hear2021,
        },
  )
}

describe.each(clipMetrics)('$id', (metric) => {
  const score = (rows: Row[], weights?: number[]) => metric.prepare(clipInput(rows)).evaluate(weights)

  it('does not depend on the order of the clips', () => {
    fc.assert(
      fc.property(
        someRows.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) => expectSame(score(shuffled), score(rows)),
      ),
      RUNS,
    )
  })

  it('is the same with every weight 1 as without weights', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        expect(
          score(
            rows,
            rows.map(() => 1),
          ),
        ).toEqual(score(rows))
      }),
      RUNS,
    )
  })

  it('counts integer weights as repetitions', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const weighted = score(
          rows,
          rows.map(({ weight }) => weight),
        )
        const repetitions = rows.flatMap((row) => Array<Row>(row.weight).fill(row))
        if (repetitions.length === 0) {
          expect(weighted.kind).toBe('undefined')
          return
        }
        const repeated = score(repetitions)
        // A class that only the resample lacks is left out under weights and a reason in the repeated data.
        if (weighted.kind === 'value' && !weighted.leftOutClasses) expectSame(repeated, weighted)
        else expect(repeated.kind).toBe('undefined')
      }),
      RUNS,
    )
  })

  it('is 1, or infinite for d-prime, for perfect predictions', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }), (further) => {
        const classIndex = Int32Array.of(0, 1, 2, 3, ...further)
        const predictions = new Float32Array(classIndex.length * 4)
        for (const [row, index] of classIndex.entries()) predictions[row * 4 + index] = 1
        const targets = { kind: 'multiclass' as const, classIndex }
        const result = metric
          .prepare({ predictions, targets, rows: classIndex.length, classes: 4 })
          .evaluate()
        if (metric.id === 'd_prime') expect(result).toMatchObject({ hear2021: Number.POSITIVE_INFINITY })
        else expect(result).toMatchObject({ kind: 'value', value: close(1) })
      }),
      RUNS,
    )
  })
})

const LABELS = ['a', 'b', 'c']
const event = fc
  .tuple(fc.constantFrom(...LABELS), fc.integer({ min: 0, max: 8000 }), fc.integer({ min: 1, max: 3000 }))
  .map(([label, start, length]): Event => ({ label, start, end: start + length }))
const someEvents = fc.array(event, { maxLength: 12 })
const someClips = fc
  .array(
    fc.record({ reference: someEvents, predicted: someEvents, weight: fc.integer({ min: 0, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((clips) => clips.map((clip, i) => ({ ...clip, name: `${i}.wav` })))
interface Clip {
  name: string
  reference: Event[]
  predicted: Event[]
  weight: number
}

describe.each(eventMetrics)('$id', (metric) => {
  const prepared = (clips: Clip[]) =>
    metric
      .prepareTargets(new Map(clips.map(({ name, reference }) => [name, reference])), LABELS)
      .prepare(new Map(clips.map(({ name, predicted }) => [name, predicted])))

  it('does not depend on the order of clips and events', () => {
    fc.assert(
      fc.property(someClips, (clips) => {
        const reversed = clips
          .map((clip) => ({
            ...clip,
            reference: clip.reference.toReversed(),
            predicted: clip.predicted.toReversed(),
          }))
          .toReversed()
        expect(prepared(reversed).evaluate()).toEqual(prepared(clips).evaluate())
      }),
      RUNS,
    )
  })

  it('is the same with every weight 1 as without weights', () => {
    fc.assert(
      fc.property(someClips, (clips) => {
        const both = prepared(clips)
        expect(both.evaluate(clips.map(() => 1))).toEqual(both.evaluate())
      }),
      RUNS,
    )
  })

  it('counts integer weights as repetitions of clips', () => {
    fc.assert(
      fc.property(someClips, (clips) => {
        const repeated = clips.flatMap((clip) =>
          Array.from({ length: clip.weight }, (_, i) => ({ ...clip, name: `${clip.name}-${i}` })),
        )
        expect(prepared(clips).evaluate(clips.map(({ weight }) => weight))).toEqual(
          prepared(repeated).evaluate(),
        )
      }),
      RUNS,
    )
  })

  it('is 1, or 0 for an error rate, for perfect predictions', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
        const perfect: EventsByClip = new Map([['a.wav', events]])
        const result = metric.prepareTargets(perfect, LABELS).prepare(perfect).evaluate()
        expect(result).toMatchObject({ kind: 'value', value: metric.maximize ? 1 : 0 })
      }),
      RUNS,
    )
  })
})
