/**
 * The smallest ONNX files that onnxruntime can run: one node, two inputs, one output. Written by hand
 * because no maintained package writes ONNX from JavaScript. Field numbers: onnx/onnx.proto (IR version 8).
 */

class Message {
  private readonly parts: Buffer[] = []

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

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode())
  }

  encode(): Buffer {
    return Buffer.concat(this.parts)
  }

  private bytes(field: number, value: Buffer): this {
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

const FLOAT = 1
const OPSET = 17
const IR_VERSION = 8

function matrixInfo(name: string, dims: readonly string[]): Message {
  const shape = new Message()
  for (const dim of dims) shape.message(1, new Message().text(2, dim))
  const tensor = new Message().varint(1, FLOAT).message(2, shape)
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}

/** A model with inputs A [M, K] and B ([K, N], or [N, K] when transB) and output Y = A . B [M, N], any shape. */
export function matrixProductModel(transB: boolean): Uint8Array {
  const node = new Message()
    .text(1, 'A')
    .text(1, 'B')
    .text(2, 'Y')
    .text(4, transB ? 'Gemm' : 'MatMul')
  if (transB) {
    node.message(5, new Message().text(1, 'transB').varint(3, 1).varint(20, 2))
    node.message(5, new Message().text(1, 'beta').float(2, 0).varint(20, 1))
  }
  const graph = new Message()
    .message(1, node)
    .text(2, 'product')
    .message(11, matrixInfo('A', ['M', 'K']))
    .message(11, matrixInfo('B', transB ? ['N', 'K'] : ['K', 'N']))
    .message(12, matrixInfo('Y', ['M', 'N']))
  const opset = new Message().text(1, '').varint(2, OPSET)
  return new Uint8Array(
    new Message().varint(1, IR_VERSION).text(2, 'hearkit').message(7, graph).message(8, opset).encode(),
  )
}
