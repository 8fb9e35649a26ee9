import { ByteReader } from '../../audio/byte-reader.js'
import { type DecodeOptions, decodeMonoPcm, isForFfmpeg, type MonoPcm } from '../../audio/decode-mono-pcm.js'
import { decodeWithFfmpeg, type FfmpegOptions } from './decode-with-ffmpeg.js'

/**
 * Decodes a source recording to mono 16-bit samples at its own rate: by hearkit's decoders, and by an installed ffmpeg
 * for kinds of files that these do not read (AAC, M4A, WebM, WMA, ADPCM...).
 *
 * @param chunks the file's bytes, from any place: closed at the end, and left off early when `maxDurationSec` is reached
 * @throws HearError as decodeMonoPcm and decodeWithFfmpeg do
 */
export async function decodeSource(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions & FfmpegOptions,
): Promise<MonoPcm> {
  const reader = new ByteReader(chunks)
  try {
    return await decodeMonoPcm(reader, options)
  } catch (error) {
    if (!isForFfmpeg(error)) throw error
    return await decodeWithFfmpeg(reader, error as Error, options)
  } finally {
    await reader.close()
  }
}
