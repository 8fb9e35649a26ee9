/** What the header of an MPEG audio frame says. */
export interface MpegFrame {
  readonly layer: 1 | 2 | 3
  readonly sampleRate: number
  readonly channels: 1 | 2
  /** The header's 4 bytes included. */
  readonly nBytes: number
  /** Samples per channel. */
  readonly nFrames: number
  /** Byte within the frame at which layer III has its sound, or a Xing tag in its place. */
  readonly tagOffset: number
}

/** kbit/s by the number in the header: MPEG 1 layers I, II, III, then MPEG 2 and 2.5 layers I, and II and III. */
const BIT_RATES = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
]
const SAMPLE_RATES = [44100, 48000, 32000]

/** Reads the frame header at a byte; undefined where there is none, or one without a bit rate ("free format"). */
export function parseMpegFrame(bytes: Uint8Array, at: number): MpegFrame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined
  const version = (bytes[at + 1] >> 3) & 3 // 0: MPEG 2.5, 1: reserved, 2: MPEG 2, 3: MPEG 1
  const layer = (4 - ((bytes[at + 1] >> 1) & 3)) as 1 | 2 | 3 | 4
  const rateIndex = (bytes[at + 2] >> 2) & 3
  if (version === 1 || layer === 4 || rateIndex === 3) return undefined
  const isMpeg1 = version === 3
  const bitRate = 1000 * (BIT_RATES[isMpeg1 ? layer - 1 : layer === 1 ? 3 : 4][bytes[at + 2] >> 4] ?? 0)
  if (bitRate === 0) return undefined
  const sampleRate = SAMPLE_RATES[rateIndex] / [4, 1, 2, 1][version]
  const padding = (bytes[at + 2] >> 1) & 1
  const nFrames = layer === 1 ? 384 : layer === 3 && !isMpeg1 ? 576 : 1152
  const nBytes =
    layer === 1
      ? 4 * (Math.floor((12 * bitRate) / sampleRate) + padding)
      : Math.floor(((nFrames / 8) * bitRate) / sampleRate) + padding
  const channels = bytes[at + 3] >> 6 === 3 ? 1 : 2
  const sideBytes = isMpeg1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17
  return { layer, sampleRate, channels, nBytes, nFrames, tagOffset: 4 + sideBytes }
}

/**
 * Samples per channel of a whole file by the tag that Xing, LAME and ffmpeg write into the first frame, without what
 * the encoder added before and after; undefined when there is no such tag, or it does not say.
 * Source: the tag as LAME documents it (Mp3 info tag rev 1).
 */
export function framesByTag(bytes: Uint8Array, at: number, frame: MpegFrame): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = at + frame.tagOffset
  if (tag + 12 > bytes.length || !['Xing', 'Info'].includes(buffer.toString('latin1', tag, tag + 4)))
    return undefined
  const flags = buffer.readUInt32BE(tag + 4)
  if ((flags & 1) === 0) return undefined
  const nFrames = buffer.readUInt32BE(tag + 8) * frame.nFrames
  const encoder = tag + 12 + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0)
  if (encoder + 24 > bytes.length || !/^(LAME|Lav[cf])/.test(buffer.toString('latin1', encoder, encoder + 4)))
    return nFrames
  // 12 bits each of samples added before and after, 21 bytes into the encoder's part.
  const added = buffer.readUIntBE(encoder + 21, 3)
  return Math.max(0, nFrames - (added >> 12) - (added & 0xfff))
}
