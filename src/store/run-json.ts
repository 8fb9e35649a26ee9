import { z } from 'zod'

/** A figure, or the reason why it is not defined: never NaN, never 0 instead of it. */
const scoreSchema = z.union([z.number(), z.strictObject({ undefined: z.string().min(1) })], {
  error: 'expected a finite number, or {"undefined": reason}',
})
const intervalSchema = z.union(
  [
    z.strictObject({
      low: z.number(),
      high: z.number(),
      resamples: z.number().int().positive(),
      undefinedResamples: z.number().int().nonnegative(),
    }),
    z.strictObject({ undefined: z.string().min(1) }),
  ],
  { error: 'expected {low, high, resamples, undefinedResamples}, or {"undefined": reason}' },
)
const scoresSchema = z.record(z.string(), scoreSchema)
const scalarSchema = z.union([z.number(), z.string(), z.boolean(), z.null()], {
  error: 'expected a number, text, true, false or null',
})

/**
 * `run.json`: how a task's scores came about, and the scores. Unknown keys are refused, so that a misspelt one
 * is noticed.
 */
export const runJsonSchema = z
  .strictObject({
    format: z.literal('hearkit-run/1'),
    protocol: z.enum(['hear-2021', 'hear-2026']).describe('Scores of different protocols never mix.'),
    task: z.strictObject({
      name: z.string(),
      version: z.string(),
      mode: z.string().nullable(),
      folder: z.string().describe('Name of the task folder, <task>-<version>-<mode>.'),
      embeddingType: z.enum(['scene', 'event']),
      predictionType: z.enum(['multiclass', 'multilabel']),
      splitMode: z.enum(['trainvaltest', 'new_split_kfold', 'presplit_kfold']),
      metrics: z.array(z.string()).min(1).describe('Metric ids, the primary one first.'),
      classes: z
        .array(z.string())
        .describe('The label vocabulary; probabilities of predictions come in its order.'),
    }),
    model: z.strictObject({
      name: z.string(),
      hash: z.string().nullable().describe('Of the weights; null for embeddings made elsewhere.'),
      description: z.string().nullable(),
      options: z.record(z.string(), z.unknown()),
      sampleRate: z.number().int().positive().nullable(),
      embeddingSize: z.number().int().positive(),
    }),
    dataHash: z.string().describe('Hash of the embeddings, labels and vocabulary that were probed.'),
    seeds: z.array(z.number().int()).min(1),
    grid: z.string().describe('Name of the grid: default, fast or faster.'),
    requested: z
      .strictObject({ gridPoints: z.number().int().positive(), gemm: z.string() })
      .describe('Options as given, where the outcome may differ from them.'),
    gridPoints: z
      .array(
        z.strictObject({
          seed: z.number().int(),
          fold: z.string().describe('Test fold of the split whose validation this is.'),
          hyperparameters: z.record(z.string(), scalarSchema),
          postprocessing: z.record(z.string(), z.number()).nullable(),
          validationScore: scoreSchema,
          bestEpoch: z.number().int().describe('Counted from 0; -1 where no validation counted.'),
          epochsRun: z.number().int().nonnegative(),
          seconds: z.number().nonnegative().nullable(),
        }),
      )
      .min(1)
      .describe('Every grid point that was tried, in the order of the grid.'),
    chosen: z
      .array(z.strictObject({ seed: z.number().int(), gridPoint: z.number().int().nonnegative() }))
      .min(1)
      .describe('For each seed the index into gridPoints of the winner.'),
    scoreMode: z.enum(['max', 'min']),
    folds: z
      .array(
        z.strictObject({
          name: z.string().describe('`test`, or the fold that tested.'),
          seed: z.number().int(),
          epochsRun: z.number().int().nonnegative(),
          figures: scoresSchema.describe("By heareval's names: test_loss, test_score, test_<metric>, ..."),
        }),
      )
      .min(1),
    intervals: z
      .record(z.string(), intervalSchema)
      .describe('95 % interval of the score of each metric, over clips, folds and probe seeds.'),
    otherProbes: z
      .strictObject({
        linear: z.strictObject({
          score: scoreSchema,
          interval: intervalSchema,
          hyperparameters: z.record(z.string(), scalarSchema),
        }),
        knn: z.strictObject({
          score: scoreSchema,
          interval: intervalSchema,
          neighbours: z.number().int().positive().nullable(),
          scaling: z.string().nullable(),
        }),
        fewShot: z.array(
          z.strictObject({
            shots: z.number().int().positive().describe('Clips a class.'),
            score: scoreSchema.describe('Mean over draws, then folds.'),
            standardDeviation: z.number().nonnegative().describe('Over draws.'),
          }),
        ),
      })
      .nullable()
      .describe('The probes beside the MLP, by the primary metric; null under hear-2021.'),
    aggregated: scoresSchema.nullable().describe('Over folds and seeds; null where there is a single probe.'),
    versions: z.record(z.string(), z.string()).describe('hearkit, node, onnxruntime, ...'),
    gemmProvider: z.string().describe('The library that multiplied the matrices.'),
    secondsPerStage: z.record(z.string(), z.number().nonnegative()),
    peakMemoryMiB: z.number().nonnegative().nullable(),
  })
  .superRefine((run, context) => {
    run.chosen.forEach(({ gridPoint }, i) => {
      if (gridPoint >= run.gridPoints.length)
        context.addIssue({
          code: 'custom',
          path: ['chosen', i, 'gridPoint'],
          message: `expected an index into gridPoints (0 to ${run.gridPoints.length - 1})`,
        })
    })
  })

export type RunJson = z.output<typeof runJsonSchema>

/** The JSON Schema (draft 2020-12) of `run.json`, for programs in other languages. */
export function runJsonSchemaDocument(): object {
  return z.toJSONSchema(runJsonSchema)
}
