import { formatDuration } from '../base/duration.js'
import { describeScore, formatFigure } from './run-report.js'
import type { Session } from './session.js'
import type { EvaluatedTask } from './stages.js'
import { textTable } from './table.js'

/** Prints the scores of finished tasks: a table with where they lie and what to do next, or one JSON document. */
export function printScores(
  session: Session,
  evaluated: readonly EvaluatedTask[],
  flags: { readonly json: boolean; readonly out: string },
): void {
  if (flags.json) {
    session.print(JSON.stringify(scoresDocument(evaluated), null, 2))
    return
  }
  const rows = evaluated.map(({ run, dir, reused }) => {
    const { hidden_layers: layers, lr } = run.gridPoints[run.chosen[0].gridPoint].hyperparameters
    const seconds = Object.values(run.secondsPerStage).reduce((sum, s) => sum + s, 0)
    return [
      run.task.name,
      run.task.metrics[0],
      formatFigure(run.aggregated?.test_score_mean ?? run.folds[0].figures.test_score),
      run.aggregated === null ? '' : formatFigure(run.aggregated.test_score_std),
      String(run.folds.length),
      `${layers} layers, lr ${lr}`,
      reused ? 'earlier' : formatDuration(seconds * 1000),
      dir,
    ]
  })
  session.print('')
  session.print(
    textTable(['task', 'metric', 'score', '± std', 'folds', 'chosen', 'time', 'results'], rows, [
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
  for (const { run } of evaluated)
    for (const fold of run.folds)
      if (typeof fold.figures.test_score !== 'number')
        session.print(`${run.task.name}, ${fold.name}: no score, since ${fold.figures.test_score.undefined}`)
}

/** What --json prints. */
export function scoresDocument(evaluated: readonly EvaluatedTask[]) {
  return {
    format: 'hearkit-scores/1',
    tasks: evaluated.map(({ run, dir, reused }) => ({
      task: run.task.name,
      model: run.model.name,
      protocol: run.protocol,
      metric: run.task.metrics[0],
      score: run.aggregated?.test_score_mean ?? run.folds[0].figures.test_score,
      std: run.aggregated?.test_score_std ?? null,
      folds: Object.fromEntries(run.folds.map((fold) => [fold.name, fold.figures.test_score])),
      summary: describeScore(run),
      reused,
      dir,
    })),
  }
}
