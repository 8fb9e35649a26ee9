import { HearError } from '../base/errors.js'
import { convertHint, cutOff, unsupportedEncoding } from './pcm-errors.js'
import type { PcmHeader } from './pcm-header.js'
import type { SampleEncoding } from './sample-encoding.js'

const HEADER_BYTES = 24
const bigEndian = (kind: SampleEncoding['kind'], bytesPerSample: number): SampleEncoding => ({
  kind,
  bytesPerSample,
  littleEndian: false,
})
/** Encodings by the number that the header has for them. */
const ENCODINGS: Readonly<Record<number, SampleEncoding>> = {
  1: bigEndian('mu-law', 1),
  2: bigEndian('int', 1),
  3: bigEndian('int', 2),
  4: bigEndian('int', 3),
  5: bigEndian('int', 4),
  6: bigEndian('float', 4),
  7: bigEndian('float', 8),
  27: bigEndian('A-law', 1),
}

/**
 * Reads the header of a Sun/NeXT au file (the original GTZAN is made of them) from the beginning of its bytes;
 * undefined when that is too short.
 *
 * @param name of the file, for errors.
 * @param isWhole whether there are no further bytes: then too few of them are an error.
 * @throws HearError when the header is cut off or contradicts itself, and for compressed samples.
 * Source: Sun, audio(5) and <audio/au.h>.
 */
export function readAuHeader(bytes: Uint8Array, name: string, isWhole: boolean): PcmHeader | undefined {
  if (bytes.length < HEADER_BYTES && !isWhole) return undefined
  if (bytes.length < HEADER_BYTES) throw cutOff(name, 'au', 'it ends within its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dataOffset = view.getUint32(4)
  const size = view.getUint32(8)
  const encoding = ENCODINGS[view.getUint32(12)]
  const sampleRate = view.getUint32(16)
  const channels = view.getUint32(20)
  if (encoding === undefined) throw unsupportedEncoding(name, 'au', `encoding ${view.getUint32(12)}`)
  if (dataOffset < HEADER_BYTES || sampleRate === 0 || channels === 0 || channels > 0xffff)
    throw new HearError(
      'audio/bad-au-header',
      `"${name}": the au header makes no sense: ${channels} channels at ${sampleRate} Hz, samples from byte ${dataOffset}.`,
      { hint: convertHint(name) },
    )
  const isOpen = size === 0xffffffff
  const dataBytes = isOpen ? Infinity : size
  return {
    container: 'au',
    encoding,
    sampleRate,
    channels,
    speakerMask: 0,
    dataOffset,
    dataBytes,
    mayEndEarly: isOpen,
  }
}
