import { HearError } from '../../base/errors.js'
import type { ByteSource } from './byte-source.js'
import { printable } from './printable.js'

/** One field of a message: where it lies in the file, and its value if that is a number. */
export interface Field {
  readonly number: number
  /** Position of the field's tag. */
  readonly start: number
  /** The bytes of a message, text or packed array are [from, end); of a number nothing of use. */
  readonly from: number
  readonly end: number
  /** The value of a varint; undefined for anything else. */
  readonly value: bigint | undefined
}

/** More fields than any real model has (some hundred thousand): reading them takes seconds, not minutes. */
const MOST_FIELDS = 10_000_000
/** Names and metadata are read up to this size; some tools put whole vocabularies there. */
const MOST_TEXT_BYTES = 2 ** 24
/** Bytes of the longest varint, of 64 bits. */
const VARINT_BYTES = 10

/**
 * Reads protobuf messages where they lie in a file from a stranger, without loading what nobody asks for: a
 * field of any size is skipped unread, and no length is trusted.
 *
 * Source: Protocol Buffers documentation, "Encoding". Groups, which ONNX does not use, are refused.
 */
export class ProtobufReader {
  private fieldsRead = 0

  constructor(private readonly source: ByteSource) {}

  /**
   * The fields of the message in [from, end), in the order of the file.
   * @throws HearError when the bytes are no protobuf, or a field reaches beyond `end`.
   */
  *fields(from: number, end: number): Generator<Field> {
    let at = from
    while (at < end) {
      this.fieldsRead += 1
      if (this.fieldsRead > MOST_FIELDS) throw this.malformed(at, `more than ${MOST_FIELDS} fields`)
      const start = at
      const tag = this.varint(at, end)
      at = tag.next
      const number = Number(tag.value >> 3n)
      const wireType = Number(tag.value & 7n)
      if (number === 0 || number > 536_870_911) throw this.malformed(start, `a field of number ${number}`)
      if (wireType === 0) {
        const { value, next } = this.varint(at, end)
        yield { number, start, from: at, end: next, value }
        at = next
        continue
      }
      const length = this.length(wireType, at, end)
      at = length.from
      if (length.bytes > end - at) {
        if (end === this.source.size)
          throw new HearError(
            'model/onnx-truncated',
            `"${this.source.path}" is cut off: it should go on for ${length.bytes} bytes from byte ${at}, but has ${end - at}.`,
            { hint: 'Download, copy or export the file again.' },
          )
        throw this.malformed(start, `a field of ${length.bytes} bytes where ${end - at} are left`)
      }
      yield { number, start, from: at, end: at + length.bytes, value: undefined }
      at += length.bytes
    }
  }

  /** The text of a field, as it may be shown (see printable). @throws HearError when it is longer than a name can be. */
  text({ from, end }: Field): string {
    if (end - from > MOST_TEXT_BYTES) throw this.malformed(from, `a text of ${end - from} bytes`)
    return printable(Buffer.from(this.source.read(from, end - from)).toString('utf8'))
  }

  malformed(at: number, found: string): HearError {
    return new HearError(
      'model/onnx-malformed',
      `"${this.source.path}" is not an ONNX file: at byte ${at} it has ${found}.`,
      { hint: 'Give a file made by torch.onnx.export or another ONNX exporter, and whole.' },
    )
  }

  private length(wireType: number, at: number, end: number): { bytes: number; from: number } {
    if (wireType === 1) return { bytes: 8, from: at }
    if (wireType === 5) return { bytes: 4, from: at }
    if (wireType !== 2) throw this.malformed(at, `a field of wire type ${wireType}`)
    const { value, next } = this.varint(at, end)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.malformed(at, `a length of ${value}`)
    return { bytes: Number(value), from: next }
  }

  private varint(at: number, end: number): { value: bigint; next: number } {
    const bytes = this.source.read(at, Math.min(VARINT_BYTES, end - at))
    // Nearly all are short: numbers are several times faster than bigints.
    if (bytes.length > 0 && bytes[0] < 128) return { value: BigInt(bytes[0]), next: at + 1 }
    let value = 0n
    for (let i = 0; i < bytes.length; i++) {
      value |= BigInt(bytes[i] & 127) << BigInt(7 * i)
      if (bytes[i] < 128) return { value: BigInt.asUintN(64, value), next: at + i + 1 }
    }
    throw this.malformed(at, 'a number without end')
  }
}
