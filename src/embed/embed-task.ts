import { HearError } from '../base/errors.js'
import type { HearModel, HearModule } from '../model/contract.js'
import type { EmbeddableTask } from '../store/embeddable-task.js'
import type { EmbeddingSource } from '../store/embedding-json.js'
import { EmbeddingFolderWriter, type EmbeddingSplitWriter } from '../store/embedding-writer.js'
import { batchSizeFor } from './batch-size.js'
import { checkModel } from './check-model.js'
import { embedBatch } from './embed-batch.js'
import { hashClip, type LoadedClip, loadClip } from './load-clip.js'
import { packingOrder } from './packing-order.js'
import { SplitKey } from './split-key.js'

/** Audio files read at once: enough to keep a disk busy, far from the limit of open files. */
const FILES_AT_ONCE = 16

export interface EmbedTaskOptions<Model extends HearModel = HearModel> {
  readonly task: EmbeddableTask
  readonly module: HearModule<Model>
  readonly model: Model
  /** What the model is, for the record and for knowing its embeddings again. */
  readonly identity: EmbeddingSource['model']
  /** Folder that the embeddings of this task go to. */
  readonly outDir: string
  /** Hz; the model's own rate unless given, and refused if it is another. */
  readonly sampleRate?: number
  /** Versions of the programs that take part, by name, for the record. */
  readonly versions?: Readonly<Record<string, string>>
  /** Stops the work between two batches; nothing half-written is left. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: EmbedProgress) => void
  /** A clock in milliseconds, for the times in the record. */
  readonly now?: () => number
}

export interface EmbedProgress {
  readonly split: string
  /** Clips of the task that are done, those of finished splits included. */
  readonly clipsDone: number
  readonly clipsTotal: number
  /** Whether the split's embeddings were there already. */
  readonly reused: boolean
}

export interface EmbeddedSplit {
  readonly name: string
  readonly clips: number
  /** True where finished embeddings of the same model, options and clips were found. */
  readonly reused: boolean
}

/**
 * Embeds every clip of a task and writes an embedding folder: scene embeddings, one row per clip, or timestamp
 * embeddings, one row per frame, in the order in which heareval packs them. A split that an earlier run of the
 * same model, options and clips finished is kept; every other is written whole or not at all.
 *
 * Clips go to the model in batches of HEAR's size, in packing order. A batch whose clips differ in length is
 * embedded clip by clip, since a batch is one rectangular array.
 *
 * @throws HearError naming the file, clip or model at fault; the signal's reason when it is aborted.
 * Source: heareval 2021.1.3, heareval/embeddings/task_embeddings.py, task_embeddings.
 * *Differs*: heareval batches clips in the order of `<split>.json` and packs them afterwards, so its batches
 * hold other clips together. A model that keeps the sounds of a batch apart, as the API asks, gives the same.
 */
export async function embedTask<Model extends HearModel>(
  options: EmbedTaskOptions<Model>,
): Promise<EmbeddedSplit[]> {
  const { task, model, signal } = options
  const kind = task.metadata.embedding_type
  if (kind === 'event' && model.timestampEmbeddingSize === 0)
    throw new HearError(
      'embed/no-timestamp-embeddings',
      `The task "${task.name}" has events in time; the model "${options.identity.name}" has no timestamp embeddings.`,
      { hint: 'Choose tasks whose embedding_type is scene, or another model.' },
    )
  checkModel(kind, options.module as HearModule, model, options.identity.name)
  const sampleRate = requireRate(options)
  const orders = packingOrder(
    [...task.splits].map(([split, labels]) => [split, labels.clips.keys()] as const),
  )
  for (const [split, clips] of orders) requireClips(task, split, clips)
  signal?.throwIfAborted()
  const source = { model: options.identity, sampleRate, versions: { ...options.versions } }
  const writer = await EmbeddingFolderWriter.open(options.outDir, task, source)

  const clipsTotal = [...orders.values()].reduce((sum, clips) => sum + clips.length, 0)
  let clipsDone = 0
  const report: EmbeddedSplit[] = []
  for (const [split, clips] of orders) {
    const advance = (count: number, reused: boolean) => {
      clipsDone += count
      options.onProgress?.({ split, clipsDone, clipsTotal, reused })
    }
    const reused = writer.isRecorded(split) && (await writer.isFinished(split, await keyOnDisk(split, clips)))
    if (reused) advance(clips.length, true)
    else {
      const size = kind === 'scene' ? model.sceneEmbeddingSize : model.timestampEmbeddingSize
      const splitWriter = await writer.beginSplit(split, size)
      try {
        await embedSplit(split, clips, splitWriter, (count) => advance(count, false))
      } catch (error) {
        await splitWriter.abort()
        throw error
      }
    }
    report.push({ name: split, clips: clips.length, reused })
  }
  return report

  async function keyOnDisk(split: string, clips: readonly string[]): Promise<string> {
    const key = new SplitKey(source, kind)
    for (const group of inGroups(clips, FILES_AT_ONCE)) {
      signal?.throwIfAborted()
      const hashes = await Promise.all(group.map((clip) => hashClip(task, sampleRate, split, clip)))
      for (const [i, clip] of group.entries()) key.addClip(clip, hashes[i])
    }
    return key.digest()
  }

  async function embedSplit(
    split: string,
    clips: readonly string[],
    splitWriter: EmbeddingSplitWriter,
    advance: (count: number) => void,
  ): Promise<void> {
    const started = options.now?.()
    const key = new SplitKey(source, kind)
    const batchSize = batchSizeFor(task.metadata.sample_duration, sampleRate)
    for (const planned of inGroups(clips, batchSize)) {
      const loaded: LoadedClip[] = []
      for (const group of inGroups(planned, FILES_AT_ONCE)) {
        signal?.throwIfAborted()
        loaded.push(...(await Promise.all(group.map((clip) => loadClip(task, sampleRate, split, clip)))))
      }
      const rectangular = loaded.every(({ samples }) => samples.length === loaded[0].samples.length)
      for (const batch of rectangular ? [loaded] : loaded.map((clip) => [clip])) {
        signal?.throwIfAborted()
        const embedded = await embedBatch(kind, options.module, model, options.identity.name, batch)
        signal?.throwIfAborted()
        for (const { clip, values, timestampsMs } of embedded)
          await splitWriter.append(clip, values, timestampsMs)
        advance(batch.length)
      }
      for (const { clip, hash } of loaded) key.addClip(clip, hash)
    }
    const seconds = started === undefined ? null : (options.now!() - started) / 1000
    await splitWriter.commit({ key: key.digest(), seconds })
  }
}

function requireRate({ task, model, identity, sampleRate = model.sampleRate }: EmbedTaskOptions): number {
  if (sampleRate !== model.sampleRate)
    throw new HearError(
      'embed/model-rate',
      `The model "${identity.name}" takes audio at ${model.sampleRate} Hz; ${sampleRate} Hz was asked for.`,
      { hint: `Use ${model.sampleRate} Hz: models of HEAR do not resample.` },
    )
  if (task.sampleRates.includes(sampleRate)) return sampleRate
  const rates = task.sampleRates.length === 0 ? 'at no rate' : `at ${task.sampleRates.join(', ')} Hz`
  throw new HearError(
    'embed/no-such-rate',
    `The task "${task.name}" has audio ${rates}; the model "${identity.name}" needs ${sampleRate} Hz (folder "${task.dir}/${sampleRate}").`,
    {
      hint: `Prepare the task at ${sampleRate} Hz too, or extract the archive of that rate (its name ends in -${sampleRate}.tar.gz) over it.`,
    },
  )
}

function requireClips(task: EmbeddableTask, split: string, clips: readonly string[]): void {
  if (clips.length > 0) return
  throw new HearError('embed/empty-split', `The split ${split} of the task "${task.name}" has no clips.`, {
    hint: `Check "${task.dir}/${split}.json", or prepare the task again.`,
  })
}

function* inGroups<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
