import { HearError } from '../../base/errors.js'
import { audioShape } from '../audio-shape.js'
import type { HearModel, HearModule, Tensor, TimestampEmbeddings } from '../contract.js'
import { FrameRows, type KeptFrames, MeanOfFrames } from './frame-sinks.js'
import type { OnnxContract } from './onnx-contract.js'
import type { OnnxOutputs, OnnxSession } from './onnx-session.js'
import { type FramesKept, type Piece, planPieces } from './piece-plan.js'

/**
 * Audio in one run, all sounds together, unless a clip must not be cut. Measured (bench/onnx-models.mjs): longer runs
 * are no faster, and the largest of the real models takes 8 MB a second.
 */
const RUN_SECONDS = 30

/** A model of one ONNX file, or of two: the one for frames, the other for scenes. */
export class OnnxModel implements HearModel {
  readonly sampleRate: number
  readonly sceneEmbeddingSize: number
  /** 0 where no file has frames: then there are no timestamp embeddings. */
  readonly timestampEmbeddingSize: number

  /**
   * @param frames the session that gives frames, if there is one.
   * @param scenes the session with the scene output; undefined: scenes are means over frames.
   */
  constructor(
    private readonly frames: OnnxSession | undefined,
    private readonly scenes: OnnxSession | undefined,
  ) {
    this.sampleRate = (frames ?? scenes)!.contract.sampleRate
    this.timestampEmbeddingSize = frames?.contract.frames?.size ?? 0
    this.sceneEmbeddingSize = scenes?.contract.scene?.size ?? this.timestampEmbeddingSize
  }

  /** Embeddings [nSounds, nFrames, D] and their times; see getTimestampEmbeddings. */
  async embedTimestamps(audio: Tensor): Promise<TimestampEmbeddings> {
    const session = this.frames
    if (session === undefined)
      throw new HearError(
        'model/no-timestamp-embeddings',
        `"${this.scenes!.file.path}" has no output timestamp_embeddings, so it cannot embed tasks with events.`,
        { hint: 'Choose tasks whose embedding_type is scene, or export that output too (docs/onnx.md).' },
      )
    const rows = new FrameRows(session.contract.frames!.size)
    const { nSounds, nSamples } = someAudio(audio)
    for (const group of groupsOf(session, audio)) {
      rows.beginGroup(group.nSounds)
      for await (const kept of framesOf(session, group)) rows.take(kept)
    }
    return rows.whole(nSounds, session.file.path, nSamples)
  }

  /** Embeddings [nSounds, S]; see getSceneEmbeddings. */
  async embedScenes(audio: Tensor): Promise<Tensor> {
    const { nSounds } = someAudio(audio)
    const data = new Float32Array(nSounds * this.sceneEmbeddingSize)
    let done = 0
    const session = (this.scenes ?? this.frames)!
    for (const group of groupsOf(session, audio)) {
      data.set(await this.scenesOf(session, group), done * this.sceneEmbeddingSize)
      done += group.nSounds
    }
    return { data, dims: [nSounds, this.sceneEmbeddingSize] }
  }

  async close(): Promise<void> {
    await this.frames?.close()
    if (this.scenes !== this.frames) await this.scenes?.close()
  }

  private async scenesOf(session: OnnxSession, group: Group): Promise<Float32Array> {
    const { contract } = session
    const fromFrames = contract.frames !== undefined && contract.sceneEveryFrames !== undefined
    const pieces = planPieces({ ...contract, ...group, mostSamples: mostSamples(contract) })
    if (contract.scene === undefined || (pieces.length > 1 && fromFrames)) {
      const mean = new MeanOfFrames(contract.frames!.size, contract.sceneEveryFrames ?? 1, group.nSounds)
      for await (const kept of framesOf(session, group)) mean.take(kept)
      return mean.means()
    }
    if (contract.chunking.kind === 'fixed') return meanOfWindows(session, group, pieces)
    // A scene output is a function of the whole clip, unless the metadata say otherwise.
    const [whole] = planPieces({ ...contract, ...group, mostSamples: Number.POSITIVE_INFINITY })
    return (await runPiece(session, group, whole)).scenes!
  }
}

/** The contract's functions over an OnnxModel; the model is loaded by openOnnxModel, not by loadModel. */
export const onnxModule = (model: OnnxModel): HearModule<OnnxModel> => ({
  loadModel: () => model,
  /** Frames float32 [nSounds, nFrames, D] and their centres in ms. @throws HearError when the model fails. */
  getTimestampEmbeddings: (audio, one) => one.embedTimestamps(audio),
  /** Scenes float32 [nSounds, S]. @throws HearError when the model fails. */
  getSceneEmbeddings: (audio, one) => one.embedScenes(audio),
})

/** Sounds of one length that are run together. */
interface Group {
  /** float32 [nSounds, nSamples] */
  readonly samples: Float32Array
  readonly nSounds: number
  readonly nSamples: number
}

function someAudio(audio: Tensor): { nSounds: number; nSamples: number } {
  const shape = audioShape(audio)
  if (shape.nSounds > 0) return shape
  throw new HearError('model/audio-shape', 'Expected audio of at least one sound, got none.', {
    hint: 'Give a batch of one sound or more.',
  })
}

/** Audio with more samples is cut where its chunking allows. */
export function mostSamples({ sampleRate }: OnnxContract): number {
  return RUN_SECONDS * sampleRate
}

function groupsOf(session: OnnxSession, audio: Tensor): Group[] {
  const { nSounds, nSamples } = audioShape(audio)
  const { chunking, oneSound } = session.contract
  const perRun = chunking.kind === 'fixed' ? chunking.windowSamples : Math.max(1, nSamples)
  const atOnce = oneSound ? 1 : Math.max(1, Math.floor(mostSamples(session.contract) / perRun))
  const groups: Group[] = []
  for (let first = 0; first < nSounds; first += atOnce) {
    const end = Math.min(nSounds, first + atOnce)
    const samples = audio.data.subarray(first * nSamples, end * nSamples)
    groups.push({ samples, nSounds: end - first, nSamples })
  }
  return groups
}

async function runPiece(session: OnnxSession, group: Group, piece: Piece): Promise<OnnxOutputs> {
  const { samples, nSounds, nSamples } = group
  const { start, end, feedSamples } = piece
  if (start === 0 && end === nSamples && feedSamples === nSamples) return session.run(samples, nSounds)
  const fed = new Float32Array(nSounds * feedSamples)
  for (let i = 0; i < nSounds; i++)
    fed.set(samples.subarray(i * nSamples + start, i * nSamples + end), i * feedSamples)
  return session.run(fed, nSounds)
}

/** The frames of a group of clips, in order, run by run. */
async function* framesOf(session: OnnxSession, group: Group): AsyncGenerator<KeptFrames> {
  const { contract, file } = session
  const { sampleRate } = contract
  const { size, hopMs, firstTimestampMs } = contract.frames!
  const pieces = planPieces({ ...contract, ...group, mostSamples: mostSamples(contract) })
  let framesBefore = 0
  for (const [i, piece] of pieces.entries()) {
    const { frames, timestampsMs } = await runPiece(session, group, piece)
    const { data, nFrames } = frames!
    const localMs = (sound: number, frame: number) =>
      timestampsMs?.[sound * nFrames + frame] ?? firstTimestampMs + frame * hopMs!
    const { from, end } = keptRange(piece.keep, nFrames, (frame) => localMs(0, frame))
    const short = piece.keep.by === 'count' && end - from < (piece.keep.count ?? 0)
    if (short || end < from)
      throw new HearError(
        'model/onnx-chunking',
        `"${file.path}" returned ${nFrames} frames for ${piece.feedSamples} samples, fewer than its metadata promise.`,
        {
          hint: `Mend hear.halo_samples, hear.chunk_align_samples and hear.chunk_align_frames, or forbid cutting: hear onnx set ${file.path} chunking=none`,
        },
      )
    // A clip that ends before the first frame's centre still has that frame.
    const keepsFirst = end === from && framesBefore === 0 && i === pieces.length - 1
    const range = keepsFirst ? { from: 0, end: 1 } : { from, end }
    const offsetMs = (piece.start * 1000) / sampleRate
    const stepsBefore = framesBefore
    // Without timestamps of its own, the frames of a cut clip count on, so that no rounding adds up.
    const countsOn = timestampsMs === undefined && piece.keep.by === 'count'
    yield {
      nFrames: range.end - range.from,
      rows: (sound) =>
        data.subarray((sound * nFrames + range.from) * size, (sound * nFrames + range.end) * size),
      timeMs: (sound, frame) =>
        countsOn
          ? firstTimestampMs + (stepsBefore + frame) * hopMs!
          : offsetMs + localMs(sound, range.from + frame),
    }
    framesBefore += range.end - range.from
  }
}

function keptRange(
  keep: FramesKept,
  nFrames: number,
  timeMs: (frame: number) => number,
): { from: number; end: number } {
  if (keep.by === 'count') {
    const end = keep.count === undefined ? nFrames : Math.min(nFrames, keep.skip + keep.count)
    return { from: keep.skip, end }
  }
  let from = 0
  while (from < nFrames && timeMs(from) < keep.fromMs) from += 1
  let end = from
  while (end < nFrames && timeMs(end) < keep.beforeMs) end += 1
  return { from, end }
}

/** The mean of the windows' scenes, each with the weight of the samples of the clip that it holds. */
async function meanOfWindows(
  session: OnnxSession,
  group: Group,
  pieces: readonly Piece[],
): Promise<Float32Array> {
  const sums = new Float64Array(group.nSounds * session.contract.scene!.size)
  // An empty clip is one window of silence.
  const weights = pieces.map(({ start, end }) => Math.max(1, end - start))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, piece] of pieces.entries()) {
    const { scenes } = await runPiece(session, group, piece)
    for (let k = 0; k < sums.length; k++) sums[k] += (weights[i] / total) * scenes![k]
  }
  return Float32Array.from(sums)
}
