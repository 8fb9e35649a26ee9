import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from './json-file.js'

/** A split is a file name and a folder name, so it may not climb out of the task folder. */
const splitName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, {
  error: 'expected a name of letters, digits, "_", "-" and "."',
})

/**
 * What hearkit reads of `task_metadata.json`. hear-preprocess writes the whole configuration of the task into
 * it: other keys are kept as they are.
 */
export const taskMetadataSchema = z
  .looseObject({
    task_name: z.string().min(1),
    version: z.string(),
    embedding_type: z.enum(['scene', 'event']),
    prediction_type: z.enum(['multiclass', 'multilabel']),
    split_mode: z.enum(['trainvaltest', 'new_split_kfold', 'presplit_kfold']),
    /** Seconds; null when clips keep their own lengths. */
    sample_duration: z.number().positive().nullable(),
    /** Metric ids; the first selects the model. */
    evaluation: z.array(z.string()).min(1),
    splits: z.array(splitName).min(1),
    mode: z.string().optional(),
    nfolds: z.number().int().min(3).optional(),
    evaluation_params: z.looseObject({}).optional(),
    use_scoring_for_early_stopping: z.boolean().optional(),
  })
  .superRefine((metadata, context) => {
    const splits = metadata.splits
    const report = (message: string) => context.addIssue({ code: 'custom', path: ['splits'], message })
    if (new Set(splits).size < splits.length) report('expected every split once')
    if (metadata.split_mode === 'trainvaltest') {
      if ([...splits].sort().join() !== 'test,train,valid')
        report('expected train, valid and test (split_mode trainvaltest)')
    } else if (splits.length < 3) report(`expected at least three folds (split_mode ${metadata.split_mode})`)
  })

export type TaskMetadata = z.output<typeof taskMetadataSchema>

/** Name of the metadata file, which marks a folder as a task (or as the embeddings of one). */
export const TASK_METADATA_FILE = 'task_metadata.json'

/**
 * Reads and checks `task_metadata.json` of a task or embedding folder.
 *
 * @throws HearError naming the file and every key that is missing or malformed, what was expected and found.
 */
export function readTaskMetadata(dir: string): Promise<TaskMetadata> {
  return readJson(join(dir, TASK_METADATA_FILE), taskMetadataSchema)
}
