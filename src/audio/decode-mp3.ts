import { MPEGDecoder } from 'mpg123-decoder'
import { type AudioStream, callDecoder, damaged, interleave, notDecoded, type Warn } from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'
import { framesByTag, type MpegFrame, parseMpegFrame } from './mpeg-frame.js'
import type { Samples } from './sample-encoding.js'

const PIECE_BYTES = 1 << 16
/** Most bytes of tags before the sound, pictures included, and of other bytes before the first frame. */
const MAX_TAG_BYTES = 1 << 24
const MAX_STRAY_BYTES = 1 << 16

/**
 * Opens an MP3 file (MPEG 1, 2 and 2.5, layers I to III). Where its encoder said how many samples it added before
 * and after the sound (a LAME tag), these are left out ("gapless"), so that the length is that of the recording;
 * other files keep them, up to 0.05 s. Both as ffmpeg does, to the sample.
 *
 * @throws HearError for a file without MPEG frames; while decoding, for one that changes its rate, or from mono to
 *   stereo. A file with fewer or more samples than its tag says is decoded, with a warning.
 * Source: decoder mpg123 in mpg123-decoder; within 3e-6 of ffmpeg's samples.
 */
export async function openMp3(reader: ByteReader, name: string, warn: Warn): Promise<AudioStream> {
  const { bytes, at } = await findFirstFrame(reader, name)
  const frame = parseMpegFrame(bytes, at)!
  const nFrames = framesByTag(bytes, at, frame)
  return {
    container: 'mp3',
    codec: `mp${frame.layer}`,
    sampleRate: frame.sampleRate,
    channels: frame.channels,
    speakerMask: 0,
    nFrames,
    blocks: decodeBlocks(reader, frame, nFrames, name, warn),
  }
}

async function* decodeBlocks(
  reader: ByteReader,
  frame: MpegFrame,
  promised: number | undefined,
  name: string,
  warn: Warn,
): AsyncGenerator<Samples> {
  const decoder = new MPEGDecoder()
  await decoder.ready
  try {
    let nFrames = 0
    for (let piece = await reader.takeSome(PIECE_BYTES); piece; piece = await reader.takeSome(PIECE_BYTES)) {
      const bytes = piece
      const { channelData, samplesDecoded, sampleRate } = await callDecoder(name, () => decoder.decode(bytes))
      if (samplesDecoded === 0) continue
      if (sampleRate !== frame.sampleRate)
        throw damaged(
          name,
          `its rate changes from ${frame.sampleRate} to ${sampleRate} Hz at sample ${nFrames}`,
        )
      // The decoder gives mono twice.
      const [left, right] = channelData
      if (frame.channels === 1 && left.some((value, i) => value !== right[i]))
        throw damaged(name, `it changes from mono to stereo after sample ${nFrames}`)
      nFrames += samplesDecoded
      yield interleave(channelData, frame.channels === 1 ? [0] : [0, 1])
    }
    if (promised !== undefined && nFrames !== promised)
      warn(`"${name}" promises ${promised} samples and holds ${nFrames}; it may be cut off or damaged.`)
  } finally {
    decoder.free()
  }
}

/** Skips tags and stray bytes until two frames that belong together follow each other. */
async function findFirstFrame(reader: ByteReader, name: string): Promise<{ bytes: Uint8Array; at: number }> {
  let start = 0
  for (let tag = await reader.peek(10); isId3(tag); tag = (await reader.peek(start + 10)).subarray(start)) {
    // 7 bits of the size in each of 4 bytes; the header and a footer are not counted.
    start +=
      10 +
      tag.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0) +
      (tag[5] & 0x10 ? 10 : 0)
    if (start > MAX_TAG_BYTES) throw notDecoded(name, `an MP3 file with ${start} bytes of tags`)
  }
  const bytes = await reader.peek(start + MAX_STRAY_BYTES)
  for (let at = start; at + 4 <= bytes.length; at++) {
    const frame = parseMpegFrame(bytes, at)
    if (frame === undefined) continue
    const next = parseMpegFrame(bytes, at + frame.nBytes)
    const isLast = at + frame.nBytes >= bytes.length
    if (isLast || (next?.layer === frame.layer && next.sampleRate === frame.sampleRate)) return { bytes, at }
  }
  throw notDecoded(name, `of the kind of an MP3 file by its first bytes, but without MPEG frames`)
}

function isId3(bytes: Uint8Array): boolean {
  return bytes.length === 10 && bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33
}
