import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeMessage, MessageReader } from './message.js'

const bytesOf = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

/** A message as bridge.py sends it. */
function message(header: object, body: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(16)
  prefix.write('hear')
  prefix.writeUInt32LE(text.length, 4)
  prefix.writeBigUInt64LE(BigInt(body.length), 8)
  return bytesOf([prefix, text, body])
}

test('what is encoded is read again, in whatever pieces it arrives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.float({ noNaN: true }), { maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 200 }),
      (sounds, size) => {
        const sent = sounds.map((values, i) => ({
          header: { do: 'scenes', i },
          tensor: { data: Float32Array.from(values), dims: [1, values.length] },
        }))
        const bytes = bytesOf(sent.flatMap(({ header, tensor }) => encodeMessage(header, tensor)))
        const reader = new MessageReader()
        const received = []
        for (let i = 0; i < bytes.length; i += size)
          received.push(...reader.take(bytes.subarray(i, i + size)))
        expect(received).toEqual(sent.map(({ header, tensor }) => ({ header, tensors: [tensor] })))
      },
    ),
  )
})

test('every type of number arrives as it is, those without an array of JavaScript by name', () => {
  const arrays = {
    float64: Float64Array.of(1.5, -2),
    int8: Int8Array.of(-1, 2, 3),
    int64: BigInt64Array.of(-5n),
    uint64: BigUint64Array.of(2n ** 63n),
    float32: Float32Array.of(0.5),
  }
  const padded = Object.values(arrays).map((array) => {
    const raw = Buffer.alloc(Math.ceil(array.byteLength / 8) * 8)
    raw.set(new Uint8Array(array.buffer))
    return raw
  })
  const tensors = Object.entries(arrays).map(([dtype, { length }]) => ({ dtype, dims: [length] }))
  tensors.push({ dtype: 'float16', dims: [1, 2] as number[] as [number] }, { dtype: 'bool', dims: [0] })
  const half = Uint8Array.of(0, 0x3c, 0, 0xc0, 0, 0, 0, 0)
  const [received] = new MessageReader().take(message({ tensors }, bytesOf([...padded, half])))
  expect(received.tensors).toEqual([
    ...Object.values(arrays).map((data) => ({ data, dims: [data.length] })),
    { data: Uint16Array.of(0x3c00, 0xc000), dims: [1, 2], type: 'float16' },
    { data: new Uint8Array(), dims: [0], type: 'bool' },
  ])
})

test('what is no message, and one that is too large, is refused', () => {
  const refuse = (bytes: Uint8Array) => expect(() => new MessageReader().take(bytes))
  refuse(new Uint8Array(16)).toThrow('bytes that are no message of hearkit')
  refuse(message({ tensors: [{ dtype: 'float32', dims: [3] }] }, new Uint8Array(8))).toThrow(
    'an array that is larger than its message',
  )
  refuse(message({ tensors: [{ dtype: 'complex64', dims: [1] }] }, new Uint8Array(8))).toThrow(
    'an array of type "complex64"',
  )
  const endless = message({ tensors: [] })
  new DataView(endless.buffer).setBigUint64(8, 2n ** 60n, true)
  refuse(endless).toThrow('GiB of embeddings at once')
})
