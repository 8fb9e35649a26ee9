import { type FileHandle, open } from 'node:fs/promises'
import { HearError } from '../base/errors.js'
import { withFileErrors } from './file-errors.js'
import {
  NPY_PREFIX_BYTES,
  type NpyDtype,
  type NpyHeader,
  npyHeaderBytes,
  parseNpyHeader,
} from './npy-header.js'

/** Bytes per read: far below the 2 GiB that Node reads at once, large enough to run at the disk's speed. */
const CHUNK_BYTES = 64 * 2 ** 20

/** An array as numpy stores it: C order, little endian; `bool` is 0 or 1. */
export type NpyArray =
  | { dtype: 'float32'; shape: number[]; data: Float32Array }
  | { dtype: 'float64'; shape: number[]; data: Float64Array }
  | { dtype: 'int32'; shape: number[]; data: Int32Array }
  | { dtype: 'int64'; shape: number[]; data: BigInt64Array }
  | { dtype: 'uint8' | 'bool'; shape: number[]; data: Uint8Array }

export interface Float32Npy {
  /** Over a SharedArrayBuffer, so that workers read it without a copy. */
  data: Float32Array<SharedArrayBuffer>
  shape: number[]
}

/**
 * Reads a whole .npy file (formats 1.0 to 3.0; float32, float64, int32, int64, uint8, bool).
 *
 * @throws HearError naming the file when it is missing, not .npy, of another type or order, cut off, or longer
 * than its header says.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  return withNpy(path, async (handle, header) => {
    const { dtype, shape } = header
    const buffer = allocate(() => new ArrayBuffer(header.length * header.bytesPerElement), path, header)
    await fill(handle, header, new Uint8Array(buffer), path)
    if (dtype === 'float32') return { dtype, shape, data: new Float32Array(buffer) }
    if (dtype === 'float64') return { dtype, shape, data: new Float64Array(buffer) }
    if (dtype === 'int32') return { dtype, shape, data: new Int32Array(buffer) }
    if (dtype === 'int64') return { dtype, shape, data: new BigInt64Array(buffer) }
    return { dtype, shape, data: new Uint8Array(buffer) }
  })
}

/**
 * Reads a float32 .npy file straight into shared memory, in pieces, so that its data is in memory once only
 * whatever its size.
 *
 * @throws HearError as `readNpy`, and when the elements are not float32.
 */
export async function readFloat32Npy(path: string): Promise<Float32Npy> {
  return withNpy(path, async (handle, header) => {
    requireFloat32(header.dtype, path)
    const buffer = allocate(() => new SharedArrayBuffer(header.length * 4), path, header)
    await fill(handle, header, new Uint8Array(buffer), path)
    return { data: new Float32Array(buffer), shape: header.shape }
  })
}

/** Reads only the header of an .npy file, and checks that the file is as long as it says. */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  return withNpy(path, async (_handle, header) => header)
}

function requireFloat32(dtype: NpyDtype, path: string): void {
  if (dtype === 'float32') return
  throw new HearError('store/npy-dtype', `"${path}" holds ${dtype} elements; expected float32.`, {
    hint: "Convert it in Python: numpy.save(path, array.astype('<f4')).",
  })
}

async function withNpy<T>(
  path: string,
  work: (handle: FileHandle, header: NpyHeader) => Promise<T>,
): Promise<T> {
  return withFileErrors('read', path, async () => {
    const handle = await open(path, 'r')
    try {
      const prefix = await readExactly(handle, 0, NPY_PREFIX_BYTES)
      const header = parseNpyHeader(await readExactly(handle, 0, npyHeaderBytes(prefix, path)), path)
      const { size } = await handle.stat()
      const expected = header.dataOffset + header.length * header.bytesPerElement
      if (size !== expected)
        throw new HearError(
          'store/npy-size',
          `"${path}" is ${size < expected ? 'cut off' : 'longer than its header says'}: expected ${expected} bytes for ${header.dtype} [${header.shape.join(', ')}], found ${size}.`,
          { hint: 'Write or copy the file again.' },
        )
      return await work(handle, header)
    } finally {
      await handle.close()
    }
  })
}

/** Up to `length` bytes from `position`; fewer only at the end of the file. */
async function readExactly(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  // The header's length field may be garbage; never allocate more than the file holds.
  const { size } = await handle.stat()
  const bytes = new Uint8Array(Math.min(length, Math.max(0, size - position)))
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, position)
  return bytes.subarray(0, bytesRead)
}

async function fill(handle: FileHandle, header: NpyHeader, target: Uint8Array, path: string): Promise<void> {
  for (let done = 0; done < target.byteLength; ) {
    const length = Math.min(CHUNK_BYTES, target.byteLength - done)
    const { bytesRead } = await handle.read(target, done, length, header.dataOffset + done)
    if (bytesRead === 0)
      throw new HearError('store/npy-size', `"${path}" became shorter while it was read.`, {
        hint: 'Another program writes to it; run again when that has finished.',
      })
    done += bytesRead
  }
}

function allocate<T>(make: () => T, path: string, header: NpyHeader): T {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const gib = (header.length * header.bytesPerElement) / 2 ** 30
    throw new HearError(
      'store/out-of-memory',
      `"${path}" holds ${header.dtype} [${header.shape.join(', ')}], ${gib.toFixed(1)} GiB, which does not fit into memory.`,
      { hint: 'Run it on a machine with more memory.', cause },
    )
  }
}
