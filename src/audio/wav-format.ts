import { HearError } from '../base/errors.js'
import { type FileKind, identifyFile } from './identify-file.js'
import { cutOff, noSamples } from './pcm-errors.js'
import type { PcmHeader } from './pcm-header.js'
import { parseFormatChunk } from './wav-format-chunk.js'

/** Where a whole wav file keeps its samples, and how. */
export interface WavFormat extends PcmHeader {
  /** Samples per channel; whole ones that are really there. */
  readonly nFrames: number
}

/**
 * Sizes that programs write into a data chunk when they do not know it yet: 0 (never filled in), 0xffffffff
 * (ffmpeg) and 0x7ffff000 and above (sox).
 */
export const isUnknownSize = (size: number): boolean => size === 0 || size >= 0x7ffff000

/**
 * Reads the chunks of a whole wav file (RIFF, RIFX, RF64, BW64) up to its samples. Chunks of odd length may or may
 * not be padded; a data chunk of unknown size reaches to the end of the file.
 *
 * @param name of the file, for errors.
 * @throws HearError as readWavHeader does, and when the data is cut off or there are no samples.
 */
export function parseWavFormat(bytes: Uint8Array, name: string): WavFormat {
  const header = readWavHeader(bytes, name, true)!
  const rest = bytes.length - header.dataOffset
  let nBytes = Math.min(header.dataBytes, rest)
  if (
    header.dataBytes === 0 &&
    !isChunkChain(bytes.subarray(header.dataOffset), header.encoding.littleEndian)
  )
    nBytes = rest
  if (header.dataBytes > rest && !header.mayEndEarly)
    throw new HearError(
      'audio/truncated',
      `"${name}" is cut off: its header promises ${header.dataBytes} bytes of samples, the file holds ${rest}.`,
      {
        hint: 'Fetch or write the file again; if that is all there is, ffmpeg -i writes what remains as a whole file.',
      },
    )
  const nFrames = Math.floor(nBytes / (header.encoding.bytesPerSample * header.channels))
  if (nFrames === 0) throw noSamples(name, 'wav')
  return { ...header, nFrames }
}

/**
 * Reads the chunks of a wav file (RIFF, RIFX, RF64, BW64) up to its samples from the beginning of its bytes;
 * undefined when that does not reach as far as the samples.
 *
 * @param name of the file, for errors.
 * @param isWhole whether there are no further bytes: then too few of them are an error.
 * @throws HearError when the bytes are not a wav file (with what they seem to be), when the header is cut off, and
 *   for encodings other than integer PCM, float and G.711.
 * Source: Microsoft, "Multiple channel audio data and WAVE files" (2001); EBU Tech 3306 (RF64).
 */
export function readWavHeader(bytes: Uint8Array, name: string, isWhole: boolean): PcmHeader | undefined {
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
      if (format === undefined)
        throw cutOff(name, 'wav', 'its data comes before its format (no "fmt " chunk)')
      // ffmpeg and sox leave the long size of RF64, too, at 0 or at its largest value when they write to a pipe.
      const isLong = longDataBytes !== undefined && size === 0xffffffff
      const isOpen = isLong ? !Number.isSafeInteger(longDataBytes) : size === 0xffffffff
      const dataBytes = isOpen ? Infinity : isLong ? longDataBytes! : size
      const mayEndEarly = isOpen || dataBytes === 0 || (!isLong && isUnknownSize(size))
      return { container: 'wav', ...format, dataOffset: body, dataBytes, mayEndEarly }
    }
    if (body + size + 4 > bytes.length && !isWhole) return undefined
    if (body + size > bytes.length) throw cutOff(name, 'wav', `its chunk "${id}" of ${size} bytes is cut off`)
    if (id === 'fmt ') format = parseFormatChunk(view, body, size, littleEndian, name)
    if (id === 'ds64' && size >= 16) longDataBytes = Number(view.getBigUint64(body + 8, littleEndian))
    at = afterChunk(view, body + size, size)
  }
  if (!isWhole) return undefined
  throw cutOff(name, 'wav', format === undefined ? 'it ends within its header' : 'it has no "data" chunk')
}

/** Whether what follows a data chunk of size 0 is chunks, to the byte: then there is no data. */
export function isChunkChain(rest: Uint8Array, littleEndian: boolean): boolean {
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
  let at = 0
  while (at + 8 <= rest.length && /^[ -~]{4}$/.test(text(view, at))) {
    const size = view.getUint32(at + 4, littleEndian)
    at += 8 + size + (size & 1)
  }
  return at === rest.length
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

function notWav(name: string, { kind, name: kindName }: FileKind): HearError {
  const neverArrived = ['html', 'text', 'lfs', 'empty'].includes(kind)
  const hint = neverArrived
    ? 'Fetch the file again.'
    : `Give it the name ending of its kind, or convert it: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`
  return new HearError('audio/not-wav', `"${name}" is not a wav file; it is ${kindName}.`, { hint })
}
