import { z } from 'zod'
import { HearError } from '../base/errors.js'
import { checkJson, parseJson, readText } from './json-file.js'

const eventsSchema = z.array(z.strictObject({ label: z.string(), start: z.number(), end: z.number() }))
const clipSchema = {
  clip: z.string().min(1),
  /** The split or fold that was tested. */
  split: z.string().min(1),
  /** Only where several probe seeds were run. */
  seed: z.number().int().optional(),
}

/** What a probe said of one test clip, beside the truth. */
export const clipPredictionSchema = z.union(
  [
    z.strictObject({
      ...clipSchema,
      labels: z.array(z.string()),
      /** One per class, in the order of the vocabulary. */
      probabilities: z.array(z.number()),
    }),
    z.strictObject({
      ...clipSchema,
      /** Reference events, in milliseconds. */
      labels: eventsSchema,
      /** Predicted events, in milliseconds. */
      events: eventsSchema,
    }),
  ],
  { error: 'expected {clip, split, labels, probabilities} or {clip, split, labels, events}' },
)

export type ClipPrediction = z.output<typeof clipPredictionSchema>

/** A prediction as it is written; probabilities may be a row of a larger array. */
export type ClipPredictionInput =
  | Extract<ClipPrediction, { events: unknown }>
  | (Omit<Extract<ClipPrediction, { probabilities: unknown }>, 'probabilities'> & {
      probabilities: ArrayLike<number>
    })

/** Digits with which every float32 reads back the same. */
const FLOAT32_DIGITS = 9

/**
 * The text of `predictions.jsonl`: one JSON object per line and clip. Probabilities are written with the nine
 * digits that a float32 needs.
 *
 * @throws HearError naming a clip whose probability is not finite.
 */
export function predictionsText(predictions: Iterable<ClipPredictionInput>): string {
  const lines: string[] = []
  for (const prediction of predictions) {
    if ('events' in prediction) lines.push(JSON.stringify(prediction))
    else {
      const probabilities = Array.from(prediction.probabilities, (p) => Number(p.toPrecision(FLOAT32_DIGITS)))
      if (!probabilities.every(Number.isFinite))
        throw new HearError(
          'result/not-finite',
          `The prediction for the clip "${prediction.clip}" holds ${probabilities.find((p) => !Number.isFinite(p))}; expected finite probabilities.`,
          { hint: 'The training diverged: try a lower learning rate.' },
        )
      lines.push(JSON.stringify({ ...prediction, probabilities }))
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** Reads `predictions.jsonl`. @throws HearError naming the file and line that is malformed. */
export async function readPredictions(path: string): Promise<ClipPrediction[]> {
  const lines = (await readText(path)).split('\n')
  const read: ClipPrediction[] = []
  for (const [i, line] of lines.entries())
    if (line !== '')
      read.push(checkJson(clipPredictionSchema, parseJson(line, `${path}:${i + 1}`), `${path}:${i + 1}`))
  return read
}
