import { ProtobufMessage } from '../src/base/protobuf-message.js'

/** What a TinyOnnx is made of; scene_embeddings are the mean of each sound times `weights` unless said otherwise. */
export interface TinyOnnxParts {
  readonly metadata?: Readonly<Record<string, string>>
  readonly opset?: number
  /** Operator in the place of MatMul. */
  readonly operator?: string
  /** Where the weights lie; in the file unless given. */
  readonly location?: string
  /** How deep in subgraphs an attribute names `location` once more, beside the weights. */
  readonly hidden?: 'subgraph' | 'function' | 'sparse' | 'training'
  /** The input takes one sound only. */
  readonly oneSound?: boolean
  /** The scene is a block of so many zeros, made at run time. */
  readonly zeros?: number
}

/** Floats [1, 4], the weights of a TinyOnnx. */
export const TINY_WEIGHTS = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)

const FLOAT = 1
const INT64 = 7
const EXTERNAL = 1

const entry = (key: string, value: string) => new ProtobufMessage().text(1, key).text(2, value)

const externalTensor = (location: string) =>
  new ProtobufMessage()
    .varint(1, 1)
    .varint(1, 4)
    .varint(2, FLOAT)
    .text(8, 'weights')
    .message(13, entry('location', location))
    .varint(14, EXTERNAL)

const node = (operator: string, inputs: readonly string[], output: string, attribute?: ProtobufMessage) => {
  const made = new ProtobufMessage()
  for (const input of inputs) made.text(1, input)
  made.text(2, output).text(4, operator)
  return attribute === undefined ? made : made.message(5, attribute)
}

const int64Tensor = (name: string, value: number) => {
  const bytes = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)
  return new ProtobufMessage().varint(1, 1).varint(2, INT64).text(8, name).bytes(9, bytes)
}

const valueInfo = (name: string, dims: readonly (string | number)[]) => {
  const shape = new ProtobufMessage()
  for (const dim of dims)
    shape.message(
      1,
      typeof dim === 'number' ? new ProtobufMessage().varint(1, dim) : new ProtobufMessage().text(2, dim),
    )
  const tensor = new ProtobufMessage().varint(1, FLOAT).message(2, shape)
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensor))
}

/** The bytes of an ONNX file of two nodes that follows the contract, but for what the parts say. */
export function tinyOnnx(parts: TinyOnnxParts = {}): Uint8Array {
  const { metadata = { 'hear.sample_rate': '16000' }, opset = 17, operator = 'MatMul', location } = parts
  const axes = new ProtobufMessage().text(1, 'axes').varint(8, 1).varint(20, 7)
  const graph = new ProtobufMessage().text(2, 'tiny')
  const hiding = location === undefined ? undefined : nested(parts.hidden, location)
  graph.message(1, node('ReduceMean', ['audio'], 'mean', axes))
  if (parts.zeros === undefined) graph.message(1, node(operator, ['mean', 'weights'], 'scene_embeddings'))
  else graph.message(1, node('ConstantOfShape', ['size'], 'scene_embeddings'))
  if (hiding?.graphField !== undefined) graph.message(...hiding.graphField)
  if (location !== undefined && parts.hidden === undefined) graph.message(5, externalTensor(location))
  else
    graph.message(
      5,
      new ProtobufMessage()
        .varint(1, 1)
        .varint(1, 4)
        .varint(2, FLOAT)
        .text(8, 'weights')
        .bytes(9, TINY_WEIGHTS),
    )
  if (parts.zeros !== undefined) graph.message(5, int64Tensor('size', parts.zeros))
  graph.message(11, valueInfo('audio', [parts.oneSound ? 1 : 'n_sounds', 'n_samples']))
  graph.message(12, valueInfo('scene_embeddings', ['n_sounds', 4]))
  const model = new ProtobufMessage().varint(1, 8).message(7, graph)
  if (hiding?.modelField !== undefined) model.message(...hiding.modelField)
  model.message(8, new ProtobufMessage().text(1, '').varint(2, opset))
  for (const [key, value] of Object.entries(metadata)) model.message(14, entry(key, value))
  return new Uint8Array(model.encode())
}

type NumberedField = [field: number, value: ProtobufMessage]

/** A tensor with this location where a reader of the main graph's own initializers does not look. */
function nested(
  hidden: TinyOnnxParts['hidden'],
  location: string,
): { graphField?: NumberedField; modelField?: NumberedField } {
  const tensor = externalTensor(location)
  const attribute = (field: number, value: ProtobufMessage) =>
    new ProtobufMessage().text(1, 'hidden').message(field, value)
  const withGraph = (graph: ProtobufMessage) => node('If', ['c'], 'y', attribute(6, graph))
  const inner = new ProtobufMessage().message(1, node('Constant', [], 'x', attribute(5, tensor)))
  if (hidden === 'subgraph')
    return { graphField: [1, withGraph(new ProtobufMessage().message(1, withGraph(inner)))] }
  if (hidden === 'sparse') return { graphField: [15, new ProtobufMessage().message(1, tensor)] }
  if (hidden === 'function')
    return {
      modelField: [25, new ProtobufMessage().message(7, node('Constant', [], 'x', attribute(5, tensor)))],
    }
  if (hidden === 'training') return { modelField: [20, new ProtobufMessage().message(1, inner)] }
  return {}
}
