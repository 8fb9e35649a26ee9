/**
 * Writes a protobuf message field by field, in the order of the calls. Source: Protocol Buffers documentation,
 * "Encoding".
 */
export class ProtobufMessage {
  private readonly parts: Uint8Array[] = []

  /** A non-negative integer up to 2^53. */
  varint(field: number, value: number): this {
    this.parts.push(tag(field, 0), varint(value))
    return this
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    this.parts.push(tag(field, 5), bytes)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'))
  }

  message(field: number, value: ProtobufMessage): this {
    return this.bytes(field, value.encode())
  }

  encode(): Buffer {
    return Buffer.concat(this.parts)
  }

  bytes(field: number, value: Uint8Array): this {
    this.parts.push(tag(field, 2), varint(value.length), value)
    return this
  }
}

function tag(field: number, wireType: number): Buffer {
  return varint((field << 3) | wireType)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = rest & 127
    rest = Math.floor(rest / 128)
    if (rest === 0) return Buffer.from([...bytes, low])
    bytes.push(low | 128)
  }
}
