import { z } from 'zod'

/**
 * `embedding.json`: which model made the embeddings of a folder, and which splits are whole. A split is
 * recorded after its files are in place, and its record is removed before they are replaced.
 */
export const embeddingJsonSchema = z.strictObject({
  format: z.literal('hearkit-embeddings/1'),
  model: z.strictObject({
    name: z.string(),
    /** Hash of the weights, or of whatever decides what the model computes. */
    weightsHash: z.string(),
    description: z.string().optional(),
    options: z.record(z.string(), z.unknown()),
  }),
  /** Hz; the audio was read from the folder of this rate. */
  sampleRate: z.number().int().positive(),
  /** Versions of the programs that took part, by name. */
  versions: z.record(z.string(), z.string()),
  splits: z.record(
    z.string(),
    z.strictObject({
      /** Hash of the model, its options, the rate, and the content of every clip in order. */
      key: z.string(),
      rows: z.number().int().nonnegative(),
      dim: z.number().int().positive(),
      /** Wall time of embedding it; null when no clock was given. */
      seconds: z.number().nonnegative().nullable(),
    }),
  ),
})

export type EmbeddingJson = z.output<typeof embeddingJsonSchema>

/** Who made the embeddings: everything of `embedding.json` that is known before the first clip. */
export type EmbeddingSource = Pick<EmbeddingJson, 'model' | 'sampleRate' | 'versions'>

export const EMBEDDING_JSON_FILE = 'embedding.json'

/** Names of a split's files in an embedding folder. */
export const embeddingFile = (split: string) => `${split}.embeddings.npy`
export const rowsFile = (split: string) => `${split}.rows.json`
