import { HearError } from '../base/errors.js'

/** The element types that hearkit reads, by numpy's own names. */
export type NpyDtype = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool'

interface DtypeFacts {
  dtype: NpyDtype
  bytes: number
}

/** `descr` strings as numpy writes them on little-endian machines. */
const DESCR: Readonly<Record<string, DtypeFacts>> = {
  '<f4': { dtype: 'float32', bytes: 4 },
  '<f8': { dtype: 'float64', bytes: 8 },
  '<i4': { dtype: 'int32', bytes: 4 },
  '<i8': { dtype: 'int64', bytes: 8 },
  '|u1': { dtype: 'uint8', bytes: 1 },
  '|b1': { dtype: 'bool', bytes: 1 },
}

export interface NpyHeader {
  dtype: NpyDtype
  bytesPerElement: number
  shape: number[]
  /** Number of elements: the product of the shape, 1 for a scalar. */
  length: number
  /** Where the data begins in the file. */
  dataOffset: number
}

/** The bytes to read before `parseNpyHeader` can say how long the header is. */
export const NPY_PREFIX_BYTES = 12

/**
 * The whole length of the header, told from a file's first 12 bytes.
 *
 * @throws HearError when they are not those of an .npy file, or of an unknown version of the format.
 */
export function npyHeaderBytes(prefix: Uint8Array, file: string): number {
  if (
    prefix.length < 10 ||
    prefix[0] !== 0x93 ||
    Buffer.from(prefix.subarray(1, 6)).toString('latin1') !== 'NUMPY'
  )
    throw new HearError(
      'store/not-npy',
      `"${file}" is not an .npy file: expected it to begin with "\\x93NUMPY", found ${quoteBytes(prefix.subarray(0, 6))}.`,
      {
        hint: 'heareval writes its embeddings as raw float32 without a header: convert those with numpy.save, or embed the task again.',
      },
    )
  const major = prefix[6]
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  if (major === 1) return 10 + view.getUint16(8, true)
  if ((major === 2 || major === 3) && prefix.length >= 12) return 12 + view.getUint32(8, true)
  throw new HearError(
    'store/npy-version',
    `"${file}" is in version ${major}.${prefix[7]} of the .npy format; expected 1.0, 2.0 or 3.0.`,
    { hint: 'Write it again with numpy.save.' },
  )
}

/**
 * Reads the header of an .npy file: element type, shape, and where the data begins.
 *
 * @param bytes the first `npyHeaderBytes` bytes of the file.
 * @throws HearError for another element type, big-endian or Fortran-ordered data, or a malformed header.
 * Source: numpy/lib/format.py, versions 1.0 to 3.0 of the format.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const dataOffset = npyHeaderBytes(bytes.subarray(0, NPY_PREFIX_BYTES), file)
  const textStart = bytes[6] === 1 ? 10 : 12
  const text = Buffer.from(bytes.subarray(textStart, dataOffset)).toString('utf8').trim()
  const descr = /'descr':\s*(?:'([^']*)'|(\[.*\]))/.exec(text)
  const order = /'fortran_order':\s*(True|False)/.exec(text)
  const shapeText = /'shape':\s*\(([\d\sL,]*)\)/.exec(text)
  if (descr === null || order === null || shapeText === null || bytes.length < dataOffset)
    throw new HearError(
      'store/npy-header',
      `The header of "${file}" is malformed: expected {'descr': .., 'fortran_order': .., 'shape': (..)}, found ${quote(text)}.`,
      { hint: 'The file may be cut off; write it again with numpy.save.' },
    )
  const facts = DESCR[descr[1]]
  if (facts === undefined)
    throw new HearError(
      'store/npy-dtype',
      `"${file}" holds elements of type ${descr[1] === undefined ? quote(descr[2]) : `'${descr[1]}'`}; expected one of ${Object.keys(DESCR).join(', ')}.`,
      { hint: "Convert it in Python: numpy.save(path, array.astype('<f4'))." },
    )
  const shape = (shapeText[1].match(/\d+/g) ?? []).map(Number)
  if (order[1] === 'True' && shape.length > 1)
    throw new HearError(
      'store/npy-order',
      `"${file}" is stored column by column (Fortran order); expected row by row (C order).`,
      { hint: 'Convert it in Python: numpy.save(path, numpy.ascontiguousarray(array)).' },
    )
  const length = shape.reduce((product, size) => product * size, 1)
  return { dtype: facts.dtype, bytesPerElement: facts.bytes, shape, length, dataOffset }
}

/** Bytes of every header that hearkit writes: a multiple of 64, so that the data is aligned for memory mapping. */
export const NPY_WRITTEN_HEADER_BYTES = 128

/**
 * The header of a float32 [rows, dim] file in C order, format 1.0, always 128 bytes: it can be overwritten in
 * place once the number of rows is known. Layout as numpy writes it, padded with spaces and a newline.
 */
export function formatNpyHeader(rows: number, dim: number): Uint8Array {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`
  const header = Buffer.alloc(NPY_WRITTEN_HEADER_BYTES, ' ')
  header.write('\x93NUMPY\x01\x00', 0, 'latin1')
  header.writeUInt16LE(NPY_WRITTEN_HEADER_BYTES - 10, 8)
  header.write(dict, 10, 'latin1')
  header.write('\n', NPY_WRITTEN_HEADER_BYTES - 1, 'latin1')
  return header
}

function quote(text: string): string {
  return text.length > 120 ? `"${text.slice(0, 120)}..."` : `"${text}"`
}

function quoteBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file'
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
