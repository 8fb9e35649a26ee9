import { unaliasedStride } from '../../num/gemm/stride.js'

/** What the probe is trained to say: one class of several, or any subset of them. */
export type PredictionType = 'multiclass' | 'multilabel'

/** Sizes of a shallow probe: inputSize -> hiddenLayers x hiddenSize -> outputs. */
export interface ProbeShape {
  readonly inputSize: number
  readonly hiddenLayers: number
  readonly hiddenSize: number
  readonly outputs: number
  readonly predictionType: PredictionType
  /** Batch norm after ReLU instead of before dropout; no published grid uses it. */
  readonly normAfterActivation?: boolean
}

/** Where a block of parameters lies inside the parameter region, in floats; rows are outputs. */
export interface Block {
  readonly name: string
  readonly offset: number
  /** Rows and columns that carry values; columns of a vector are 1. */
  readonly rows: number
  readonly cols: number
  /** Row length in memory: cols, rounded up where the kernels need it. */
  readonly stride: number
}

export interface LayerBlocks {
  readonly weight: Block
  readonly bias: Block
  readonly gamma: Block
  readonly beta: Block
}

/** The parameters of a probe, padded for the kernels, as one contiguous run of floats. */
export interface ParameterLayout {
  /** Row length of the inputs, the hidden activations and the outputs. */
  readonly inputStride: number
  readonly hiddenStride: number
  readonly outputStride: number
  readonly layers: readonly LayerBlocks[]
  readonly projection: { readonly weight: Block; readonly bias: Block }
  readonly blocks: readonly Block[]
  /** Floats in all, a multiple of 16. */
  readonly length: number
}

/** Bias of an output that exists only as padding: its probability is 0 and so is its gradient. */
export const PADDING_BIAS = -1e30

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple

/**
 * Lays out the parameters of a probe: hidden sizes padded to 16 and outputs to 4 with zero weights, for the kernels, and
 * row lengths padded where they would alias in the cache (see unaliasedStride).
 * Names are PyTorch's for heareval's FullyConnectedPrediction (`hidden.0.weight`, ..., `projection.bias`).
 */
export function layoutParameters(shape: ProbeShape): ParameterLayout {
  const inputStride = unaliasedStride(shape.inputSize)
  const hiddenStride = unaliasedStride(roundUp(shape.hiddenSize, 16))
  const outputStride = roundUp(shape.outputs, 4)
  const blocks: Block[] = []
  let end = 0
  const block = (name: string, rows: number, paddedRows: number, cols: number, stride: number): Block => {
    const made = { name, offset: end, rows, cols, stride }
    blocks.push(made)
    end += roundUp(paddedRows * stride, 16)
    return made
  }
  const vector = (name: string, size: number, padded: number) => block(name, size, padded, 1, 1)
  const layers: LayerBlocks[] = []
  let [fanIn, stride] = [shape.inputSize, inputStride]
  for (let i = 0; i < shape.hiddenLayers; i++) {
    // Linear, BatchNorm1d, Dropout, ReLU: four modules a layer; the norm is last when it comes after ReLU.
    const linear = `hidden.${i * 4}`
    const norm = `hidden.${i * 4 + (shape.normAfterActivation ? 3 : 1)}`
    const size = shape.hiddenSize
    layers.push({
      weight: block(`${linear}.weight`, size, hiddenStride, fanIn, stride),
      bias: vector(`${linear}.bias`, size, hiddenStride),
      gamma: vector(`${norm}.weight`, size, hiddenStride),
      beta: vector(`${norm}.bias`, size, hiddenStride),
    })
    fanIn = size
    stride = hiddenStride
  }
  const projection = {
    weight: block('projection.weight', shape.outputs, outputStride, fanIn, stride),
    bias: vector('projection.bias', shape.outputs, outputStride),
  }
  return { inputStride, hiddenStride, outputStride, layers, projection, blocks, length: end }
}
