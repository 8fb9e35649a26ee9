import { aLawTable, muLawTable } from './g711.js'

/** How an uncompressed file writes one sample. */
export interface SampleEncoding {
  readonly kind: 'int' | 'unsigned' | 'float' | 'mu-law' | 'A-law'
  readonly bytesPerSample: number
  readonly littleEndian: boolean
}

/**
 * Samples of all channels in turn. The type of the array says what its numbers mean: 16 and 32-bit integers of
 * which the most negative is -1, or floats and doubles as they are. Encodings of 8 bits and G.711 become 16-bit
 * integers, those of 24 bits become 32-bit ones whose lowest 8 bits are zero; nothing is rounded. These are also
 * the four sample formats that ffmpeg gives such files, which is what makes its mix to mono reproducible.
 */
export type Samples = Int16Array | Int32Array | Float32Array | Float64Array

/** What the number 1 of an array of samples is worth: 2^-15, 2^-31, or 1 for floats. */
export function unitOf(samples: Samples): number {
  if (samples instanceof Int16Array) return 2 ** -15
  return samples instanceof Int32Array ? 2 ** -31 : 1
}

/** Whether encodings of this size exist: integers of 1 to 4 bytes, floats of 4 and 8, G.711 of 1. */
export function isSupported({ kind, bytesPerSample }: SampleEncoding): boolean {
  if (kind === 'int') return bytesPerSample >= 1 && bytesPerSample <= 4
  if (kind === 'float') return bytesPerSample === 4 || bytesPerSample === 8
  return bytesPerSample === 1
}

/** The encoding by the name that ffmpeg has for it, e.g. `pcm_s16le`, `pcm_u8`, `pcm_alaw`. */
export function codecName({ kind, bytesPerSample, littleEndian }: SampleEncoding): string {
  if (kind === 'mu-law') return 'pcm_mulaw'
  if (kind === 'A-law') return 'pcm_alaw'
  const letter = kind === 'float' ? 'f' : kind === 'unsigned' ? 'u' : 's'
  const order = bytesPerSample === 1 ? '' : littleEndian ? 'le' : 'be'
  return `pcm_${letter}${8 * bytesPerSample}${order}`
}

/**
 * Reads the samples out of bytes, a whole number of them; the result may share memory with `data`. Throws nothing:
 * the encoding is one that isSupported accepts.
 */
export function readSamples(data: Uint8Array, encoding: SampleEncoding): Samples {
  const { kind, bytesPerSample, littleEndian } = encoding
  if (bytesPerSample === 1) return lookUp(data, tableOf(kind))
  if (bytesPerSample === 3) return read24(data, littleEndian)
  const aligned = inOrder(data, bytesPerSample, littleEndian)
  const view = [aligned.buffer, aligned.byteOffset, data.length / bytesPerSample] as const
  if (bytesPerSample === 2) return new Int16Array(...view)
  if (kind === 'int') return new Int32Array(...view)
  return bytesPerSample === 4 ? new Float32Array(...view) : new Float64Array(...view)
}

/** The data, aligned for a typed array and in the machine's byte order (little endian wherever Node runs). */
function inOrder(data: Uint8Array, bytesPerSample: number, littleEndian: boolean): Uint8Array {
  if (littleEndian && data.byteOffset % bytesPerSample === 0) return data
  // Not data.slice(): on a Buffer that is a view, not a copy.
  const copy = new Uint8Array(data)
  if (littleEndian) return copy
  const buffer = Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength)
  if (bytesPerSample === 2) return buffer.swap16()
  return bytesPerSample === 4 ? buffer.swap32() : buffer.swap64()
}

function lookUp(data: Uint8Array, table: Int16Array): Int16Array {
  const values = new Int16Array(data.length)
  for (let i = 0; i < data.length; i++) values[i] = table[data[i]]
  return values
}

/** The 16-bit number of each byte. */
function tableOf(kind: SampleEncoding['kind']): Int16Array {
  if (kind === 'mu-law') return muLawTable()
  if (kind === 'A-law') return aLawTable()
  return Int16Array.from({ length: 256 }, (_, code) => (kind === 'unsigned' ? code - 128 : code) << 8)
}

function read24(data: Uint8Array, littleEndian: boolean): Int32Array {
  const values = new Int32Array(data.length / 3)
  const [low, high] = littleEndian ? [0, 2] : [2, 0]
  for (let i = 0, at = 0; i < values.length; i++, at += 3)
    values[i] = (data[at + high] << 24) | (data[at + 1] << 16) | (data[at + low] << 8)
  return values
}
