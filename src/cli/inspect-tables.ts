import { collarsInWords } from '../board/inspect/collars-in-words.js'
import { eventRank, worstFirst } from '../board/inspect/worst-first.js'
import type {
  EventAnalysis,
  JsonFigure,
  JudgedEvent,
  MetricScore,
  MulticlassAnalysis,
  MultilabelAnalysis,
  TaskAnalysis,
} from '../probe/analysis/task-analysis.js'
import { type Alignment, textTable } from './table.js'

/** More classes than this fill more than a screen: then only so many of the worst are printed. */
const CLASSES_SHOWN = 40

/**
 * What one result says per class and per clip, as plain text.
 * @param clips how many clips (and confused pairs, misses and false alarms) to print.
 */
export function inspectText(analysis: TaskAnalysis, clips: number): string {
  const { task, model, protocol, folds, seeds, tests, detail } = analysis
  const times = tests === analysis.clips ? '' : `, ${tests} tests`
  const probes = `${counted(folds.length, 'fold')}, ${counted(seeds.length, 'probe seed')}`
  const head = [
    `${task}, ${model}, ${protocol}`,
    ...analysis.scores.map(scoreText),
    `${counted(analysis.clips, 'clip')}${times}, ${counted(analysis.classes.length, 'class', 'classes')}, ${probes}`,
  ]
  const parts =
    detail.kind === 'multiclass'
      ? multiclassText(detail, clips)
      : detail.kind === 'multilabel'
        ? multilabelText(detail, clips)
        : eventText(detail, clips)
  return printable([head.join('\n'), ...parts].join('\n\n'))
}

function multiclassText(
  { perClass, confusedPairs, hardestClips }: MulticlassAnalysis,
  clips: number,
): string[] {
  return [
    classesText(
      ['class', 'tests', 'F1', 'recall', 'precision'],
      worstFirst(perClass, ({ f1 }) => f1).map(({ label, support, f1, recall, precision }) => ({
        cells: [label, support],
        figures: [f1, recall, precision],
      })),
    ),
    listText(
      'Most confused',
      ['true class', 'taken for', 'tests', 'of the class'],
      confusedPairs.map(({ truth, predicted, count, share }) => [
        truth,
        predicted,
        String(count),
        share.toFixed(3),
      ]),
      ['left', 'left', 'right', 'right'],
      clips,
    ),
    listText(
      'Clips most often wrong',
      ['clip', 'true class', 'taken for', 'wrong', 'P(truth)'],
      hardestClips.map((hard) => [
        hard.clip,
        hard.truth,
        hard.predicted,
        `${hard.wrong} of ${hard.tests}`,
        hard.probabilityOfTruth.toFixed(3),
      ]),
      ['left', 'left', 'left', 'right', 'right'],
      clips,
    ),
  ]
}

function multilabelText({ perClass, hardestClips }: MultilabelAnalysis, clips: number): string[] {
  return [
    classesText(
      ['class', 'positives', 'average precision', 'ROC area'],
      worstFirst(perClass, ({ averagePrecision }) => averagePrecision).map((of) => ({
        cells: [of.label, of.support],
        figures: [of.averagePrecision, of.rocAuc],
      })),
    ),
    listText(
      'Clips with the largest loss (binary cross-entropy)',
      ['clip', 'loss', 'labels', 'behind it'],
      hardestClips.map(({ clip, loss, labels, worst }) => [
        clip,
        loss.toFixed(3),
        labels.length === 0 ? 'none' : labels.join(', '),
        worst
          .slice(0, 2)
          .map(
            ({ label, present, probability }) =>
              `${label} (${present ? 'present' : 'absent'}) ${probability.toFixed(3)}`,
          )
          .join(', '),
      ]),
      ['left', 'right', 'left', 'left'],
      clips,
    ),
  ]
}

function eventText({ collars, total, perClass, clips: tested }: EventAnalysis, clips: number): string[] {
  const errors = (outcome: JudgedEvent['outcome']) =>
    tested.flatMap(({ clip, events }) =>
      events
        .filter((event) => event.outcome === outcome)
        .map((event) => {
          const { startMs, endMs } = (event.reference ?? event.predicted)!
          return [clip, event.label, startMs.toFixed(0), endMs.toFixed(0)]
        }),
    )
  const columns = ['clip', 'class', 'start ms', 'end ms']
  const leaning: Alignment[] = ['left', 'left', 'right', 'right']
  return [
    [
      collarsInWords(collars),
      `${counted(total.hits, 'hit')}, ${counted(total.misses, 'miss', 'misses')}, ${counted(total.falseAlarms, 'false alarm')}`,
    ].join('\n'),
    classesText(
      ['class', 'hits', 'misses', 'false alarms', 'F', 'recall', 'precision'],
      worstFirst(perClass, eventRank).map((of) => ({
        cells: [of.label, of.hits, of.misses, of.falseAlarms],
        figures: [of.fMeasure, of.recall, of.precision],
      })),
    ),
    listText(
      'Clips with most errors',
      ['clip', 'hits', 'misses', 'false alarms'],
      tested.map((clip) => [clip.clip, ...[clip.hits, clip.misses, clip.falseAlarms].map(String)]),
      ['left', 'right', 'right', 'right'],
      clips,
    ),
    listText('Misses', columns, errors('miss'), leaning, clips),
    listText('False alarms', columns, errors('false alarm'), leaning, clips),
  ]
}

interface ClassCells {
  /** The label, then its counts. */
  readonly cells: readonly (string | number)[]
  readonly figures: readonly JsonFigure[]
}

/** @param rows the worst first. */
function classesText(header: readonly string[], rows: readonly ClassCells[]): string {
  const shown = rows.slice(0, CLASSES_SHOWN)
  const table = textTable(
    header,
    shown.map(({ cells, figures }) => [
      ...cells.map(String),
      ...figures.map((figure) => figureText(figure, 3)),
    ]),
    header.map((_, c) => (c === 0 ? 'left' : 'right')),
  )
  const title =
    shown.length < rows.length
      ? `The ${shown.length} worst of ${rows.length} classes`
      : 'Classes, the worst first'
  const reasons = shown
    .flatMap(({ figures }) => figures)
    .flatMap((figure) => (typeof figure === 'number' ? [] : [figure.undefined]))
  const note = reasons.length === 0 ? [] : [`– is undefined: ${[...new Set(reasons)].join(', or ')}.`]
  return [title, table, ...note].join('\n')
}

function listText(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  limit: number,
): string {
  if (rows.length === 0) return `${title}: none`
  const count = limit < rows.length ? ` (${limit} of ${rows.length})` : ''
  return `${title}${count}\n${textTable(header, rows.slice(0, limit), alignments)}`
}

function scoreText({ metric, score, std, interval }: MetricScore): string {
  if (typeof score !== 'number') return `${metric} undefined: ${score.undefined}`
  const deviation = typeof std === 'number' ? ` ± ${std.toFixed(4)}` : ''
  const range =
    interval === null || 'undefined' in interval
      ? ''
      : `, 95 % interval ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`
  return `${metric} ${score.toFixed(4)}${deviation}${range}`
}

function figureText(figure: JsonFigure, digits: number): string {
  return typeof figure === 'number' ? figure.toFixed(digits) : '–'
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}

/** Names come from strangers, and control characters in them could command the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
}
