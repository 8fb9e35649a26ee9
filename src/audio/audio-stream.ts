import { HearError } from '../base/errors.js'
import type { Samples } from './sample-encoding.js'

/** A sound file that is being decoded: what its header says, and its samples as they come. */
export interface AudioStream {
  /** The kind of file: wav, w64, aiff, au, flac, mp3, ogg. */
  readonly container: string
  /** How the samples are written, by ffmpeg's name: pcm_s16le, flac, mp3, vorbis, opus... */
  readonly codec: string
  /** Hz. */
  readonly sampleRate: number
  readonly channels: number
  /** One bit per speaker, in the order of the channels; 0 when the file does not say. */
  readonly speakerMask: number
  /** Samples per channel that the header promises, where it does. */
  readonly nFrames?: number
  /** Samples of all channels in turn, piece by piece. */
  readonly blocks: AsyncIterable<Samples>
}

/** Takes a sentence about something odd in a file that was decoded all the same. */
export type Warn = (sentence: string) => void

/** Masks of 1 to 8 channels in the order that FLAC prescribes; Vorbis and Opus have the same speakers. */
export const SURROUND_MASKS = [0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f]

/** A compressed file in which something is broken; decoding it would drop or shift sound. */
export function damaged(name: string, what: string, cause?: unknown): HearError {
  return new HearError('audio/damaged', `"${name}" is damaged: ${what}.`, {
    hint: 'Fetch the file again; if that is all there is, ffmpeg -i writes what it can read as a new file.',
    cause,
  })
}

/** A recognised sound file that this program does not decode, but ffmpeg may: `what` completes "it is". */
export function notDecoded(name: string, what: string): HearError {
  return new HearError('audio/unsupported-encoding', `"${name}" is ${what}, which is not decoded here.`, {
    hint: `Convert it: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`,
  })
}

/**
 * Calls a WebAssembly decoder. Whatever it throws at broken input (traps, errors of its parser) becomes one error
 * that names the file.
 */
export async function callDecoder<Result extends { errors: readonly { message: string }[] }>(
  name: string,
  call: () => Result | Promise<Result>,
): Promise<Result> {
  let result: Result
  try {
    result = await call()
  } catch (error) {
    throw damaged(name, 'its decoder stopped', error)
  }
  if (result.errors.length > 0) throw damaged(name, `its decoder says "${result.errors[0].message}"`)
  return result
}

/** Planes of one channel each as samples of all channels in turn; `order` names the plane of each channel. */
export function interleave(planes: readonly Float32Array[], order: readonly number[]): Float32Array {
  if (order.length === 1) return planes[order[0]]
  const samples = new Float32Array(planes[0].length * order.length)
  for (const [channel, plane] of order.entries()) {
    const values = planes[plane]
    for (let i = 0, at = channel; i < values.length; i++, at += order.length) samples[at] = values[i]
  }
  return samples
}
