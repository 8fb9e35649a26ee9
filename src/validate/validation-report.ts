import { z } from 'zod'
import { FINDING_CODES, SEVERITIES } from './finding-kinds.js'

/** One thing found: data only; sentences are made in finding-sentence.ts. */
export const findingSchema = z.strictObject({
  code: z.enum(FINDING_CODES),
  severity: z.enum(SEVERITIES),
  check: z.string().describe('Id of the check that found it.'),
  where: z.array(z.string()).describe('The inputs on which it was seen.'),
  expected: z.string(),
  received: z.string(),
  remedy: z.string(),
  original: z
    .enum(['error', 'warning'])
    .nullable()
    .describe('What hear-validator 2021.0.6 makes of it; null where it says nothing.'),
})

const nullableNumber = z.number().nullable()

/** What was measured on the way; null where it could not be. */
export const measuredSchema = z.strictObject({
  sampleRate: nullableNumber,
  sceneEmbeddingSize: nullableNumber,
  timestampEmbeddingSize: nullableNumber,
  hopMs: nullableNumber,
  firstTimestampMs: nullableNumber,
  clickOffsetMs: nullableNumber.describe(
    'How much later than it is a click shows in the timestamp embeddings.',
  ),
  clickSpreadMs: nullableNumber.describe('Half of the time over which a click shows.'),
  driftMs: nullableNumber.describe('How much more that is 20 minutes later.'),
  loadSec: nullableNumber,
  timestampMsPerSec: nullableNumber.describe('Time per second of audio.'),
  sceneMsPerSec: nullableNumber.describe('Time per second of audio.'),
  peakMemoryBytes: nullableNumber.describe('Of the process of the model and those that it started.'),
  peakGpuMemoryBytes: nullableNumber,
})

/** The document that `hear validate --json` prints. */
export const validationReportSchema = z
  .strictObject({
    format: z.literal('hearkit-validation/1'),
    model: z.strictObject({ name: z.string(), description: z.string().nullable() }),
    extent: z.enum(['full', 'quick', 'original']),
    verdict: z.enum(['pass', 'fail']).describe('fail when there is an error among the findings.'),
    originalVerdict: z
      .enum(['pass', 'fail'])
      .describe('What hear-validator 2021.0.6 would say, whose checks are among these.'),
    findings: z.array(findingSchema),
    checks: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        status: z.enum(['passed', 'warned', 'failed', 'not run']),
        reason: z.string().nullable().describe('Why it was not run.'),
        seconds: nullableNumber,
      }),
    ),
    measured: measuredSchema,
  })
  .describe('Verdict on a model by hear validate.')

export type Finding = z.output<typeof findingSchema>
export type Measured = z.output<typeof measuredSchema>
export type ValidationReport = z.output<typeof validationReportSchema>
export type Extent = ValidationReport['extent']
