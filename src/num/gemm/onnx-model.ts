import { ProtobufMessage } from '../../base/protobuf-message.js'

/**
 * The smallest ONNX files that onnxruntime can run: one node, two inputs, one output. Written by hand
 * because no maintained package writes ONNX from JavaScript. Field numbers: onnx/onnx.proto (IR version 8).
 */

const FLOAT = 1
const OPSET = 17
const IR_VERSION = 8

function matrixInfo(name: string, dims: readonly string[]): ProtobufMessage {
  const shape = new ProtobufMessage()
  for (const dim of dims) shape.message(1, new ProtobufMessage().text(2, dim))
  const tensor = new ProtobufMessage().varint(1, FLOAT).message(2, shape)
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensor))
}

/** A model with inputs A [M, K] and B ([K, N], or [N, K] when transB) and output Y = A . B [M, N], any shape. */
export function matrixProductModel(transB: boolean): Uint8Array {
  const node = new ProtobufMessage()
    .text(1, 'A')
    .text(1, 'B')
    .text(2, 'Y')
    .text(4, transB ? 'Gemm' : 'MatMul')
  if (transB) {
    node.message(5, new ProtobufMessage().text(1, 'transB').varint(3, 1).varint(20, 2))
    node.message(5, new ProtobufMessage().text(1, 'beta').float(2, 0).varint(20, 1))
  }
  const graph = new ProtobufMessage()
    .message(1, node)
    .text(2, 'product')
    .message(11, matrixInfo('A', ['M', 'K']))
    .message(11, matrixInfo('B', transB ? ['N', 'K'] : ['K', 'N']))
    .message(12, matrixInfo('Y', ['M', 'N']))
  const opset = new ProtobufMessage().text(1, '').varint(2, OPSET)
  return new Uint8Array(
    new ProtobufMessage()
      .varint(1, IR_VERSION)
      .text(2, 'hearkit')
      .message(7, graph)
      .message(8, opset)
      .encode(),
  )
}
