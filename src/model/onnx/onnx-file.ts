import { HearError } from '../../base/errors.js'
import { type ByteSource, withFileBytes } from './byte-source.js'
import { type Field, ProtobufReader } from './protobuf-reader.js'

/** An input or output of the graph as the file declares it; what it really is shows when it runs. */
export interface OnnxValue {
  readonly name: string
  /** `float32`, `int64`, ...; or what it is instead of a tensor. */
  readonly type: string
  /** Sizes, or names of sizes that are known only at run time; undefined where not even the rank is declared. */
  readonly dims: readonly (number | string)[] | undefined
}

/** One entry of metadata_props, and the bytes [start, end) of the file that it takes. */
export interface MetadataEntry {
  readonly key: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** What an ONNX file says of itself, weights left aside. */
export interface OnnxFile {
  readonly path: string
  readonly size: number
  readonly irVersion: number
  readonly producer: string
  /** Operator set versions by domain; '' is ONNX's own. */
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  readonly metadata: readonly MetadataEntry[]
  /** Inputs that a caller must give: those with a default value are left out. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nNodes: number
  /** Where tensors outside the file lie, as the file says, each once. Nobody has checked them. */
  readonly externalLocations: readonly string[]
}

/** Names of TensorProto.DataType by number. */
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
}

/** Protobuf's own limit on nesting; onnxruntime refuses deeper files too. */
const MOST_DEPTH = 100

/**
 * Reads what an ONNX file declares: metadata, inputs, outputs, operator sets, and where tensors lie that are not
 * in the file, in subgraphs and functions too. Weights are skipped, so that any size is read in milliseconds.
 *
 * @throws HearError when the file is missing, no ONNX file, or cut off.
 * Source: field numbers of onnx/onnx.proto (onnx 1.17).
 */
export function readOnnxFile(path: string): OnnxFile {
  return withFileBytes(path, readOnnx)
}

/** As readOnnxFile, of bytes that lie anywhere. */
export function readOnnx(source: ByteSource): OnnxFile {
  refuseKnownOthers(source)
  const reader = new ProtobufReader(source)
  const graphs = new GraphReader(reader)
  const metadata: MetadataEntry[] = []
  const opsets: OnnxFile['opsets'][number][] = []
  let [irVersion, producer, hasGraph] = [0, '', false]
  for (const field of reader.fields(0, source.size)) {
    if (field.number === 1) irVersion = Number(field.value ?? 0n)
    else if (field.number === 2) producer = reader.text(field)
    else if (field.number === 7) {
      hasGraph = true
      graphs.main(field)
    } else if (field.number === 8) opsets.push(readOpset(reader, field))
    else if (field.number === 14) metadata.push(readEntry(reader, field))
    else if (field.number === 20) graphs.training(field)
    else if (field.number === 25) graphs.function(field, 1)
  }
  if (!hasGraph)
    throw new HearError('model/onnx-malformed', `"${source.path}" is not an ONNX file: it has no graph.`, {
      hint: 'Give a file made by torch.onnx.export or another ONNX exporter, and whole.',
    })
  return {
    path: source.path,
    size: source.size,
    irVersion,
    producer,
    opsets,
    metadata,
    inputs: graphs.inputs.filter(({ name }) => !graphs.initializers.has(name)),
    outputs: graphs.outputs,
    nNodes: graphs.nNodes,
    externalLocations: [...graphs.externalLocations],
  }
}

/** Files that are often taken for an ONNX file. */
function refuseKnownOthers(source: ByteSource): void {
  const head = Buffer.from(source.read(0, Math.min(64, source.size))).toString('latin1')
  const known: [begins: string, what: string, hint: string][] = [
    ['PK\x03\x04', 'a zip archive, as PyTorch checkpoints are', 'Export the model: see docs/onnx.md.'],
    ['\x80\x02', 'a Python pickle, as old PyTorch checkpoints are', 'Export the model: see docs/onnx.md.'],
    ['version https://git-lfs', 'a Git LFS pointer, not the file itself', 'Fetch the file: git lfs pull.'],
    ['<!DOCTYPE', 'a web page', 'Download the file itself, not the page that shows it.'],
    ['<html', 'a web page', 'Download the file itself, not the page that shows it.'],
    ['', 'empty', 'Download, copy or export the file again.'],
  ]
  for (const [begins, what, hint] of known)
    if (begins === '' ? head === '' : head.startsWith(begins))
      throw new HearError('model/onnx-malformed', `"${source.path}" is not an ONNX file: it is ${what}.`, {
        hint,
      })
}

/** Walks graphs, the main one and those inside nodes, and gathers what they declare. */
class GraphReader {
  readonly inputs: OnnxValue[] = []
  readonly outputs: OnnxValue[] = []
  readonly initializers = new Set<string>()
  readonly externalLocations = new Set<string>()
  nNodes = 0

  constructor(private readonly reader: ProtobufReader) {}

  main(graph: Field): void {
    for (const field of this.inside(graph)) {
      if (field.number === 11) this.inputs.push(readValue(this.reader, field))
      else if (field.number === 12) this.outputs.push(readValue(this.reader, field))
      else if (field.number === 5) this.initializers.add(this.tensorName(field))
    }
    this.graph(graph, 1)
  }

  training(info: Field): void {
    for (const field of this.inside(info)) if (field.number <= 2) this.graph(field, 1)
  }

  function(definition: Field, depth: number): void {
    for (const field of this.inside(definition)) {
      if (field.number === 7) this.node(field, depth + 1)
      else if (field.number === 11) this.attribute(field, depth + 1)
    }
  }

  private graph(graph: Field, depth: number): void {
    if (depth > MOST_DEPTH) throw this.reader.malformed(graph.start, `graphs nested ${depth} deep`)
    for (const field of this.inside(graph)) {
      if (field.number === 1) this.node(field, depth + 1)
      else if (field.number === 5) this.tensor(field)
      else if (field.number === 15) this.sparseTensor(field)
    }
  }

  private node(node: Field, depth: number): void {
    this.nNodes += 1
    for (const field of this.inside(node)) if (field.number === 5) this.attribute(field, depth + 1)
  }

  private attribute(attribute: Field, depth: number): void {
    for (const field of this.inside(attribute)) {
      if (field.number === 5 || field.number === 10) this.tensor(field)
      else if (field.number === 6 || field.number === 11) this.graph(field, depth + 1)
      else if (field.number === 22 || field.number === 23) this.sparseTensor(field)
    }
  }

  private sparseTensor(sparse: Field): void {
    for (const field of this.inside(sparse)) if (field.number <= 2) this.tensor(field)
  }

  /** Notes a location whether or not the tensor is marked as external: nobody has an honest reason for a bad one. */
  private tensor(tensor: Field): void {
    for (const field of this.inside(tensor)) {
      if (field.number !== 13) continue
      const { key, value } = readEntry(this.reader, field)
      if (key === 'location') this.externalLocations.add(value)
    }
  }

  private tensorName(tensor: Field): string {
    let name = ''
    for (const field of this.inside(tensor)) if (field.number === 8) name = this.reader.text(field)
    return name
  }

  private inside({ from, end, value, start }: Field): Generator<Field> {
    if (value !== undefined) throw this.reader.malformed(start, 'a number where a message belongs')
    return this.reader.fields(from, end)
  }
}

function readOpset(reader: ProtobufReader, opset: Field): { domain: string; version: number } {
  let [domain, version] = ['', 0]
  for (const field of reader.fields(opset.from, opset.end)) {
    if (field.number === 1) domain = reader.text(field)
    else if (field.number === 2) version = Number(field.value ?? 0n)
  }
  return { domain, version }
}

function readEntry(reader: ProtobufReader, entry: Field): MetadataEntry {
  let [key, value] = ['', '']
  for (const field of reader.fields(entry.from, entry.end)) {
    if (field.number === 1) key = reader.text(field)
    else if (field.number === 2) value = reader.text(field)
  }
  return { key, value, start: entry.start, end: entry.end }
}

function readValue(reader: ProtobufReader, info: Field): OnnxValue {
  let name = ''
  let [type, dims]: [string, OnnxValue['dims']] = ['undeclared type', undefined]
  for (const field of reader.fields(info.from, info.end)) {
    if (field.number === 1) name = reader.text(field)
    if (field.number !== 2) continue
    type = 'something that is no tensor'
    for (const kind of reader.fields(field.from, field.end))
      if (kind.number === 1) ({ type, dims } = readTensorType(reader, kind))
  }
  return { name, type, dims }
}

function readTensorType(reader: ProtobufReader, tensorType: Field): Pick<OnnxValue, 'type' | 'dims'> {
  let type = 'undeclared type'
  let dims: (number | string)[] | undefined
  for (const field of reader.fields(tensorType.from, tensorType.end)) {
    if (field.number === 1) type = ELEMENT_TYPES[Number(field.value)] ?? `element type ${field.value}`
    if (field.number !== 2) continue
    dims = []
    for (const dim of reader.fields(field.from, field.end))
      if (dim.number === 1) dims.push(readDim(reader, dim))
  }
  return { type, dims }
}

/** A size, or the name of one; `?` where the file gives neither, or a negative size, as some exporters do. */
function readDim(reader: ProtobufReader, dim: Field): number | string {
  let size: number | string = '?'
  for (const field of reader.fields(dim.from, dim.end)) {
    if (field.number === 1) {
      const value = BigInt.asIntN(64, field.value ?? -1n)
      size = value < 0n ? '?' : Number(value)
    } else if (field.number === 2) size = reader.text(field) || '?'
  }
  return size
}
