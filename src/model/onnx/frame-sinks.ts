import { HearError } from '../../base/errors.js'
import type { TimestampEmbeddings } from '../contract.js'

/** Frames of one run that belong to the clips of a group; views that are valid until the next run. */
export interface KeptFrames {
  readonly nFrames: number
  /** float32 [nFrames, D] of one sound of the group. */
  rows(sound: number): Float32Array
  /** Centre of a frame in ms from the start of the clip. */
  timeMs(sound: number, frame: number): number
}

/** Gathers the frames of all sounds into one array. */
export class FrameRows {
  /** For each sound its runs, in order. */
  private readonly sounds: { rows: Float32Array[]; timesMs: number[] }[] = []
  private groupAt = 0

  /** @param size D, floats in a frame. */
  constructor(private readonly size: number) {}

  /** Says that the frames to come are those of the next nSounds sounds. */
  beginGroup(nSounds: number): void {
    this.groupAt = this.sounds.length
    for (let i = 0; i < nSounds; i++) this.sounds.push({ rows: [], timesMs: [] })
  }

  take(kept: KeptFrames): void {
    for (let i = this.groupAt; i < this.sounds.length; i++) {
      const { rows, timesMs } = this.sounds[i]
      rows.push(kept.rows(i - this.groupAt))
      for (let frame = 0; frame < kept.nFrames; frame++) timesMs.push(kept.timeMs(i - this.groupAt, frame))
    }
  }

  /**
   * Embeddings [nSounds, nFrames, D] and timestamps [nSounds, nFrames].
   * @throws HearError when sounds of one length have not the same number of frames.
   */
  whole(nSounds: number, file: string, nSamples: number): TimestampEmbeddings {
    const nFrames = this.sounds[0].timesMs.length
    const odd = this.sounds.find(({ timesMs }) => timesMs.length !== nFrames)
    if (odd !== undefined)
      throw new HearError(
        'model/onnx-output',
        `"${file}" returned ${nFrames} frames for one sound of ${nSamples} samples and ${odd.timesMs.length} for another; expected the same number.`,
        { hint: 'The number of frames may depend on the number of samples only: export it again.' },
      )
    const embeddings = allocate(nSounds * nFrames * this.size, file)
    const timestamps = new Float32Array(nSounds * nFrames)
    for (const [i, { rows, timesMs }] of this.sounds.entries()) {
      timestamps.set(timesMs, i * nFrames)
      let at = i * nFrames * this.size
      for (const part of rows) {
        embeddings.set(part, at)
        at += part.length
      }
    }
    return {
      embeddings: { data: embeddings, dims: [nSounds, nFrames, this.size] },
      timestamps: { data: timestamps, dims: [nSounds, nFrames] },
    }
  }
}

function allocate(length: number, file: string): Float32Array {
  try {
    return new Float32Array(length)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new HearError(
      'model/out-of-memory',
      `"${file}" gives ${length} floats of frame embeddings (${((4 * length) / 2 ** 30).toFixed(1)} GiB), which do not fit into memory.`,
      { hint: 'Embed fewer or shorter clips at once, or use a machine with more memory.', cause },
    )
  }
}

/** The mean of every k-th frame of each sound, from the first on, summed in double precision. */
export class MeanOfFrames {
  private readonly sums: Float64Array
  private seen = 0
  private counted = 0

  /** @param size D, floats in a frame. */
  constructor(
    private readonly size: number,
    private readonly every: number,
    private readonly nSounds: number,
  ) {
    this.sums = new Float64Array(nSounds * size)
  }

  take(kept: KeptFrames): void {
    const { size, every, sums } = this
    // The first frame of this run whose number in the clip is a multiple of `every`.
    const first = (every - (this.seen % every)) % every
    for (let sound = 0; sound < this.nSounds; sound++) {
      const rows = kept.rows(sound)
      for (let frame = first; frame < kept.nFrames; frame += every)
        for (let k = 0; k < size; k++) sums[sound * size + k] += rows[frame * size + k]
    }
    this.counted += Math.max(0, Math.ceil((kept.nFrames - first) / every))
    this.seen += kept.nFrames
  }

  /** float32 [nSounds, D] */
  means(): Float32Array {
    return Float32Array.from(this.sums, (sum) => sum / this.counted)
  }
}
