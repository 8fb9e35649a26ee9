import { FLACDecoder } from '@wasm-audio-decoders/flac'
import {
  type AudioStream,
  callDecoder,
  damaged,
  notDecoded,
  SURROUND_MASKS,
  type Warn,
} from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'
import type { Samples } from './sample-encoding.js'

/** Up to the end of the first metadata block, which every file must have: STREAMINFO. */
const STREAM_INFO_BYTES = 42
/**
 * Fed in pieces this small because each may become very much larger: a frame of silence has some 13 bytes and up
 * to 65535 samples per channel, so that one piece becomes at most 160 of them.
 */
const PIECE_BYTES = 2048
/**
 * The header of a frame (4096 samples, 44100 Hz, mono, 16 bits, number 0, CRC-8) and room behind it. The decoder finds
 * the end of a frame by the header of the next one, so the last frame needs one too: its flush() is a search for the end
 * that gives up on some last bytes (codec-parser 2.5.0; 36 of 805 honest recordings).
 */
const END_MARK = Uint8Array.of(0xff, 0xf8, 0xc9, 0x08, 0x00, 0x95, ...new Uint8Array(64))
/** Types of metadata blocks. */
const STREAM_INFO = 0
const COMMENTS = 4

interface StreamInfo {
  readonly sampleRate: number
  readonly channels: number
  readonly bits: number
  /** 0 when the encoder did not know. */
  readonly nFrames: number
}

/**
 * Opens a FLAC file of 4 to 24 bits per sample. The samples are the integers of the file, exactly: 16-bit numbers
 * for up to 16 bits, else 32-bit ones, shifted up to full scale.
 *
 * @throws HearError for a header that is cut off, more than 24 bits; while decoding, for a file with fewer samples
 *   than its header says (its decoder drops frames whose checksum is wrong without a word).
 * Source: RFC 9639; decoder libFLAC in @wasm-audio-decoders/flac.
 */
export async function openFlac(reader: ByteReader, name: string, warn: Warn): Promise<AudioStream> {
  const start = await reader.peek(STREAM_INFO_BYTES)
  if (start.length < STREAM_INFO_BYTES) throw damaged(name, 'it ends within its header')
  const info = parseStreamInfo(start)
  if ((start[4] & 0x7f) !== STREAM_INFO || info.sampleRate === 0)
    throw damaged(name, 'its header makes no sense')
  if (info.bits > 24) throw notDecoded(name, `a FLAC file of ${info.bits} bits`)
  const named = await skipMetadata(reader, name)
  return {
    container: 'flac',
    codec: 'flac',
    sampleRate: info.sampleRate,
    channels: info.channels,
    speakerMask: named ?? SURROUND_MASKS[info.channels - 1],
    nFrames: info.nFrames || undefined,
    blocks: decodeBlocks(reader, start, info, name, warn),
  }
}

async function* decodeBlocks(
  reader: ByteReader,
  start: Uint8Array,
  info: StreamInfo,
  name: string,
  warn: Warn,
): AsyncGenerator<Samples> {
  const decoder = new FLACDecoder()
  await decoder.ready
  try {
    // The decoder gets the first metadata block as if it were the only one: it copies blocks again with every piece.
    const header = Uint8Array.from(start)
    header[4] |= 0x80
    await callDecoder(name, () => decoder.decode(header))
    let nFrames = 0
    for (let hasEnded = false; !hasEnded; ) {
      const piece = await reader.takeSome(PIECE_BYTES)
      hasEnded = piece === undefined
      const decoded = await callDecoder(name, () => decoder.decode(piece ?? END_MARK))
      if (decoded.samplesDecoded === 0) continue
      const { sampleRate, channelData, bitDepth } = decoded
      if (sampleRate !== info.sampleRate || channelData.length !== info.channels || bitDepth !== info.bits)
        throw damaged(name, 'its frames are not of the format that its header names')
      nFrames += decoded.samplesDecoded
      yield toIntegers(channelData, info.bits)
    }
    if (info.nFrames === 0) warn(`"${name}" does not say how long it is; missing parts would go unnoticed.`)
    else if (nFrames !== info.nFrames)
      throw damaged(name, `its header promises ${info.nFrames} samples, ${nFrames} could be decoded`)
  } finally {
    decoder.free()
  }
}

/** The decoder divides integers of n bits by 2^(n - 1) - 1; up to 24 bits single precision brings them back. */
function toIntegers(planes: readonly Float32Array[], bits: number): Samples {
  const nFrames = planes[0].length
  const samples = new (bits <= 16 ? Int16Array : Int32Array)(nFrames * planes.length)
  const divisor = 2 ** (bits - 1) - 1
  const toFullScale = 2 ** ((bits <= 16 ? 16 : 32) - bits)
  for (const [channel, plane] of planes.entries())
    for (let i = 0, at = channel; i < nFrames; i++, at += planes.length)
      samples[at] = Math.round(plane[i] * divisor) * toFullScale
  return samples
}

function parseStreamInfo(start: Uint8Array): StreamInfo {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  // 20 bits of rate, 3 of channels, 5 of bits per sample, 36 of samples; channels and bits are written less 1.
  const packed = view.getUint32(18)
  return {
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    nFrames: (packed & 15) * 2 ** 32 + view.getUint32(22),
  }
}

/** Takes all metadata; the layout of the speakers, where a comment of the encoder names one. */
async function skipMetadata(reader: ByteReader, name: string): Promise<number | undefined> {
  let mask: number | undefined
  await reader.take('fLaC'.length)
  for (let isLast = false; !isLast; ) {
    const header = await reader.take(4)
    if (header.length < 4) throw damaged(name, 'it ends within its metadata')
    isLast = (header[0] & 0x80) !== 0
    let left = (header[1] << 16) + (header[2] << 8) + header[3]
    if ((header[0] & 0x7f) === COMMENTS) {
      const comments = await reader.take(left)
      const text = Buffer.from(comments).toString('latin1')
      const named = /WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x([0-9a-f]{1,8})/i.exec(text)?.[1]
      if (named !== undefined) mask = Number.parseInt(named, 16)
      left -= comments.length
    }
    while (left > 0) {
      const skipped = await reader.takeSome(left)
      if (skipped === undefined) throw damaged(name, 'it ends within its metadata')
      left -= skipped.length
    }
  }
  return mask
}
