import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { commitFiles } from './atomic.js'
import { checkJson, readJson } from './json-file.js'
import { type PredictedScores, predictedScoresText } from './predicted-scores.js'
import {
  type ClipPrediction,
  type ClipPredictionInput,
  predictionsText,
  readPredictions,
} from './predictions.js'
import { predictionsParquet } from './predictions-parquet.js'
import { type RunJson, runJsonSchema } from './run-json.js'

/** Names of a bundle's files; run.json marks a bundle as whole. */
export const RUN_JSON_FILE = 'run.json'
export const PREDICTIONS_FILE = 'predictions.jsonl'
export const PREDICTIONS_PARQUET_FILE = 'predictions.parquet'
export const PREDICTED_SCORES_FILE = 'test.predicted-scores.json'

/** The result of one task: what is written, and what comes back. */
export interface ResultBundle {
  readonly run: RunJson
  /** Every clip that was tested, in the order in which it was written. */
  readonly predictions: readonly ClipPrediction[]
}

/**
 * Writes the result of a task into `dir`: heareval's `test.predicted-scores.json`, `predictions.jsonl`, the same as
 * `predictions.parquet`, and `run.json` last. A bundle that was there is replaced; at no time does run.json stand beside other files than
 * its own.
 *
 * @throws HearError when run is not as its schema says, a prediction is not finite, or the folder cannot be
 * written; nothing half-written is left.
 */
export async function writeResultBundle(
  dir: string,
  bundle: {
    readonly scores: PredictedScores
    readonly predictions: Iterable<ClipPredictionInput>
    readonly run: RunJson
  },
): Promise<void> {
  const run = checkJson(runJsonSchema, bundle.run, join(dir, RUN_JSON_FILE))
  const predictions = [...bundle.predictions]
  await commitFiles(dir, [
    [PREDICTED_SCORES_FILE, predictedScoresText(bundle.scores)],
    [PREDICTIONS_FILE, predictionsText(predictions)],
    [PREDICTIONS_PARQUET_FILE, predictionsParquet(run.task, predictions)],
    [RUN_JSON_FILE, `${JSON.stringify(run, null, 2)}\n`],
  ])
}

/** Whether `dir` holds a whole bundle. */
export function hasResultBundle(dir: string): boolean {
  return existsSync(join(dir, RUN_JSON_FILE))
}

/** Reads only `run.json` of a bundle, checked. @throws HearError as `readResultBundle`. */
export async function readRunJson(dir: string): Promise<RunJson> {
  const path = join(dir, RUN_JSON_FILE)
  if (!existsSync(path))
    throw new HearError(
      'result/unfinished',
      `"${dir}" holds no finished result: there is no ${RUN_JSON_FILE}.`,
      {
        hint: 'Run the evaluation of this task again; run.json is written last.',
      },
    )
  return readJson(path, runJsonSchema)
}

/**
 * Reads the bundle of a task.
 *
 * @throws HearError when it is not finished, or a file is missing or not as its schema says.
 */
export async function readResultBundle(dir: string): Promise<ResultBundle> {
  return { run: await readRunJson(dir), predictions: await readPredictions(join(dir, PREDICTIONS_FILE)) }
}
