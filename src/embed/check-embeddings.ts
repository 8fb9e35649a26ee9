import { HearError } from '../base/errors.js'
import type { Tensor, TimestampEmbeddings } from '../model/contract.js'

/** Whose output is checked: the clips in the order of the batch, their length, to the millisecond, and the model's name. */
export interface BatchContext {
  readonly model: string
  readonly clips: readonly string[]
  readonly durationMs: number
}

/** Timestamps that end within this share of a clip are taken for seconds: 1000 times too small. */
const SECONDS_SHARE = 0.01

/**
 * Checks what a model returned as scene embeddings: float32 [clips, size], all finite.
 *
 * @param size the model's sceneEmbeddingSize.
 * @throws HearError naming the model and the clip.
 */
export function checkSceneEmbeddings(tensor: Tensor, size: number, context: BatchContext): void {
  checkShape('scene embeddings', tensor, [context.clips.length, size], context)
  checkFinite('scene embedding', tensor.data, size, context)
}

/**
 * Checks what a model returned as timestamp embeddings: float32 [clips, timestamps, size] and float32 [clips,
 * timestamps], at least one timestamp, all finite, timestamps increasing and in milliseconds.
 *
 * @param size the model's timestampEmbeddingSize.
 * @returns the number of timestamps of each clip.
 * @throws HearError naming the model and the clip.
 */
export function checkTimestampEmbeddings(
  output: TimestampEmbeddings,
  size: number,
  context: BatchContext,
): number {
  const { embeddings, timestamps } = output
  const count = timestamps?.dims?.[1]
  checkShape('timestamps', timestamps, [context.clips.length, count ?? -1], context)
  checkShape('timestamp embeddings', embeddings, [context.clips.length, count, size], context)
  if (count === 0)
    throw wrong(context, 'no-timestamps', 0, `returned no timestamps for a clip of ${context.durationMs} ms`)
  checkFinite('timestamp embedding', embeddings.data, count * size, context)
  checkFinite('timestamp', timestamps.data, count, context)
  context.clips.forEach((_, i) => {
    checkTimes(timestamps.data.subarray(i * count, (i + 1) * count), i, context)
  })
  return count
}

function checkTimes(timestampsMs: Float32Array, clip: number, context: BatchContext): void {
  const { durationMs } = context
  for (let i = 1; i < timestampsMs.length; i++)
    if (timestampsMs[i] <= timestampsMs[i - 1])
      throw wrong(
        context,
        'timestamps-not-increasing',
        clip,
        `returned timestamps that do not increase: ${timestampsMs[i]} ms after ${timestampsMs[i - 1]} ms`,
      )
  const last = timestampsMs[timestampsMs.length - 1]
  if (timestampsMs.length > 1 && last < SECONDS_SHARE * durationMs)
    throw wrong(
      context,
      'timestamps-in-seconds',
      clip,
      `returned timestamps up to ${last} for a clip of ${durationMs} ms`,
      'Timestamps are in milliseconds; are these in seconds?',
    )
}

function checkShape(
  what: string,
  tensor: Tensor | undefined,
  expected: readonly number[],
  context: BatchContext,
): void {
  const found =
    tensor === undefined || tensor === null
      ? 'nothing'
      : !(tensor.data instanceof Float32Array)
        ? `data of type ${typeName(tensor)}`
        : `[${tensor.dims?.join(', ')}] with ${tensor.data.length} values`
  const length = expected.reduce((product, n) => product * n, 1)
  if (found === `[${expected.join(', ')}] with ${length} values`) return
  const shape = expected.map((n) => (n === -1 ? 'timestamps' : n)).join(', ')
  throw wrong(
    context,
    'shape',
    0,
    `returned ${what} of the wrong shape: expected float32 [${shape}], found ${found}`,
  )
}

/** Types that JavaScript has no array for, such as float16, stand beside the data. */
function typeName({ data, type }: Tensor & { readonly type?: unknown }): string {
  return typeof type === 'string' ? type : ((data as object | undefined)?.constructor?.name ?? typeof data)
}

function checkFinite(what: string, data: Float32Array, perClip: number, context: BatchContext): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw wrong(context, 'not-finite', Math.floor(i / perClip), `returned ${data[i]} in a ${what}`)
}

function wrong(context: BatchContext, code: string, clip: number, what: string, hint?: string): HearError {
  const others = context.clips.length === 1 ? '' : ` (in a batch of ${context.clips.length})`
  return new HearError(
    `embed/${code}`,
    `The model "${context.model}" ${what}. Clip: "${context.clips[clip] ?? 'none'}"${others}.`,
    {
      hint: hint ?? `Run \`hear validate\` on it to see everything that is wrong with it.`,
    },
  )
}
