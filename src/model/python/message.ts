import { endianness } from 'node:os'
import { HearError } from '../../base/errors.js'

/*
 * A message between hearkit and bridge.py, in either direction: 16 bytes (the letters "hear", the length of the header as
 * uint32, that of the body as uint64, little endian), a header of JSON, and a body of raw arrays, little endian, each at a
 * multiple of 8 bytes. `tensors` in the header says type and shape of each array.
 */

const MAGIC = Buffer.from('hear')
const PREFIX_BYTES = 16
const ALIGNMENT_BYTES = 8
/** A header holds a traceback at most. */
const MAX_HEADER_BYTES = 1 << 20

/** Values as they came, with the name of their type where the kind of array does not tell it (float16, bfloat16, bool). */
export interface RawTensor {
  readonly data: ArrayBufferView & ArrayLike<number | bigint>
  readonly dims: readonly number[]
  readonly type?: string
}

export interface Message {
  readonly header: Readonly<Record<string, unknown>>
  readonly tensors: readonly RawTensor[]
}

type RawArray = new (buffer: ArrayBuffer, byteOffset: number, length: number) => RawTensor['data']

/** The arrays that hold the types that numpy, PyTorch and TensorFlow know; JavaScript has none of half precision. */
const ARRAYS: Readonly<Record<string, RawArray & { readonly BYTES_PER_ELEMENT: number }>> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
}
const NAMED_TYPES = ['float16', 'bfloat16', 'bool']

/** The bytes of a message with at most one float32 tensor, in pieces that are to be written in order. */
export function encodeMessage(
  header: Readonly<Record<string, unknown>>,
  tensor?: { readonly data: Float32Array; readonly dims: readonly number[] },
): Uint8Array[] {
  if (endianness() !== 'LE') throw new Error('models in Python need a little-endian machine')
  const tensors = tensor === undefined ? [] : [{ dtype: 'float32', dims: tensor.dims }]
  const text = Buffer.from(JSON.stringify({ ...header, tensors }))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  MAGIC.copy(prefix)
  prefix.writeUInt32LE(text.length, 4)
  prefix.writeBigUInt64LE(BigInt(tensor?.data.byteLength ?? 0), 8)
  const head = Buffer.concat([prefix, text])
  if (tensor === undefined || tensor.data.length === 0) return [head]
  const { buffer, byteOffset, byteLength } = tensor.data
  return [head, new Uint8Array(buffer, byteOffset, byteLength)]
}

/** Puts messages together from the pieces in which they arrive; a body is copied once, to where it stays. */
export class MessageReader {
  private target = Buffer.alloc(PREFIX_BYTES)
  private filled = 0
  private part: 'prefix' | 'header' | 'body' = 'prefix'
  private bodyBytes = 0
  private header: Record<string, unknown> = {}

  /**
   * The messages that a further piece completes.
   * @throws HearError when the bytes are no message, or announce more than fits into memory.
   */
  take(chunk: Uint8Array): Message[] {
    const messages: Message[] = []
    let rest = chunk
    for (;;) {
      const taken = rest.subarray(0, this.target.length - this.filled)
      this.target.set(taken, this.filled)
      this.filled += taken.length
      rest = rest.subarray(taken.length)
      if (this.filled < this.target.length) return messages
      const message = this.finishPart()
      if (message !== undefined) messages.push(message)
      if (rest.length === 0 && this.target.length > 0) return messages
    }
  }

  private finishPart(): Message | undefined {
    const bytes = this.target
    if (this.part === 'prefix') {
      const headerBytes = bytes.readUInt32LE(4)
      if (!bytes.subarray(0, 4).equals(MAGIC) || headerBytes > MAX_HEADER_BYTES)
        throw garbled('bytes that are no message of hearkit')
      this.bodyBytes = Number(bytes.readBigUInt64LE(8))
      this.await('header', headerBytes)
      return undefined
    }
    if (this.part === 'header') {
      this.header = JSON.parse(bytes.toString()) as Record<string, unknown>
      this.await('body', this.bodyBytes)
      return undefined
    }
    this.await('prefix', PREFIX_BYTES)
    const { tensors, ...header } = this.header
    return { header, tensors: readTensors(tensors as readonly TensorHead[], bytes) }
  }

  private await(part: typeof this.part, nBytes: number): void {
    this.part = part
    this.filled = 0
    try {
      // Memory of its own: what the model returns is handed on as views of it.
      this.target = Buffer.from(new ArrayBuffer(nBytes))
    } catch (cause) {
      throw new HearError(
        'model/out-of-memory',
        `The module returned ${(nBytes / 2 ** 30).toFixed(1)} GiB of embeddings at once, which do not fit into memory.`,
        { hint: 'Embed shorter clips, or give the model fewer timestamps.', cause },
      )
    }
  }
}

interface TensorHead {
  readonly dtype: string
  readonly dims: readonly number[]
}

function readTensors(heads: readonly TensorHead[], body: Buffer<ArrayBuffer>): RawTensor[] {
  let offset = 0
  return heads.map(({ dtype, dims }) => {
    const kind = ARRAYS[dtype]
    if (kind === undefined) throw garbled(`an array of type "${dtype}"`)
    const length = dims.reduce((product, size) => product * size, 1)
    const nBytes = length * kind.BYTES_PER_ELEMENT
    if (offset + nBytes > body.length) throw garbled('an array that is larger than its message')
    const data = new kind(body.buffer, offset, length)
    offset += Math.ceil(nBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    return NAMED_TYPES.includes(dtype) ? { data, dims, type: dtype } : { data, dims }
  })
}

function garbled(what: string): HearError {
  return new HearError('model/python-garbled', `From the Python module came ${what}.`, {
    hint: 'Does the module write to file descriptor 4? It belongs to hearkit.',
  })
}
