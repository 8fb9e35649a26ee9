import type { JudgedComparison, NotCompared, Verdict } from '../probe/compare-results.js'
import { intervalPicture, pictureHeader } from './interval-picture.js'
import { textTable } from './table.js'

/** One side of a comparison: the folder as given, and the model whose results it holds. */
export interface ComparedSide {
  readonly dir: string
  readonly model: string
}

export interface ComparisonReport {
  readonly a: ComparedSide
  readonly b: ComparedSide
  readonly resamples: number
  readonly seed: number
  readonly compared: readonly JudgedComparison[]
  readonly notCompared: readonly NotCompared[]
}

/** What people read: who is who, a row for each task, what was left out, and the count of the verdicts last. */
export function comparisonText({ a, b, compared, notCompared }: ComparisonReport): string {
  const reach = Math.max(...compared.flatMap(({ paired: { interval } }) => [-interval.low, interval.high]))
  const rows = compared.map((one) => {
    const { effect, interval, pValue } = one.paired
    return [
      one.task,
      one.metric,
      one.scoreA.toFixed(4),
      one.scoreB.toFixed(4),
      signed(effect),
      `${signed(interval.low)} to ${signed(interval.high)}`,
      // Models without any difference have no reach, and one point at 0.
      intervalPicture(interval.low, effect, interval.high, reach > 0 ? reach : 1),
      pValue.toFixed(4),
      one.correctedPValue.toFixed(4),
      one.verdict,
    ]
  })
  const header = [
    'task',
    'metric',
    'A',
    'B',
    'effect',
    '95 % interval',
    pictureHeader('B better', 'A better'),
  ]
  const table = textTable([...header, 'p', 'p (Holm)', 'verdict'], rows, [
    'left',
    'left',
    'right',
    'right',
    'right',
    'right',
    'left',
    'right',
    'right',
    'left',
  ])
  return [
    ...[a, b].map(({ dir, model }, i) => `${'AB'[i]}: ${dir} (${model})`),
    '',
    table,
    '',
    `Effect: how much better A is, on the same test clips.${reach > 0 ? ` The picture reaches from ${signed(-reach)} to ${signed(reach)}.` : ''}`,
    ...notCompared.map(({ task, reason }) => `Not compared: ${task}, ${reason}.`),
    countLine(compared),
  ].join('\n')
}

function countLine(compared: readonly JudgedComparison[]): string {
  const count = (verdict: Verdict) => compared.filter((one) => one.verdict === verdict).length
  const tasks = compared.length === 1 ? '1 task' : `${compared.length} tasks`
  return `Of ${tasks}: A better on ${count('A better')}, B better on ${count('B better')}, no difference shown on ${count('no difference shown')} (p corrected by Holm, 5 %).`
}

function signed(value: number): string {
  const text = value.toFixed(4)
  return value > 0 ? `+${text}` : text.replace(/^-(0\.0+)$/, '$1')
}

/** What --json prints. */
export function comparisonDocument({ a, b, resamples, seed, compared, notCompared }: ComparisonReport) {
  return {
    format: 'hearkit-comparison/1',
    a,
    b,
    resamples,
    seed,
    tasks: compared.map((one) => ({
      task: one.task,
      protocol: one.protocol,
      metric: one.metric,
      maximize: one.maximize,
      clips: one.clips,
      scoreA: one.scoreA,
      scoreB: one.scoreB,
      effect: one.paired.effect,
      low: one.paired.interval.low,
      high: one.paired.interval.high,
      test: one.paired.test,
      pValue: one.paired.pValue,
      correctedPValue: one.correctedPValue,
      verdict: one.verdict,
    })),
    notCompared,
  }
}
