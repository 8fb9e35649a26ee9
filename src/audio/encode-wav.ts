import { HearError } from '../base/errors.js'

const HEADER_BYTES = 44
/** A RIFF size is an unsigned 32-bit number, and counts everything after its own 8 bytes. */
const MAX_DATA_BYTES = 0xffffffff - (HEADER_BYTES - 8)

/**
 * A mono 16-bit PCM wav file of the samples: a 44-byte RIFF header, then little-endian integers.
 *
 * Sample x becomes x * 32768 rounded half to even and clamped to [-32768, 32767], as ffmpeg writes float
 * input, so reading back x / 32768 is at most 1/65536 away, or 1/32768 at +1. No samples is a valid file
 * without data.
 * @param samples mono, [-1, 1]; values beyond are clamped
 * @param sampleRate Hz, a whole number
 * @throws HearError for NaN or infinite samples, a rate that is not a positive whole number, and audio too
 *   long for a RIFF header (2^31 samples)
 */
export function encodeWavPcm16(samples: Float32Array, sampleRate: number): Uint8Array<ArrayBuffer> {
  const header = wavHeader(samples.length, sampleRate)
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length)
  bytes.set(header)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < samples.length; i++) {
    const scaled = samples[i] * 32768
    if (!Number.isFinite(scaled))
      throw new HearError(
        'audio/not-finite',
        `Samples of a wav file must be finite; sample ${i} of ${samples.length} is ${samples[i]}.`,
        { hint: 'Look for a division by zero where the audio was made.' },
      )
    view.setInt16(HEADER_BYTES + 2 * i, Math.max(-32768, Math.min(32767, roundHalfEven(scaled))), true)
  }
  return bytes
}

/**
 * The 44 bytes that begin a mono 16-bit PCM wav file; its little-endian samples follow.
 * @param sampleRate Hz, a whole number
 * @throws HearError for a rate that is not a positive whole number, and audio too long for a RIFF header
 */
export function wavHeader(nSamples: number, sampleRate: number): Uint8Array<ArrayBuffer> {
  // Bytes per second, twice the rate, must fit in 32 bits.
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > 0x7fffffff)
    throw new HearError(
      'audio/bad-sample-rate',
      `A wav file needs a whole sample rate in Hz between 1 and ${0x7fffffff}; found ${sampleRate}.`,
      { hint: 'Give the rate in Hz, such as 44100.' },
    )
  const dataBytes = nSamples * 2
  if (dataBytes > MAX_DATA_BYTES)
    throw new HearError(
      'audio/too-long-for-wav',
      `A 16-bit wav file holds at most ${MAX_DATA_BYTES / 2} samples; found ${nSamples}.`,
      { hint: 'Cut the audio into shorter clips.' },
    )
  const bytes = new Uint8Array(HEADER_BYTES)
  writeHeader(new DataView(bytes.buffer), sampleRate, dataBytes)
  return bytes
}

function writeHeader(view: DataView, sampleRate: number, dataBytes: number): void {
  writeAscii(view, 0, 'RIFF')
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true)
  writeAscii(view, 8, 'WAVEfmt ')
  view.setUint32(16, 16, true) // bytes of the format chunk
  view.setUint16(20, 1, true) // integer PCM
  view.setUint16(22, 1, true) // channels
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * 2, true) // bytes per second
  view.setUint16(32, 2, true) // bytes per sample of all channels
  view.setUint16(34, 16, true) // bits per sample
  writeAscii(view, 36, 'data')
  view.setUint32(40, dataBytes, true)
}

function writeAscii(view: DataView, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) view.setUint8(offset + i, text.charCodeAt(i))
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const fraction = value - floor
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
