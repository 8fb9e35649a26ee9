import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { commitFiles } from './atomic.js'
import { checkJson, readJson } from './json-file.js'
import { runJsonSchema } from './run-json.js'

/** Names of the files of a pairwise task's result; pairwise.json marks it as whole. */
export const PAIRWISE_JSON_FILE = 'pairwise.json'
export const DISTANCES_FILE = 'distances.jsonl'

const { protocol, model, intervals, versions, secondsPerStage, peakMemoryMiB } = runJsonSchema.shape

/**
 * `pairwise.json`: the scores of a task without learning, and how they came about. Unknown keys are refused, so that a
 * misspelt one is noticed.
 */
export const pairwiseJsonSchema = z.strictObject({
  format: z.literal('hearkit-pairwise/1'),
  protocol,
  task: z.strictObject({
    name: z.string(),
    version: z.string(),
    mode: z.string().nullable(),
    folder: z.string().describe('Name of the task folder, <task>-<version>-<mode>.'),
    kind: z.enum(['pairs', 'triplets']),
    metric: z
      .enum(['pairwise_error_rate', 'abx_error_rate'])
      .describe('Equal error rate of pairs; share of triplets in which X is closer to B.'),
    clips: z.number().int().positive(),
    comparisons: z.number().int().positive(),
  }),
  model,
  dataHash: z.string().describe('Hash of the comparisons and of the embeddings.'),
  seed: z.number().int().describe('Of the intervals; nothing else is random.'),
  resampled: z.enum(['clips', 'comparisons']).describe('What the intervals draw.'),
  scoreMode: z.literal('min'),
  figures: z
    .record(
      z.string(),
      z.union([z.number(), z.strictObject({ undefined: z.string().min(1) })], {
        error: 'expected a finite number, or {"undefined": reason}',
      }),
    )
    .describe("The task's metric, and area_under_curve."),
  intervals: intervals.describe('95 % interval of every figure.'),
  versions,
  secondsPerStage,
  peakMemoryMiB,
})

export type PairwiseJson = z.output<typeof pairwiseJsonSchema>

/** How far apart the clips of one comparison are, by L1 distance. */
export type ComparisonDistances =
  | { readonly clips: readonly [string, string]; readonly same: boolean; readonly distance: number }
  | {
      /** A, B and X. */
      readonly clips: readonly [string, string, string]
      readonly distanceAX: number
      readonly distanceBX: number
    }

/**
 * Writes the result of a pairwise task into `dir`: `distances.jsonl`, one line for each comparison in the order of the
 * task, and `pairwise.json` last. A result that was there is replaced.
 *
 * @throws HearError when `result` is not as its schema says, or the folder cannot be written.
 */
export async function writePairwiseResult(
  dir: string,
  result: PairwiseJson,
  distances: Iterable<ComparisonDistances>,
): Promise<void> {
  const checked = checkJson(pairwiseJsonSchema, result, join(dir, PAIRWISE_JSON_FILE))
  await commitFiles(dir, [
    [DISTANCES_FILE, Array.from(distances, (line) => `${JSON.stringify(line)}\n`).join('')],
    [PAIRWISE_JSON_FILE, `${JSON.stringify(checked, null, 2)}\n`],
  ])
}

/** Reads `pairwise.json`, or undefined where there is none. @throws HearError when it is not as its schema says. */
export async function readPairwiseJson(dir: string): Promise<PairwiseJson | undefined> {
  const path = join(dir, PAIRWISE_JSON_FILE)
  return existsSync(path) ? readJson(path, pairwiseJsonSchema) : undefined
}
