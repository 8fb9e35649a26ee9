import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFloat32Npy, readNpy, readNpyHeader } from './npy.js'
import { NpyRowWriter } from './npy-row-writer.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-npy-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** A file laid out by hand after numpy's description of the format. */
function npyBytes(dict: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Buffer {
  const prefix = version === 1 ? 10 : 12
  const text = `${dict.padEnd(Math.ceil((dict.length + 1 + prefix) / 64) * 64 - prefix - 1)}\n`
  const head = Buffer.alloc(prefix)
  head.write('\x93NUMPY', 'latin1')
  head[6] = version
  if (version === 1) head.writeUInt16LE(text.length, 8)
  else head.writeUInt32LE(text.length, 8)
  return Buffer.concat([head, Buffer.from(text), data])
}

async function put(bytes: Uint8Array): Promise<string> {
  const path = join(dir, 'x.npy')
  await writeFile(path, bytes)
  return path
}

const dictOf = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

describe('readNpy', () => {
  const kinds = [
    ['<f4', 'float32', Float32Array.of(1.5, -2, Number.NaN, 3e38, 0, -0)],
    ['<f8', 'float64', Float64Array.of(Math.PI, -1, 0, 1e300, 5, 6)],
    ['<i4', 'int32', Int32Array.of(1, -2, 3, 2147483647, 5, 6)],
    ['<i8', 'int64', BigInt64Array.of(1n, -2n, 3n, 9007199254740993n, 5n, 6n)],
    ['|u1', 'uint8', Uint8Array.of(0, 255, 1, 2, 3, 4)],
    ['|b1', 'bool', Uint8Array.of(0, 1, 1, 0, 0, 1)],
  ] as const

  it.each(kinds)('reads %s as %s, in every version of the format', async (descr, dtype, data) => {
    for (const version of [1, 2, 3] as const) {
      const path = await put(npyBytes(dictOf(descr, '(2, 3)'), bytesOf(data), version))
      expect(await readNpy(path)).toEqual({ dtype, shape: [2, 3], data })
    }
  })

  it('reads scalars, vectors and empty arrays, and one-dimensional arrays in either order', async () => {
    const one = bytesOf(Float32Array.of(7))
    expect((await readNpy(await put(npyBytes(dictOf('<f4', '()'), one)))).shape).toEqual([])
    expect((await readNpy(await put(npyBytes(dictOf('<f4', '(1,)', 'True'), one)))).shape).toEqual([1])
    expect(await readNpy(await put(npyBytes(dictOf('<f4', '(0, 5)'), new Uint8Array(0))))).toEqual({
      dtype: 'float32',
      shape: [0, 5],
      data: new Float32Array(0),
    })
  })

  const bad: [title: string, bytes: Uint8Array, code: string, message: RegExp][] = [
    [
      'raw floats without a header',
      bytesOf(new Float32Array(8)),
      'store/not-npy',
      /"[^"]*x\.npy" is not an \.npy file: expected it to begin with "\\x93NUMPY", found 00 00 00 00 00 00\./,
    ],
    ['an empty file', new Uint8Array(0), 'store/not-npy', /found an empty file/],
    [
      'a future version',
      Buffer.concat([Buffer.from('\x93NUMPY\x04\x00', 'latin1'), Buffer.alloc(8)]),
      'store/npy-version',
      /version 4\.0 of the \.npy format; expected 1\.0, 2\.0 or 3\.0/,
    ],
    [
      'big-endian data',
      npyBytes(dictOf('>f4', '(1,)'), new Uint8Array(4)),
      'store/npy-dtype',
      /elements of type '>f4'; expected one of <f4, <f8/,
    ],
    [
      'records',
      npyBytes("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)),
      'store/npy-dtype',
      /elements of type "\[\('a', '<f4'\)\]"/,
    ],
    [
      'Fortran order',
      npyBytes(dictOf('<f4', '(2, 2)', 'True'), new Uint8Array(16)),
      'store/npy-order',
      /stored column by column/,
    ],
    [
      'a header that is no dictionary',
      npyBytes('hello', new Uint8Array(4)),
      'store/npy-header',
      /header of "[^"]*" is malformed: .* found "hello"/,
    ],
    [
      'data that is cut off',
      npyBytes(dictOf('<f4', '(2, 2)'), new Uint8Array(12)),
      'store/npy-size',
      /is cut off: expected 144 bytes for float32 \[2, 2\], found 140/,
    ],
    [
      'data after the array',
      npyBytes(dictOf('<f4', '(2, 2)'), new Uint8Array(20)),
      'store/npy-size',
      /longer than its header says: expected 144 bytes for float32 \[2, 2\], found 148/,
    ],
    [
      'a header longer than the file',
      Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff{}', 'latin1'),
      'store/npy-header',
      /malformed/,
    ],
  ]

  it.each(bad)('refuses %s', async (_title, bytes, code, message) => {
    const failure = await readNpy(await put(bytes)).catch((error) => error)
    expect(failure).toMatchObject({ name: 'HearError', code })
    expect(failure.message).toMatch(message)
    expect(failure.hint).not.toBe('')
  })

  it('names a missing file', async () => {
    await expect(readNpy(join(dir, 'none.npy'))).rejects.toThrow(
      `Cannot read "${join(dir, 'none.npy')}": there is no such file.`,
    )
  })
})

describe('readFloat32Npy', () => {
  it('reads into shared memory', async () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6)
    const read = await readFloat32Npy(await put(npyBytes(dictOf('<f4', '(3, 2)'), bytesOf(data))))
    expect(read.data.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([...read.data]).toEqual([...data])
    expect(read.shape).toEqual([3, 2])
  })

  it('refuses other types, saying how to convert', async () => {
    const path = await put(npyBytes(dictOf('<f8', '(1,)'), new Uint8Array(8)))
    await expect(readFloat32Npy(path)).rejects.toMatchObject({
      message: `"${path}" holds float64 elements; expected float32.`,
      hint: "Convert it in Python: numpy.save(path, array.astype('<f4')).",
    })
  })
})

describe('NpyRowWriter', () => {
  it('writes what readNpy reads, in appends smaller and larger than its buffer', async () => {
    const path = join(dir, 'rows.npy')
    const dim = 700
    const writer = await NpyRowWriter.create(path, dim)
    const all = Float32Array.from({ length: 4000 * dim }, (_, i) => Math.fround(i * 0.37 - 5))
    let row = 0
    for (const count of [1, 0, 7, 1600, 1, 2391]) {
      await writer.append(all.subarray(row * dim, (row + count) * dim))
      row += count
    }
    expect(row).toBe(4000)
    await writer.finish()
    const read = await readNpy(path)
    expect(read.shape).toEqual([4000, dim])
    expect(Buffer.compare(bytesOf(read.data), bytesOf(all))).toBe(0)
    expect(await readdir(dir)).toEqual(['rows.npy'])
  })

  it('begins its data at byte 128, aligned for memory mapping, and pads the header as numpy does', async () => {
    const path = join(dir, 'rows.npy')
    const writer = await NpyRowWriter.create(path, 2)
    await writer.append(Float32Array.of(1, 2))
    await writer.finish()
    const bytes = await readFile(path)
    expect(bytes.length).toBe(128 + 8)
    expect(bytes.subarray(0, 128)).toEqual(
      Buffer.from(
        `\x93NUMPY\x01\x00\x76\x00${`{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }`.padEnd(117)}\n`,
        'latin1',
      ),
    )
    expect((await readNpyHeader(path)).dataOffset).toBe(128)
  })

  it('leaves nothing behind after an abort', async () => {
    const writer = await NpyRowWriter.create(join(dir, 'rows.npy'), 3)
    await writer.append(new Float32Array(3 * 400_000))
    await writer.abort()
    expect(await readdir(dir)).toEqual([])
  })

  it('refuses a part of a row', async () => {
    const writer = await NpyRowWriter.create(join(dir, 'rows.npy'), 3)
    await expect(writer.append(new Float32Array(4))).rejects.toThrow(/takes rows of 3 values; found 4 values/)
    await writer.abort()
  })

  it('writes an array without rows', async () => {
    const path = join(dir, 'rows.npy')
    const writer = await NpyRowWriter.create(path, 3)
    await writer.finish()
    expect((await readNpy(path)).shape).toEqual([0, 3])
    expect((await stat(path)).size).toBe(128)
  })
})
