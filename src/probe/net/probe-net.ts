import { HearError } from '../../base/errors.js'
import { createGemm } from '../../num/gemm/create-gemm.js'
import type { Gemm, GemmKind } from '../../num/gemm/gemm.js'
import { unaliasedStride } from '../../num/gemm/stride.js'
import { WASM_GEMM_SCRATCH } from '../../num/gemm/wasm-gemm.js'
import { instantiateKernels, type Kernels } from '../../num/kernels/kernels.js'
import { KernelMemory } from '../../num/memory.js'
import type { Random } from '../../num/random.js'
import { type Initialization, initialiseParameters } from './initialise.js'
import { type Block, layoutParameters, type ParameterLayout, type ProbeShape } from './shape.js'

export interface ProbeNetOptions {
  readonly shape: ProbeShape
  /** Largest number of rows in one step or one evaluation. */
  readonly maxRows: number
  readonly learningRate: number
  /** Share of hidden activations dropped in training, in [0, 1). */
  readonly dropout: number
  readonly gemm: GemmKind | 'auto'
  /** Asked before every matrix product: how many threads it may use now; one unless given. No effect on results. */
  readonly threads?: () => number
  /** A memory of an earlier net to use again; its contents are lost. */
  readonly reuse?: KernelMemory
}

/** A copy of everything that evaluation needs, to return to the best epoch. */
export interface ProbeSnapshot {
  readonly parameters: Float32Array
  readonly running: Float32Array
}

/** Adam's constants (Kingma and Ba, 2015; torch.optim.Adam's defaults). */
const BETA1 = 0.9
const BETA2 = 0.999
const EPS = 1e-8

/** One bound forward and backward pass for a number of rows. */
interface Pass {
  readonly forward: readonly (() => void)[]
  readonly forwardOut: () => void
  readonly weightGradients: readonly (() => void)[]
  readonly weightGradientOut: () => void
  /** Gradient to the input of layer i + 1, from the layer above; the last entry is the projection's. */
  readonly inputGradients: readonly (() => void)[]
}

/**
 * HEAR's shallow probe and its Adam optimiser in one private memory: per hidden layer Linear, BatchNorm1d (eps
 * 1e-5, momentum 0.1), Dropout, ReLU, then Linear. Matrix products go to the GEMM provider, everything else to
 * the fused kernels of num/kernels/assembly/train.ts. Nothing is allocated in a step.
 *
 * The caller writes rows into `inputs` and targets into `classIndex` or `hot`, then calls `step` or `predict`.
 *
 * *Differs* from heareval in the order of sums only; everything is single precision, as in PyTorch. The bias of a Linear
 * that a batch norm follows has no true gradient: what moves it, here as there, is the rounding of a sum that should be
 * 0, so its path is not PyTorch's, only of the same kind.
 */
export class ProbeNet {
  readonly shape: ProbeShape
  readonly layout: ParameterLayout
  /** Largest number of rows in one step or one evaluation. */
  readonly maxRows: number
  readonly memory: KernelMemory
  readonly gemm: Gemm
  /** float32 [maxRows, inputStride]; columns from inputSize on stay 0. */
  readonly inputs: Float32Array
  /** int32 [maxRows]: the class of each row, multiclass. */
  readonly classIndex: Int32Array
  /** 0 or 1, [maxRows, outputStride]: the labels of each row, multilabel; padding stays 0. */
  readonly hot: Uint8Array
  /** float32 [maxRows, outputStride]: probabilities after `predict`. */
  readonly probabilities: Float32Array
  private readonly kernels: Kernels
  private readonly options: ProbeNetOptions
  private readonly passes = new Map<number, Pass>()
  private stepCount = 0

  constructor(options: ProbeNetOptions) {
    this.options = options
    this.maxRows = options.maxRows
    this.shape = options.shape
    this.layout = layoutParameters(options.shape)
    this.memory = new KernelMemory(planMemory(options, this.layout), options.reuse)
    this.kernels = instantiateKernels(this.memory.memory)
    this.gemm = createGemm(options.gemm, this.memory, options.threads)
    const { memory } = this
    this.inputs = memory.floats('x')
    this.probabilities = memory.floats('o')
    this.classIndex = memory.i32.subarray(memory.at('y'), memory.at('y') + options.maxRows)
    this.hot = new Uint8Array(
      memory.f32.buffer,
      memory.address('y'),
      options.maxRows * this.layout.outputStride,
    )
  }

  /** Draws fresh parameters and forgets all training. */
  initialise(initialization: Initialization, random: Random): void {
    const { memory, layout } = this
    for (const name of ['gradients', 'adamFirst', 'adamSecond', 'running']) memory.floats(name).fill(0)
    initialiseParameters(layout, memory.floats('parameters'), initialization, random)
    for (let i = 0; i < layout.layers.length; i++) this.runningVariance(i).fill(1)
    if (layout.layers.length > 0) memory.floats('ones').fill(1)
    this.kernels.seedDropout(
      random.nextUint32(),
      random.nextUint32(),
      random.nextUint32(),
      random.nextUint32(),
    )
    this.stepCount = 0
  }

  /**
   * One training step on the first `rows` rows of inputs and targets.
   * @returns the mean loss of the batch before the step.
   * @throws HearError for a batch of one row where the probe has a batch norm, as PyTorch does.
   */
  step(rows: number): number {
    this.clearRowsBeyond(rows)
    const loss = this.forwardTraining(rows)
    this.backward(rows)
    this.stepCount++
    const t = this.stepCount
    const { memory, layout, options } = this
    this.kernels.adam(
      memory.address('parameters'),
      memory.address('gradients'),
      memory.address('adamFirst'),
      memory.address('adamSecond'),
      layout.length,
      BETA1,
      BETA2,
      1 - BETA1,
      1 - BETA2,
      options.learningRate / (1 - BETA1 ** t),
      1 / Math.sqrt(1 - BETA2 ** t),
      EPS,
    )
    return loss
  }

  /**
   * Probabilities of the first `rows` rows with the running statistics and no dropout, into `probabilities`.
   * @returns the loss summed over rows (and, multilabel, over outputs), given targets; else 0.
   */
  predict(rows: number, withTargets: boolean): number {
    const { memory, kernels, layout, shape } = this
    const pass = this.pass(rows)
    layout.layers.forEach((layer, i) => {
      const [z, a, n] = [memory.address(`z${i}`), memory.address(`a${i}`), memory.address(`n${i}`)]
      const [scale, shift] = [memory.address(`scale${i}`), memory.address(`shift${i}`)]
      const after = shape.normAfterActivation === true
      kernels.batchNormEvalScales(
        layout.hiddenStride,
        this.parameter(layer.gamma),
        this.parameter(layer.beta),
        after ? memory.address('zeros') : this.parameter(layer.bias),
        this.runningAddress(i),
        this.runningAddress(i) + layout.hiddenStride * 4,
        scale,
        shift,
      )
      pass.forward[i]()
      if (after) {
        const [ones, bias] = [memory.address('ones'), this.parameter(layer.bias)]
        kernels.scaleShiftActivate(z, rows, layout.hiddenStride, ones, bias, 0, 1, 1, a)
        kernels.scaleShiftActivate(a, rows, layout.hiddenStride, scale, shift, 0, 1, 0, n)
      } else kernels.scaleShiftActivate(z, rows, layout.hiddenStride, scale, shift, 0, 1, 1, a)
    })
    pass.forwardOut()
    return this.outputLoss(rows, withTargets)
  }

  /** Sets the present parameters and running statistics aside as the best so far. */
  keepBest(): void {
    const { memory } = this
    memory.floats('bestParameters').set(memory.floats('parameters'))
    memory.floats('bestRunning').set(memory.floats('running'))
  }

  /** Returns to what keepBest set aside. */
  restoreBest(): void {
    const { memory } = this
    memory.floats('parameters').set(memory.floats('bestParameters'))
    memory.floats('running').set(memory.floats('bestRunning'))
  }

  /** A copy of the present parameters and running statistics. */
  snapshot(): ProbeSnapshot {
    return {
      parameters: this.memory.floats('parameters').slice(),
      running: this.memory.floats('running').slice(),
    }
  }

  restore(snapshot: ProbeSnapshot): void {
    this.memory.floats('parameters').set(snapshot.parameters)
    this.memory.floats('running').set(snapshot.running)
  }

  /** The values of a block, [rows * cols], without padding; `kind` picks parameters or their gradients. */
  read(block: Block, kind: 'parameters' | 'gradients' = 'parameters'): Float32Array {
    const region = this.memory.floats(kind)
    const out = new Float32Array(block.rows * block.cols)
    for (let i = 0; i < block.rows; i++) {
      const start = block.offset + i * block.stride
      out.set(region.subarray(start, start + block.cols), i * block.cols)
    }
    return out
  }

  /** Sets the values of a block from [rows * cols] numbers. */
  write(block: Block, values: ArrayLike<number>): void {
    const region = this.memory.floats('parameters')
    for (let i = 0; i < block.rows; i++)
      for (let j = 0; j < block.cols; j++)
        region[block.offset + i * block.stride + j] = values[i * block.cols + j]
  }

  /** Running mean of hidden layer i, hiddenStride floats. */
  runningMean(i: number): Float32Array {
    const stride = this.layout.hiddenStride
    return this.memory.floats('running').subarray(2 * i * stride, (2 * i + 1) * stride)
  }

  /** Running variance of hidden layer i, hiddenStride floats. */
  runningVariance(i: number): Float32Array {
    const stride = this.layout.hiddenStride
    return this.memory.floats('running').subarray((2 * i + 1) * stride, (2 * i + 2) * stride)
  }

  /** Weight gradients sum over a few rows more than there are (unaliasedStride): those must be 0. */
  private clearRowsBeyond(rows: number): void {
    const { memory, layout, shape } = this
    const summed = unaliasedStride(rows)
    if (summed === rows) return
    const clear = (name: string, stride: number) =>
      memory.floats(name).fill(0, rows * stride, summed * stride)
    clear('x', layout.inputStride)
    const output = shape.normAfterActivation ? 'n' : 'a'
    for (let i = 0; i < layout.layers.length; i++) clear(`${output}${i}`, layout.hiddenStride)
  }

  private forwardTraining(rows: number): number {
    const { memory, kernels, layout, shape, options } = this
    if (rows === 1 && shape.hiddenLayers > 0)
      throw new HearError(
        'probe/one-row-batch',
        'A training batch holds a single row, and batch norm needs at least 2 to take a variance (heareval stops here too).',
        {
          hint: 'Add or remove a training clip, or use --protocol hear-2026, which joins such a row to the batch before it.',
        },
      )
    const stride = layout.hiddenStride
    const pass = this.pass(rows)
    const keep = options.dropout > 0 ? Math.floor((1 - options.dropout) * 2 ** 32) >>> 0 : 0
    const factor = 1 / (1 - options.dropout)
    layout.layers.forEach((layer, i) => {
      const [z, a, n] = [memory.address(`z${i}`), memory.address(`a${i}`), memory.address(`n${i}`)]
      const [scale, shift] = [memory.address(`scale${i}`), memory.address(`shift${i}`)]
      const after = shape.normAfterActivation === true
      pass.forward[i]()
      if (after)
        kernels.scaleShiftActivate(
          z,
          rows,
          stride,
          memory.address('ones'),
          this.parameter(layer.bias),
          keep,
          factor,
          1,
          a,
        )
      const [mean, variance] = [memory.address(`mean${i}`), memory.address('variance')]
      kernels.columnMoments(after ? a : z, rows, stride, mean, variance, memory.address('scratch'))
      kernels.batchNormScales(
        rows,
        stride,
        this.parameter(layer.gamma),
        this.parameter(layer.beta),
        after ? memory.address('zeros') : this.parameter(layer.bias),
        mean,
        variance,
        this.runningAddress(i),
        this.runningAddress(i) + stride * 4,
        memory.address(`reciprocal${i}`),
        scale,
        shift,
      )
      if (after) kernels.scaleShiftActivate(a, rows, stride, scale, shift, 0, 1, 0, n)
      else kernels.scaleShiftActivate(z, rows, stride, scale, shift, keep, factor, 1, a)
    })
    pass.forwardOut()
    const sum = this.outputLoss(rows, true)
    const terms = shape.predictionType === 'multilabel' ? rows * shape.outputs : rows
    return sum / terms
  }

  private backward(rows: number): void {
    const { memory, kernels, layout, shape, options } = this
    const multilabel = shape.predictionType === 'multilabel'
    const pass = this.pass(rows)
    const stride = layout.hiddenStride
    const factor = 1 / (1 - options.dropout)
    const y = memory.address('y')
    kernels.outputGradient(
      memory.address('o'),
      multilabel ? 0 : y,
      multilabel ? y : 0,
      rows,
      layout.outputStride,
      1 / (multilabel ? rows * shape.outputs : rows),
      this.gradient(layout.projection.bias),
      memory.address('oT'),
      unaliasedStride(rows),
    )
    pass.weightGradientOut()
    for (let i = layout.layers.length - 1; i >= 0; i--) {
      pass.inputGradients[i]()
      const layer = layout.layers[i]
      const after = shape.normAfterActivation === true
      // The gradient alternates between two matrices, since a product cannot overwrite its own input.
      const d = memory.address((layout.layers.length - 1 - i) % 2 === 0 ? 'd0' : 'd1')
      const [z, a] = [memory.address(`z${i}`), memory.address(`a${i}`)]
      const normInput = after ? a : z
      const [mean, reciprocal] = [memory.address(`mean${i}`), memory.address(`reciprocal${i}`)]
      const [dBeta, dGamma] = [this.gradient(layer.beta), this.gradient(layer.gamma)]
      const scratch = memory.address('scratch')
      kernels.batchNormBackwardSums(
        d,
        normInput,
        after ? 0 : a,
        rows,
        stride,
        mean,
        reciprocal,
        factor,
        dBeta,
        dGamma,
        scratch,
      )
      kernels.batchNormBackwardInput(
        d,
        normInput,
        rows,
        stride,
        this.parameter(layer.gamma),
        mean,
        reciprocal,
        dBeta,
        dGamma,
        this.gradient(layer.bias),
        i > 0 || after ? 1 : 0,
        memory.address('dT'),
        unaliasedStride(rows),
        scratch,
      )
      if (after) {
        const dBias = this.gradient(layer.bias)
        kernels.activationBackward(
          d,
          a,
          rows,
          stride,
          factor,
          dBias,
          memory.address('dT'),
          unaliasedStride(rows),
        )
      }
      pass.weightGradients[i]()
    }
  }

  private outputLoss(rows: number, withTargets: boolean): number {
    const { memory, kernels, layout, shape } = this
    const bias = this.parameter(layout.projection.bias)
    const y = withTargets ? memory.address('y') : 0
    return shape.predictionType === 'multilabel'
      ? kernels.sigmoid(memory.address('o'), bias, y, rows, layout.outputStride)
      : kernels.softmax(memory.address('o'), bias, y, rows, layout.outputStride)
  }

  private pass(rows: number): Pass {
    const known = this.passes.get(rows)
    if (known !== undefined) return known
    const { memory, layout, gemm, shape } = this
    const { hiddenStride: h, outputStride: c } = layout
    const summed = unaliasedStride(rows)
    const parameter = (block: Block) => memory.at('parameters') + block.offset
    const gradient = (block: Block) => memory.at('gradients') + block.offset
    const output = shape.normAfterActivation ? 'n' : 'a'
    const forward: (() => void)[] = []
    const weightGradients: (() => void)[] = []
    const inputGradients: (() => void)[] = []
    const depth = layout.layers.length
    layout.layers.forEach(({ weight }, i) => {
      const input = i === 0 ? memory.at('x') : memory.at(`${output}${i - 1}`)
      const k = weight.stride
      forward.push(
        gemm.bind({ m: rows, n: h, k, transB: true }, input, parameter(weight), memory.at(`z${i}`)),
      )
      weightGradients.push(
        gemm.bind({ m: h, n: k, k: summed, transB: false }, memory.at('dT'), input, gradient(weight)),
      )
      const above = i + 1 < depth ? layout.layers[i + 1].weight : layout.projection.weight
      const from = i + 1 < depth ? memory.at((depth - 2 - i) % 2 === 0 ? 'd0' : 'd1') : memory.at('o')
      const to = memory.at((depth - 1 - i) % 2 === 0 ? 'd0' : 'd1')
      const inner = i + 1 < depth ? h : c
      inputGradients.push(gemm.bind({ m: rows, n: h, k: inner, transB: false }, from, parameter(above), to))
    })
    const last = depth === 0 ? memory.at('x') : memory.at(`${output}${depth - 1}`)
    const { weight } = layout.projection
    const k = weight.stride
    const made: Pass = {
      forward,
      weightGradients,
      inputGradients,
      forwardOut: gemm.bind({ m: rows, n: c, k, transB: true }, last, parameter(weight), memory.at('o')),
      weightGradientOut: gemm.bind(
        { m: c, n: k, k: summed, transB: false },
        memory.at('oT'),
        last,
        gradient(weight),
      ),
    }
    this.passes.set(rows, made)
    return made
  }

  private parameter(block: Block): number {
    return this.memory.address('parameters') + block.offset * 4
  }

  private gradient(block: Block): number {
    return this.memory.address('gradients') + block.offset * 4
  }

  /** Byte address of layer i's running mean; its running variance follows it. */
  private runningAddress(i: number): number {
    return this.memory.address('running') + 2 * i * this.layout.hiddenStride * 4
  }
}

function planMemory({ shape, maxRows }: ProbeNetOptions, layout: ParameterLayout): [string, number][] {
  const { hiddenStride: h, outputStride: c, length } = layout
  const summed = unaliasedStride(maxRows)
  const plan: [string, number][] = [
    ['x', summed * layout.inputStride],
    ['y', shape.predictionType === 'multilabel' ? (maxRows * c) / 4 : maxRows],
    ['parameters', length],
    ['gradients', length],
    ['adamFirst', length],
    ['adamSecond', length],
    ['running', 2 * h * shape.hiddenLayers],
    ['bestParameters', length],
    ['bestRunning', 2 * h * shape.hiddenLayers],
    ['o', maxRows * c],
    ['oT', summed * c],
    ['gemmScratch', WASM_GEMM_SCRATCH],
  ]
  if (shape.hiddenLayers > 0)
    plan.push(
      ['d0', maxRows * h],
      ['d1', shape.hiddenLayers > 1 ? maxRows * h : 0],
      ['dT', summed * h],
      ['scratch', 3 * h],
      ['variance', h],
      ['ones', h],
      ['zeros', h],
    )
  for (let i = 0; i < shape.hiddenLayers; i++) {
    plan.push([`z${i}`, maxRows * h], [`a${i}`, summed * h])
    plan.push([`n${i}`, shape.normAfterActivation ? summed * h : 0])
    for (const vector of ['mean', 'reciprocal', 'scale', 'shift']) plan.push([`${vector}${i}`, h])
  }
  return plan
}
