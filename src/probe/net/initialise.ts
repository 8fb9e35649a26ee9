import type { Random } from '../../num/random.js'
import { type Block, PADDING_BIAS, type ParameterLayout } from './shape.js'

export const INITIALIZATIONS = ['xavier_uniform_', 'xavier_normal_'] as const
export type Initialization = (typeof INITIALIZATIONS)[number]

/** Gain of torch.nn.init.calculate_gain('relu'). */
const RELU_GAIN = Math.SQRT2

/**
 * Draws fresh parameters: weights Xavier with gain 1 for the first Linear and sqrt 2 for every later one, the
 * projection included (gain 1 when it is the only one); biases uniform in +-1/sqrt(fan_in), as torch's Linear;
 * batch norm at 1 and 0; padding at 0, padded outputs at a bias of -1e30.
 * Source: heareval 2021.1.3 `FullyConnectedPrediction`; Glorot and Bengio, 2010.
 * @param parameters the region of `layout.length` floats to write.
 */
export function initialiseParameters(
  layout: ParameterLayout,
  parameters: Float32Array,
  initialization: Initialization,
  random: Random,
): void {
  parameters.fill(0)
  let gain = 1
  for (const layer of layout.layers) {
    xavier(parameters, layer.weight, gain, initialization, random)
    uniformBias(parameters, layer.bias, layer.weight.cols, random)
    parameters.fill(1, layer.gamma.offset, layer.gamma.offset + layer.gamma.rows)
    gain = RELU_GAIN
  }
  const { weight, bias } = layout.projection
  xavier(parameters, weight, gain, initialization, random)
  parameters.fill(PADDING_BIAS, bias.offset, bias.offset + layout.outputStride)
  uniformBias(parameters, bias, weight.cols, random)
}

function xavier(
  out: Float32Array,
  { offset, rows, cols, stride }: Block,
  gain: number,
  initialization: Initialization,
  random: Random,
): void {
  const std = gain * Math.sqrt(2 / (rows + cols))
  const bound = Math.sqrt(3) * std
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      out[offset + i * stride + j] =
        initialization === 'xavier_uniform_' ? (2 * random.uniform() - 1) * bound : random.normal() * std
}

function uniformBias(out: Float32Array, { offset, rows }: Block, fanIn: number, random: Random): void {
  const bound = 1 / Math.sqrt(fanIn)
  for (let i = 0; i < rows; i++) out[offset + i] = (2 * random.uniform() - 1) * bound
}
