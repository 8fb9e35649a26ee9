import { HearError } from '../base/errors.js'
import { convertHint, cutOff, unsupportedEncoding } from './pcm-errors.js'
import type { PcmHeader } from './pcm-header.js'
import { isSupported, type SampleEncoding } from './sample-encoding.js'

/** Format tags of WAVE (mmreg.h). */
const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const EXTENSIBLE = 0xfffe
const OTHER_TAGS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  34: 'TrueSpeech',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  80: 'MPEG audio',
  85: 'MP3',
  255: 'AAC',
  353: 'Windows Media Audio',
}

/**
 * Reads the body of a format chunk (WAVEFORMAT, WAVEFORMATEX, WAVEFORMATEXTENSIBLE) of wav and Wave64 files.
 *
 * @throws HearError when it is too short or contradicts itself, and for encodings other than integer PCM, float and
 *   G.711.
 */
export function parseFormatChunk(
  view: DataView,
  at: number,
  size: number,
  littleEndian: boolean,
  name: string,
): Pick<PcmHeader, 'encoding' | 'sampleRate' | 'channels' | 'speakerMask'> {
  if (size < 16) throw cutOff(name, 'wav', `its format chunk has ${size} bytes; expected 16 or more`)
  let tag = view.getUint16(at, littleEndian)
  const isExtensible = tag === EXTENSIBLE && size >= 26
  // The first two bytes of the sub-format's GUID are the tag that the plain header would have had.
  if (isExtensible) tag = view.getUint16(at + 24, littleEndian)
  const speakerMask = isExtensible ? view.getUint32(at + 20, littleEndian) : 0
  const channels = view.getUint16(at + 2, littleEndian)
  const sampleRate = view.getUint32(at + 4, littleEndian)
  const frameBytes = view.getUint16(at + 12, littleEndian)
  const bits = view.getUint16(at + 14, littleEndian)
  const kind = encodingOf(tag, name)
  const bytesPerSample = Math.ceil(bits / 8)
  if (channels === 0 || sampleRate === 0 || frameBytes !== channels * bytesPerSample)
    throw new HearError(
      'audio/bad-wav-header',
      `"${name}": the wav header contradicts itself: ${channels} channels of ${bits} bits at ${sampleRate} Hz in frames of ${frameBytes} bytes.`,
      { hint: convertHint(name) },
    )
  const isByte = kind === 'int' && bytesPerSample === 1
  const encoding = { kind: isByte ? 'unsigned' : kind, bytesPerSample, littleEndian } as const
  if (!isSupported(encoding))
    throw unsupportedEncoding(name, 'wav', `${bits}-bit ${kind === 'int' ? 'integer' : kind} samples`)
  return { encoding, sampleRate, channels, speakerMask }
}

function encodingOf(tag: number, name: string): SampleEncoding['kind'] {
  if (tag === PCM) return 'int'
  if (tag === FLOAT) return 'float'
  if (tag === MU_LAW) return 'mu-law'
  if (tag === A_LAW) return 'A-law'
  throw unsupportedEncoding(
    name,
    'wav',
    OTHER_TAGS[tag] ?? `format tag 0x${tag.toString(16).padStart(4, '0')}`,
  )
}
