import { formatDuration } from '../base/duration.js'
import type { RunJson } from '../store/run-json.js'
import { describePairwise, type EvaluatedPairwise } from './pairwise-stage.js'
import { describeScore, formatFigure } from './run-report.js'
import type { Session } from './session.js'
import type { EvaluatedTask } from './stages.js'
import { textTable } from './table.js'

type Evaluated = EvaluatedTask | EvaluatedPairwise

/** Prints the scores of finished tasks: a table with where they lie and what to do next, or one JSON document. */
export function printScores(
  session: Session,
  evaluated: readonly Evaluated[],
  flags: { readonly json: boolean; readonly out: string },
): void {
  if (flags.json) {
    session.print(JSON.stringify(scoresDocument(evaluated), null, 2))
    return
  }
  const rows = evaluated.map((one) => {
    if ('pairwise' in one) return pairwiseRow(one)
    const { run, dir, reused } = one
    const { hidden_layers: layers, lr } = run.gridPoints[run.chosen[0].gridPoint].hyperparameters
    return [
      run.task.name,
      run.task.metrics[0],
      formatFigure(run.aggregated?.test_score_mean ?? run.folds[0].figures.test_score),
      run.aggregated === null ? '' : formatFigure(run.aggregated.test_score_std),
      formatInterval(run.intervals[run.task.metrics[0]]),
      `${layers} layers, lr ${lr}`,
      reused ? 'earlier' : totalTime(run),
      dir,
    ]
  })
  session.print('')
  session.print(
    textTable(['task', 'metric', 'score', '± std', '95 % interval', 'chosen', 'time', 'results'], rows, [
      'left',
      'left',
      'right',
      'right',
      'right',
      'left',
      'right',
      'left',
    ]),
  )
  const probed = evaluated.filter((one): one is EvaluatedTask => 'run' in one)
  printOtherProbes(session, probed)
  for (const { run } of probed)
    for (const fold of run.folds)
      if (typeof fold.figures.test_score !== 'number')
        session.print(`${run.task.name}, ${fold.name}: no score, since ${fold.figures.test_score.undefined}`)
  for (const { pairwise } of evaluated.filter((one): one is EvaluatedPairwise => 'pairwise' in one)) {
    const figure = pairwise.figures[pairwise.task.metric]
    if (typeof figure !== 'number')
      session.print(`${pairwise.task.name}: no score, since ${figure.undefined}`)
  }
}

function pairwiseRow({ pairwise, dir, reused }: EvaluatedPairwise): string[] {
  const { task, figures, intervals } = pairwise
  return [
    task.name,
    task.metric,
    formatFigure(figures[task.metric]),
    '',
    formatInterval(intervals[task.metric]),
    `${task.comparisons} ${task.kind}`,
    reused ? 'earlier' : totalTime(pairwise),
    dir,
  ]
}

function totalTime({ secondsPerStage }: Pick<RunJson, 'secondsPerStage'>): string {
  return formatDuration(Object.values(secondsPerStage).reduce((sum, s) => sum + s, 0) * 1000)
}

/** Whether the ranking depends on the probe: the same embeddings under every probe of protocol hear-2026. */
function printOtherProbes(session: Session, evaluated: readonly EvaluatedTask[]): void {
  const rows = evaluated.flatMap(({ run }) => {
    if (run.otherProbes === null) return []
    const { linear, knn, fewShot } = run.otherProbes
    const mlp = run.aggregated?.test_score_mean ?? run.folds[0].figures.test_score
    const shown = (value: Score, interval: RunJson['intervals'][string]) =>
      `${formatFigure(value)} ${formatInterval(interval)}`
    return [
      [
        run.task.name,
        shown(mlp, run.intervals[run.task.metrics[0]]),
        shown(linear.score, linear.interval),
        shown(knn.score, knn.interval),
        ...fewShot.map(({ score, standardDeviation }) =>
          typeof score === 'number' ? `${score.toFixed(3)} ± ${standardDeviation.toFixed(3)}` : '–',
        ),
      ],
    ]
  })
  if (rows.length === 0) return
  const shots = evaluated.flatMap(({ run }) => run.otherProbes?.fewShot ?? []).map((one) => one.shots)
  const header = ['task', 'MLP', 'linear', 'kNN', ...[...new Set(shots)].map((n) => `${n} a class`)]
  session.print('')
  session.print(textTable(header, rows, ['left', ...header.slice(1).map(() => 'right' as const)]))
}

type Score = RunJson['folds'][number]['figures'][string]

function formatInterval(interval: RunJson['intervals'][string] | undefined): string {
  if (interval === undefined || 'undefined' in interval) return '–'
  return `[${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`
}

/** What --json prints. */
export function scoresDocument(evaluated: readonly Evaluated[]) {
  return {
    format: 'hearkit-scores/1',
    tasks: evaluated.map((one) => ('pairwise' in one ? pairwiseEntry(one) : probedEntry(one))),
  }
}

function probedEntry({ run, dir, reused }: EvaluatedTask) {
  return {
    task: run.task.name,
    model: run.model.name,
    protocol: run.protocol,
    metric: run.task.metrics[0],
    score: run.aggregated?.test_score_mean ?? run.folds[0].figures.test_score,
    std: run.aggregated?.test_score_std ?? null,
    interval: run.intervals[run.task.metrics[0]] ?? null,
    otherProbes: run.otherProbes,
    folds: run.folds.map((fold) => ({
      name: fold.name,
      seed: fold.seed,
      score: fold.figures.test_score,
    })),
    summary: describeScore(run),
    reused,
    dir,
  }
}

function pairwiseEntry({ pairwise, dir, reused }: EvaluatedPairwise) {
  const { task, model, protocol, figures, intervals } = pairwise
  return {
    task: task.name,
    model: model.name,
    protocol,
    metric: task.metric,
    score: figures[task.metric],
    std: null,
    interval: intervals[task.metric],
    otherProbes: null,
    folds: [{ name: 'test', seed: pairwise.seed, score: figures[task.metric] }],
    summary: describePairwise(pairwise),
    reused,
    dir,
  }
}
