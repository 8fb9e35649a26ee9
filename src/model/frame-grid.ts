/** Where the frames of a sound lie. */
export interface FrameGrid {
  /** int32 [nFrames], the sample at the centre of each frame; a frame begins floor(frameSize / 2) before it. */
  readonly centres: Int32Array
  /** float32 [nFrames], the centres in milliseconds. */
  readonly timestampsMs: Float32Array
}

/**
 * Frames every hopMs over a sound padded with half a frame of zeros on both sides. Frame i is centred at
 * round(i * hopMs * sampleRate / 1000) (half to even), and frames go on while they fit into the padded sound,
 * whatever their size; the first is always there, also for a sound without samples.
 *
 * @throws RangeError when the hop is not positive.
 * Source: hear-baseline 2021.1.1 (fca0bfc), hearbaseline/util.py, frame_audio. *Differs*: nothing.
 */
export function frameGrid(nSamples: number, hopMs: number, sampleRate: number): FrameGrid {
  const hopSamples = (hopMs / 1000) * sampleRate
  if (!(hopSamples > 0)) throw new RangeError(`expected a positive hop, got ${hopMs} ms at ${sampleRate} Hz`)
  const centres = [0]
  const timestampsMs = [0]
  for (let frame = 1; ; frame++) {
    const centre = roundHalfToEven(frame * hopSamples)
    // The padding is one frame in all: a frame that begins at `centre` of the padded sound ends within it as
    // long as centre + frameSize <= nSamples + frameSize.
    if (centre > nSamples) break
    centres.push(centre)
    timestampsMs.push(((frame * hopSamples) / sampleRate) * 1000)
  }
  return { centres: Int32Array.from(centres), timestampsMs: Float32Array.from(timestampsMs) }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  const fraction = value - floor
  if (fraction !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
