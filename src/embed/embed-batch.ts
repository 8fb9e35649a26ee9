import { HearError } from '../base/errors.js'
import type { HearModel, HearModule, Tensor } from '../model/contract.js'
import { type BatchContext, checkSceneEmbeddings, checkTimestampEmbeddings } from './check-embeddings.js'
import type { LoadedClip } from './load-clip.js'

/** All rows of one clip. */
export interface ClipEmbeddings {
  readonly clip: string
  /** [1, S] of a scene, [timestamps, D] of events; a view of the model's output. */
  readonly values: Float32Array
  /** Undefined for a scene. */
  readonly timestampsMs: Float32Array | undefined
}

/**
 * Hands clips of one length to a model as one batch, and takes its output apart by clip.
 *
 * @param modelName for errors.
 * @param clips at least one, all of one length.
 * @throws HearError when the model fails, or returns what HEAR's API does not allow.
 */
export async function embedBatch<Model extends HearModel>(
  kind: 'scene' | 'event',
  module: HearModule<Model>,
  model: Model,
  modelName: string,
  clips: readonly LoadedClip[],
): Promise<ClipEmbeddings[]> {
  const nSamples = clips[0].samples.length
  const audio: Tensor = { data: new Float32Array(clips.length * nSamples), dims: [clips.length, nSamples] }
  for (const [i, { samples }] of clips.entries()) audio.data.set(samples, i * nSamples)
  const context: BatchContext = {
    model: modelName,
    clips: clips.map(({ clip }) => clip),
    durationMs: Math.round((1000 * nSamples) / model.sampleRate),
  }
  if (kind === 'scene') {
    const size = model.sceneEmbeddingSize
    const scenes = await naming(context, async () => module.getSceneEmbeddings(audio, model))
    checkSceneEmbeddings(scenes, size, context)
    return clips.map(({ clip }, i) => ({
      clip,
      values: scenes.data.subarray(i * size, (i + 1) * size),
      timestampsMs: undefined,
    }))
  }
  const size = model.timestampEmbeddingSize
  const output = await naming(context, async () => module.getTimestampEmbeddings(audio, model))
  const count = checkTimestampEmbeddings(output, size, context)
  return clips.map(({ clip }, i) => ({
    clip,
    values: output.embeddings.data.subarray(i * count * size, (i + 1) * count * size),
    timestampsMs: output.timestamps.data.subarray(i * count, (i + 1) * count),
  }))
}

/** A model is somebody else's code: its failure says which clips it was given. */
async function naming<T>(context: BatchContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { clips, model, durationMs } = context
    const others = clips.length === 1 ? '' : ` and ${clips.length - 1} more`
    if (cause instanceof HearError)
      throw new HearError(
        cause.code,
        `${cause.message}\n  Clip: "${clips[0]}"${others} (${durationMs} ms each).`,
        {
          hint: cause.hint,
          cause,
        },
      )
    throw new HearError(
      'embed/model-failed',
      `The model "${model}" failed on the clip "${clips[0]}"${others} (${durationMs} ms each): ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: `Run \`hear validate\` on it to see whether it fails on other audio too.`, cause },
    )
  }
}
