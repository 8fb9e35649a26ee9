import { type PythonJson, pythonFloat, pythonJsonText } from './python-json.js'

/** What heareval reports of a task, under its own names and in its order. */
export interface PredictedScores {
  /** One for train/valid/test (named `test`), else one per fold that tested, in order. */
  readonly folds: readonly {
    readonly name: string
    /** test_loss, test_score, test_<metric> and its parts, validation_score, epoch, time_in_min; NaN is allowed. */
    readonly figures: Readonly<Record<string, number>>
  }[]
  /** Mean and standard deviation over the folds, as `<figure>_mean`, `<figure>_std`; only with several folds. */
  readonly aggregated?: Readonly<Record<string, number>>
  /** Hyperparameters of the grid point that was chosen, by heareval's names. */
  readonly hparams: Readonly<Record<string, unknown>>
  /** Event post-processing that was chosen, as [name, value]; empty for scenes. */
  readonly postprocessing: readonly (readonly [string, number])[]
  readonly scoreMode: 'max' | 'min'
  readonly embeddingPath: string
}

/** Figures that are an int of Python; all others are floats, whole or not. */
const INT_FIGURES = new Set(['epoch'])

/** Hyperparameters that are floats of Python, whole or not. */
const FLOAT_HPARAMS = new Set(['dropout', 'lr'])

/**
 * The text of heareval's `test.predicted-scores.json`: folds first, then `aggregated_scores` where there are
 * several, `hparams`, `postprocessing`, `score_mode` and `embedding_path`; one space per level, numbers as
 * Python writes them, NaN as `NaN`.
 *
 * Source: heareval 2021.1.3, heareval/predictions/task_predictions.py, task_predictions.
 */
export function predictedScoresText(scores: PredictedScores): string {
  const text = new Map<string, PythonJson>()
  for (const { name, figures } of scores.folds)
    text.set(
      name,
      mapValues(figures, (value, key) => (INT_FIGURES.has(key) ? value : pythonFloat(value))),
    )
  if (scores.aggregated !== undefined)
    text.set(
      'aggregated_scores',
      mapValues(scores.aggregated, (value) => pythonFloat(value)),
    )
  text.set(
    'hparams',
    mapValues(scores.hparams, (value, key) =>
      FLOAT_HPARAMS.has(key) ? pythonFloat(value as number) : (value as PythonJson),
    ),
  )
  text.set('postprocessing', scores.postprocessing)
  text.set('score_mode', scores.scoreMode)
  text.set('embedding_path', scores.embeddingPath)
  return pythonJsonText(text)
}

function mapValues<T>(values: Readonly<Record<string, T>>, change: (value: T, key: string) => PythonJson) {
  return new Map(Object.entries(values).map(([key, value]) => [key, change(value, key)] as const))
}
