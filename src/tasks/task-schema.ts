import { z } from 'zod'
import { nearestName } from '../base/errors.js'
import { checkJson } from '../store/json-file.js'
import { PythonFloat, pythonNumber } from '../store/python-json.js'
import type { TaskDefinition } from './task.js'
import { EVENT_METRICS, SCENE_METRICS, taskConflicts } from './task-conflicts.js'

/** An object that refuses every key but those of its shape, and names the nearest one. */
function closed<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined),
  })
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key) => {
      const nearest = nearestName(key, known)
      const remedy = nearest === undefined ? `the keys are ${known.join(', ')}` : `did you mean "${nearest}"?`
      return `unknown key "${key}" (${remedy})`
    })
    .join(', ')
}

const text = z.string().min(1, { error: 'expected a text that is not empty' })

/** Task, version, mode and split name folders and files, so they may not climb out of one. */
const safeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, {
  error: 'expected a name of letters, digits, "_", "-" and ".", that begins with a letter or digit',
})

const seconds = z.custom<number | PythonFloat>(
  (value) => {
    const number = value instanceof PythonFloat ? value.value : value
    return typeof number === 'number' && Number.isFinite(number) && number > 0
  },
  { error: 'expected a number of seconds above 0' },
)
const limit = seconds.nullable()
/** Three hours: as much as is decoded of one recording at 48 kHz. */
const LONGEST_CLIP_SEC = 10_800
const clipSeconds = seconds.refine((value) => pythonNumber(value) <= LONGEST_CLIP_SEC, {
  error: `expected at most ${LONGEST_CLIP_SEC} seconds`,
})

const md5 = z.string().regex(/^[0-9a-f]{32}$/, { error: 'expected an MD5 of 32 small hexadecimal digits' })
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, {
  error: 'expected a SHA-256 of 64 small hexadecimal digits',
})
const url = z.url({ protocol: /^https?$/, error: 'expected an address that begins with http:// or https://' })

/** The four kinds of source in one shape, so that a misspelt key is named whichever kind was meant. */
const source = closed({
  split: safeName.optional(),
  name: safeName.optional(),
  url: url.optional(),
  md5: md5.optional(),
  sha256: sha256.optional(),
  multipart_zip_urls: z.array(closed({ url, md5 })).min(1).optional(),
  zipname: safeName.optional(),
  list_url: url.optional(),
  folder: text.optional(),
}).superRefine((value, context) => {
  const report = (message: string) => context.addIssue({ code: 'custom', message })
  const kinds = [value.url, value.multipart_zip_urls, value.list_url, value.folder].filter(
    (kind) => kind !== undefined,
  )
  if (value.split === undefined && value.name === undefined)
    report('expected a split or a name, which begins the paths of its files')
  if (kinds.length !== 1) report('expected exactly one of url, multipart_zip_urls, list_url and folder')
  const hasChecksum = value.md5 !== undefined || value.sha256 !== undefined
  if (value.url !== undefined && !hasChecksum) report('expected the md5 of the archive beside its url')
  if (value.list_url !== undefined && value.sha256 === undefined)
    report('expected the sha256 of the list beside its list_url')
  if (value.url === undefined && value.list_url === undefined && hasChecksum)
    report('expected a checksum beside a url only')
  if ((value.multipart_zip_urls === undefined) !== (value.zipname === undefined))
    report('expected multipart_zip_urls and zipname together')
})
const sources = z.array(source).min(1)

/** HEAR has ten at most; a number far above is a slip. */
const MOST_FOLDS = 1000

const configShape = {
  task_name: safeName,
  version: safeName,
  embedding_type: z.enum(['scene', 'event']),
  prediction_type: z.enum(['multiclass', 'multilabel']),
  split_mode: z.enum(['trainvaltest', 'new_split_kfold', 'presplit_kfold']),
  // heareval tests on one fold and validates on the next, which leaves nothing to train on below three.
  // No further check goes through so many folds.
  nfolds: z
    .int()
    .min(3)
    .max(MOST_FOLDS, { abort: true, error: `expected at most ${MOST_FOLDS} folds` })
    .optional(),
  sample_duration: clipSeconds.nullable(),
  evaluation: z.array(z.enum([...SCENE_METRICS, ...EVENT_METRICS])).min(1),
  evaluation_params: z.looseObject({}).optional(),
  use_scoring_for_early_stopping: z.boolean().optional(),
  download_urls: sources.optional(),
  default_mode: safeName,
  split_percentage: closed({ train: z.number(), valid: z.number(), test: z.number() }).optional(),
  max_task_duration_by_split: closed({ train: limit, valid: limit, test: limit }).optional(),
  max_task_duration_by_fold: limit.optional(),
  pitch_range_min: z.int().optional(),
  pitch_range_max: z.int().optional(),
  tfds_task_name: text.optional(),
  tfds_task_version: text.optional(),
  extract_splits: z.array(safeName).optional(),
}

const tableOfClips = closed({
  table: text,
  file: text,
  folder: text.optional(),
  label: text,
  split: text.optional(),
  splitNames: z.record(z.string(), safeName).optional(),
  splitKey: text.optional(),
  start: text.optional(),
  end: text.optional(),
  timeUnit: z.enum(['seconds', 'milliseconds']).optional(),
})

const definitionShape = {
  about: text,
  licence: text,
  citation: text,
  nLabels: z.int().min(1).optional(),
  sourceNote: text.optional(),
  config: closed(configShape),
  modes: z.record(safeName, closed(configShape).partial()),
  sources: z.record(safeName, sources).optional(),
  reads: z.array(text).optional(),
}
const aFunction = z.custom<() => unknown>((value) => typeof value === 'function')

/** Chosen by what `clips` is, so that the keys of a table are checked as such. */
const withTable = closed({ ...definitionShape, clips: tableOfClips }).superRefine(reportConflicts)
const withFunction = closed({ ...definitionShape, clips: aFunction }).superRefine(reportConflicts)

function reportConflicts(task: object, context: z.core.$RefinementCtx): void {
  for (const { path, message } of taskConflicts(task as TaskDefinition))
    context.addIssue({ code: 'custom', path: [...path], message })
}

/**
 * Checks that a value is a task: every key known, names that are safe as file names, checksums, sources for every
 * mode, and settings that go together. Returns the value itself, its keys in their own order.
 *
 * @throws HearError `store/json-content` naming the file and everything that is wrong in it.
 */
export function checkTask(value: unknown, file: string): TaskDefinition {
  const hasFunction = typeof (value as { clips?: unknown } | null)?.clips === 'function'
  checkJson(hasFunction ? withFunction : withTable, value, file)
  return value as TaskDefinition
}
