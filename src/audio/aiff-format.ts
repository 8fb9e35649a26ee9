import { HearError } from '../base/errors.js'
import { convertHint, cutOff, unsupportedEncoding } from './pcm-errors.js'
import type { PcmHeader } from './pcm-header.js'
import { isSupported, type SampleEncoding } from './sample-encoding.js'
import { isUnknownSize } from './wav-format.js'

type Common = Pick<PcmHeader, 'encoding' | 'sampleRate' | 'channels' | 'speakerMask'> & { nFrames: number }

/** What the compression types of AIFF-C say about samples; where no size is given, the common chunk gives it. */
const COMPRESSION: Readonly<Record<string, Partial<SampleEncoding>>> = {
  NONE: { kind: 'int' },
  twos: { kind: 'int' },
  sowt: { kind: 'int', littleEndian: true },
  'raw ': { kind: 'unsigned' },
  in24: { kind: 'int', bytesPerSample: 3 },
  in32: { kind: 'int', bytesPerSample: 4 },
  '42ni': { kind: 'int', bytesPerSample: 4, littleEndian: true },
  fl32: { kind: 'float', bytesPerSample: 4 },
  FL32: { kind: 'float', bytesPerSample: 4 },
  fl64: { kind: 'float', bytesPerSample: 8 },
  FL64: { kind: 'float', bytesPerSample: 8 },
  ulaw: { kind: 'mu-law', bytesPerSample: 1 },
  ULAW: { kind: 'mu-law', bytesPerSample: 1 },
  alaw: { kind: 'A-law', bytesPerSample: 1 },
  ALAW: { kind: 'A-law', bytesPerSample: 1 },
}

/**
 * Reads the chunks of an AIFF or AIFF-C file up to its samples from the beginning of its bytes; undefined when
 * that does not reach as far as the samples. A rate that is not whole is rounded, as ffmpeg does.
 *
 * @param name of the file, for errors.
 * @param isWhole whether there are no further bytes: then too few of them are an error.
 * @throws HearError when the header is cut off or contradicts itself, for compressed samples, samples before their
 *   description, and more than two channels with a chunk that names their speakers.
 * Source: Apple, "Audio Interchange File Format" (1989), and its AIFF-C draft (1991).
 */
export function readAiffHeader(bytes: Uint8Array, name: string, isWhole: boolean): PcmHeader | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isCompressed = buffer.toString('latin1', 8, 12) === 'AIFC'
  let common: Common | undefined
  let namesSpeakers = false
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = buffer.toString('latin1', at, at + 4)
    const size = buffer.readUInt32BE(at + 4)
    const body = at + 8
    if (id === 'SSND') {
      if (common === undefined)
        throw unsupportedEncoding(name, 'aiff', 'its samples before their description')
      if (namesSpeakers && common.channels > 2)
        throw unsupportedEncoding(name, 'aiff', `a layout of speakers for its ${common.channels} channels`)
      if (body + 8 > bytes.length) break
      return soundHeader(common, size, body + 8, buffer.readUInt32BE(body))
    }
    if (body + size > bytes.length && !isWhole) return undefined
    if (body + size > bytes.length)
      throw cutOff(name, 'aiff', `its chunk "${id}" of ${size} bytes is cut off`)
    if (id === 'COMM') common = parseCommon(buffer.subarray(body, body + size), isCompressed, name)
    if (id === 'CHAN') namesSpeakers = true
    at = body + size + (size % 2)
  }
  if (!isWhole) return undefined
  throw cutOff(name, 'aiff', common === undefined ? 'it ends within its header' : 'it has no "SSND" chunk')
}

function soundHeader({ nFrames, ...common }: Common, size: number, body: number, offset: number): PcmHeader {
  const mayEndEarly = isUnknownSize(size)
  const isOpen = size === 0 || size === 0xffffffff
  const promised = nFrames * common.channels * common.encoding.bytesPerSample
  const inChunk = isOpen ? Infinity : Math.max(0, size - 8 - offset)
  // Writers to a pipe leave both numbers at 0.
  const dataBytes = mayEndEarly && nFrames === 0 ? inChunk : Math.min(inChunk, promised)
  return { container: 'aiff', ...common, dataOffset: body + offset, dataBytes, mayEndEarly }
}

function parseCommon(body: Buffer, isCompressed: boolean, name: string): Common {
  if (body.length < (isCompressed ? 22 : 18))
    throw cutOff(name, 'aiff', `its "COMM" chunk has ${body.length} bytes; expected 18 or more`)
  const channels = body.readUInt16BE(0)
  const bits = body.readUInt16BE(6)
  const sampleRate = Math.round(readExtended(body.subarray(8, 18)))
  const type = isCompressed ? body.toString('latin1', 18, 22) : 'NONE'
  const compression = COMPRESSION[type]
  if (compression === undefined) throw unsupportedEncoding(name, 'aiff', `the compression "${type}"`)
  const ofCommon = { kind: 'int', bytesPerSample: Math.ceil(bits / 8), littleEndian: false } as const
  const encoding = { ...ofCommon, ...compression }
  if (!isSupported(encoding)) throw unsupportedEncoding(name, 'aiff', `${bits}-bit samples`)
  if (channels === 0 || !(sampleRate >= 1 && sampleRate <= 0xffffffff))
    throw new HearError(
      'audio/bad-aiff-header',
      `"${name}": the aiff header makes no sense: ${channels} channels at ${sampleRate} Hz.`,
      { hint: convertHint(name) },
    )
  return { encoding, channels, sampleRate, speakerMask: 0, nFrames: body.readUInt32BE(2) }
}

/** An 80-bit IEEE 754 number: sign and 15 bits of exponent, then 64 bits of mantissa with its leading 1 written. */
function readExtended(bytes: Buffer): number {
  const exponent = bytes.readUInt16BE(0)
  return (
    Number(bytes.readBigUInt64BE(2)) * 2 ** ((exponent & 0x7fff) - 16383 - 63) * (exponent & 0x8000 ? -1 : 1)
  )
}
