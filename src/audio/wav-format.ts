import { HearError } from '../base/errors.js'
import { type FileKind, identifyFile } from './identify-file.js'

/** How one sample is written. */
export type WavEncoding = 'int' | 'float' | 'mu-law' | 'A-law'

/** Where a wav file keeps its samples, and how. */
export interface WavFormat {
  readonly encoding: WavEncoding
  readonly sampleRate: number
  readonly channels: number
  readonly bytesPerSample: number
  readonly littleEndian: boolean
  /** Byte at which the samples begin. */
  readonly dataOffset: number
  /** Samples per channel; whole ones that are really there. */
  readonly nFrames: number
}

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
const SUPPORTED: Readonly<Record<WavEncoding, readonly number[]>> = {
  int: [1, 2, 3, 4],
  float: [4, 8],
  'mu-law': [1],
  'A-law': [1],
}
/**
 * Sizes that programs write into a data chunk when they do not know it yet: 0 (never filled in), 0xffffffff
 * (ffmpeg) and 0x7ffff000 and above (sox).
 */
const isUnknownSize = (size: number): boolean => size === 0 || size >= 0x7ffff000

/**
 * Reads the chunks of a wav file (RIFF, RIFX, RF64, BW64) up to its samples. Chunks of odd length may or may
 * not be padded; a data chunk of unknown size reaches to the end of the file.
 *
 * @param name of the file, for errors.
 * @throws HearError when the bytes are not a wav file (with what they seem to be), when the header or the data
 *   is cut off, when there are no samples, and for encodings other than integer PCM, float and G.711.
 * Source: Microsoft, "Multiple channel audio data and WAVE files" (2001); EBU Tech 3306 (RF64).
 */
export function parseWavFormat(bytes: Uint8Array, name: string): WavFormat {
  const found = identifyFile(bytes)
  if (found.kind !== 'wav') throw notWav(name, found)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const littleEndian = text(view, 0) !== 'RIFX'
  let format: ReturnType<typeof parseFormatChunk> | undefined
  let longDataBytes: number | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = text(view, at)
    const size = view.getUint32(at + 4, littleEndian)
    const body = at + 8
    if (id === 'data') {
      if (format === undefined) throw cutOff(name, 'its data comes before its format (no "fmt " chunk)')
      const declared = longDataBytes !== undefined && size === 0xffffffff ? longDataBytes : size
      const data = dataBytes(view, body, declared, littleEndian, name)
      const nFrames = Math.floor(data / (format.bytesPerSample * format.channels))
      if (nFrames === 0) throw noSamples(name)
      return { ...format, littleEndian, dataOffset: body, nFrames }
    }
    if (body + size > bytes.length) throw cutOff(name, `its chunk "${id}" of ${size} bytes is cut off`)
    if (id === 'fmt ') format = parseFormatChunk(view, body, size, littleEndian, name)
    if (id === 'ds64' && size >= 16) longDataBytes = Number(view.getBigUint64(body + 8, littleEndian))
    at = afterChunk(view, body + size, size)
  }
  throw cutOff(name, format === undefined ? 'it ends within its header' : 'it has no "data" chunk')
}

function parseFormatChunk(view: DataView, at: number, size: number, littleEndian: boolean, name: string) {
  if (size < 16) throw cutOff(name, `its format chunk has ${size} bytes; expected 16 or more`)
  let tag = view.getUint16(at, littleEndian)
  // The first two bytes of the sub-format's GUID are the tag that the plain header would have had.
  if (tag === EXTENSIBLE && size >= 26) tag = view.getUint16(at + 24, littleEndian)
  const channels = view.getUint16(at + 2, littleEndian)
  const sampleRate = view.getUint32(at + 4, littleEndian)
  const frameBytes = view.getUint16(at + 12, littleEndian)
  const bits = view.getUint16(at + 14, littleEndian)
  const encoding = encodingOf(tag, name)
  const bytesPerSample = Math.ceil(bits / 8)
  if (channels === 0 || sampleRate === 0 || frameBytes !== channels * bytesPerSample)
    throw new HearError(
      'audio/bad-wav-header',
      `"${name}": the wav header contradicts itself: ${channels} channels of ${bits} bits at ${sampleRate} Hz in frames of ${frameBytes} bytes.`,
      { hint: convertHint(name) },
    )
  if (!SUPPORTED[encoding].includes(bytesPerSample))
    throw unsupported(name, `${bits}-bit ${encoding === 'int' ? 'integer' : encoding} samples`)
  return { encoding, sampleRate, channels, bytesPerSample }
}

function encodingOf(tag: number, name: string): WavEncoding {
  if (tag === PCM) return 'int'
  if (tag === FLOAT) return 'float'
  if (tag === MU_LAW) return 'mu-law'
  if (tag === A_LAW) return 'A-law'
  throw unsupported(name, OTHER_TAGS[tag] ?? `format tag 0x${tag.toString(16).padStart(4, '0')}`)
}

/** Bytes of samples from `at` on. */
function dataBytes(
  view: DataView,
  at: number,
  declared: number,
  littleEndian: boolean,
  name: string,
): number {
  const rest = view.byteLength - at
  if (declared === 0 && isChunkChain(view, at, littleEndian)) return 0
  if (isUnknownSize(declared)) return rest
  if (declared <= rest) return declared
  throw new HearError(
    'audio/truncated',
    `"${name}" is cut off: its header promises ${declared} bytes of samples, the file holds ${rest}.`,
    {
      hint: 'Fetch or write the file again; if that is all there is, ffmpeg -i writes what remains as a whole file.',
    },
  )
}

/** Whether the rest of the file is chunks, to the byte: then a data size of 0 means that there is no data. */
function isChunkChain(view: DataView, start: number, littleEndian: boolean): boolean {
  let at = start
  while (at + 8 <= view.byteLength && /^[ -~]{4}$/.test(text(view, at))) {
    const size = view.getUint32(at + 4, littleEndian)
    at += 8 + size + (size & 1)
  }
  return at === view.byteLength
}

/** Odd chunks are padded by one byte, except by writers that forget it. */
function afterChunk(view: DataView, end: number, size: number): number {
  if (size % 2 === 0) return end
  const unpadded = end + 4 <= view.byteLength && ['fmt ', 'data'].includes(text(view, end))
  return unpadded ? end : end + 1
}

function text(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)))
}

const convertHint = (name: string): string => `Convert it: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`

function notWav(name: string, { kind, name: kindName }: FileKind): HearError {
  const neverArrived = ['html', 'text', 'lfs', 'empty'].includes(kind)
  const hint = neverArrived
    ? 'Fetch the file again.'
    : `Give it the name ending of its kind, or convert it: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`
  return new HearError('audio/not-wav', `"${name}" is not a wav file; it is ${kindName}.`, { hint })
}

function cutOff(name: string, what: string): HearError {
  return new HearError('audio/truncated', `"${name}" is a damaged wav file: ${what}.`, {
    hint: 'Fetch or write the file again.',
  })
}

function noSamples(name: string): HearError {
  return new HearError('audio/no-samples', `"${name}" is a wav file without samples.`, {
    hint: 'Leave it out of the task, or replace it by a recording that has sound.',
  })
}

function unsupported(name: string, what: string): HearError {
  return new HearError(
    'audio/unsupported-encoding',
    `"${name}" holds ${what}; wav files are read with integer (8, 16, 24, 32 bits), float (32, 64 bits), mu-law or A-law samples.`,
    { hint: convertHint(name) },
  )
}
