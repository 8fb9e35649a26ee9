import { describe, expect, test } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { Random } from '../../num/random.js'
import type { Initialization } from './initialise.js'
import { ProbeNet } from './probe-net.js'
import type { PredictionType, ProbeShape } from './shape.js'

type Matrix = number[][]
type State = Record<string, number | number[] | Matrix>
interface TrainingInput {
  nfeatures: number
  hidden_dim: number
  hidden_layers: number
  nlabels: number
  prediction_type: PredictionType
  lr: number
  norm_after_activation: boolean
  steps: number
  x: Matrix
  y: Matrix
  state_dict: State
}
interface TrainingExpected {
  error?: { type: string }
  value: {
    eval_before: { prediction: Matrix }
    train_losses: number[]
    grads_step0: State
    state_dict_after: State
    eval_after: { prediction: Matrix; loss: number }
  }
}

const flat = (value: State[string]): number[] => [value].flat(2) as number[]

function netFor(input: TrainingInput, gemm: 'onnxruntime' | 'wasm'): ProbeNet {
  const shape: ProbeShape = {
    inputSize: input.nfeatures,
    hiddenLayers: input.hidden_layers,
    hiddenSize: input.hidden_dim,
    outputs: input.nlabels,
    predictionType: input.prediction_type,
    normAfterActivation: input.norm_after_activation,
  }
  const net = new ProbeNet({ shape, maxRows: input.x.length, learningRate: input.lr, dropout: 0, gemm })
  net.initialise('xavier_uniform_', new Random(1))
  for (const block of net.layout.blocks) net.write(block, flat(input.state_dict[block.name]))
  eachRunning(net, (name, region) => {
    region.set(flat(input.state_dict[name]))
  })
  net.inputs.set(input.x.flat())
  setTargets(net, input.y)
  return net
}

function eachRunning(net: ProbeNet, visit: (name: string, region: Float32Array, size: number) => void) {
  net.layout.layers.forEach(({ gamma }, i) => {
    const norm = gamma.name.replace('.weight', '')
    visit(`${norm}.running_mean`, net.runningMean(i), gamma.rows)
    visit(`${norm}.running_var`, net.runningVariance(i), gamma.rows)
  })
}

function setTargets(net: ProbeNet, y: Matrix): void {
  y.forEach((row, i) => {
    if (net.shape.predictionType === 'multiclass') net.classIndex[i] = row.indexOf(1)
    else net.hot.set(row, i * net.layout.outputStride)
  })
}

function predictions(net: ProbeNet, rows: number): number[] {
  const { outputStride } = net.layout
  return Array.from({ length: rows }, (_, i) => [
    ...net.probabilities.subarray(i * outputStride, i * outputStride + net.shape.outputs),
  ]).flat()
}

/** |actual - expected| <= atol + rtol |expected|, element by element. */
function expectClose(
  actual: ArrayLike<number>,
  expected: number[],
  rtol: number,
  atol: number,
  title: string,
) {
  expect(actual.length, title).toBe(expected.length)
  for (let i = 0; i < expected.length; i++)
    expect(
      Math.abs(actual[i] - expected[i]),
      `${title} [${i}]: ${actual[i]} for ${expected[i]}`,
    ).toBeLessThanOrEqual(atol + rtol * Math.abs(expected[i]))
}

describe.each(['onnxruntime', 'wasm'] as const)('with the %s GEMM', (gemm) => {
  const cases = fixtureCases<TrainingInput, TrainingExpected>('heareval/predictor_training')
  test.each(cases.map((one) => [one.id, one] as const))(
    'five steps equal PyTorch’s in loss, gradients, parameters and predictions: %s',
    (_, { input, expected }) => {
      const rows = input.x.length
      const net = netFor(input, gemm)
      if (expected.error !== undefined) {
        expect(() => net.step(rows)).toThrow(/single row/)
        return
      }
      const { eval_before, train_losses, grads_step0, state_dict_after, eval_after } = expected.value
      net.predict(rows, false)
      expectClose(predictions(net, rows), eval_before.prediction.flat(), 1e-4, 1e-6, 'first prediction')
      const underNorm = (name: string) =>
        !input.norm_after_activation && net.layout.layers.some(({ bias }) => bias.name === name)
      for (let s = 0; s < input.steps; s++) {
        expectClose([net.step(rows)], [train_losses[s]], 1e-4, 1e-6, `loss of step ${s}`)
        if (s > 0) continue
        for (const block of net.layout.blocks) {
          const ours = net.read(block, 'gradients')
          const theirs = flat(grads_step0[block.name])
          const largest = Math.max(...theirs.map(Math.abs))
          // The true gradient of a bias under batch norm is 0; both have the rounding noise of that sum.
          if (underNorm(block.name)) expect(Math.max(...ours.map(Math.abs))).toBeLessThan(2e-3)
          else expectClose(ours, theirs, 1e-4, 1e-3 * largest + 2e-6, `gradient of ${block.name}`)
        }
      }
      // Where a gradient is noise around 0, Adam makes full steps of it: such elements can only be bounded.
      const adamBound = 2 * input.lr * input.steps
      for (const block of net.layout.blocks) {
        const gradients = flat(grads_step0[block.name])
        const largest = Math.max(...gradients.map(Math.abs))
        const ours = net.read(block)
        flat(state_dict_after[block.name]).forEach((theirs, i) => {
          const noise = underNorm(block.name) || Math.abs(gradients[i]) < 0.1 * largest || largest < 1e-5
          const atol = noise ? adamBound : 0.2 * adamBound
          expectClose([ours[i]], [theirs], 1e-4, atol, `${block.name} ${i} after training`)
        })
      }
      eachRunning(net, (name, region, size) => {
        const theirs = flat(state_dict_after[name])
        const spread = Math.max(...theirs.map(Math.abs))
        // the running mean carries the bias under the norm, which PyTorch's noise has moved
        const atol = name.endsWith('running_mean') ? adamBound + 0.01 * spread : 0.01 * spread + 1e-6
        expectClose(region.subarray(0, size), theirs, 1e-3, atol, name)
      })
      // From PyTorch's own final state, evaluation must give PyTorch's own predictions and loss.
      for (const block of net.layout.blocks) net.write(block, flat(state_dict_after[block.name]))
      eachRunning(net, (name, region) => {
        region.set(flat(state_dict_after[name]))
      })
      const sum = net.predict(rows, true)
      const terms = input.prediction_type === 'multilabel' ? rows * input.nlabels : rows
      expectClose(predictions(net, rows), eval_after.prediction.flat(), 1e-4, 1e-6, 'last prediction')
      expectClose([sum / terms], [eval_after.loss], 1e-4, 1e-6, 'last loss')
    },
  )
})

/** A net without hidden layers and with identity weights: its logits are its inputs. */
function identityNet(rows: number, outputs: number, predictionType: PredictionType): ProbeNet {
  const shape: ProbeShape = { inputSize: outputs, hiddenLayers: 0, hiddenSize: 0, outputs, predictionType }
  const net = new ProbeNet({ shape, maxRows: rows, learningRate: 1, dropout: 0, gemm: 'wasm' })
  net.initialise('xavier_uniform_', new Random(1))
  const identity = Array.from({ length: outputs * outputs }, (_, i) => (i % (outputs + 1) === 0 ? 1 : 0))
  net.write(net.layout.projection.weight, identity)
  net.write(net.layout.projection.bias, new Float32Array(outputs))
  return net
}

/** Both losses in double precision, by their definitions. */
function lossTwin(logits: Matrix, targets: Matrix): Record<PredictionType, number> {
  let [cross, binary] = [0, 0]
  logits.forEach((row, i) => {
    const top = Math.max(...row)
    const label = row[targets[i].indexOf(1)]
    cross += top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - label
    row.forEach((x, j) => {
      binary += Math.max(x, 0) - x * targets[i][j] + Math.log1p(Math.exp(-Math.abs(x)))
    })
  })
  return { multiclass: cross / logits.length, multilabel: binary / logits.flat().length }
}

test('both losses equal their definitions, and the recorded ones, also for huge logits', () => {
  let compared = 0
  for (const { id, input, expected } of fixtureCases<
    { logits: Matrix; targets: Matrix },
    { value?: number; error?: unknown }
  >('heareval/losses')) {
    if (expected.error !== undefined) continue // several labels in a multiclass row: see targets.test.ts
    const { logits, targets } = input
    const [rows, outputs] = [logits.length, logits[0].length]
    const twin = lossTwin(logits, targets)
    // Some cases named after the binary loss hold the cross-entropy: which one it is shows in the value.
    let recordedAs = 0
    for (const type of ['multiclass', 'multilabel'] as const) {
      const net = identityNet(rows, outputs, type)
      net.inputs.set(logits.flat())
      setTargets(net, targets)
      const loss = net.predict(rows, true) / (type === 'multilabel' ? rows * outputs : rows)
      expectClose([loss], [twin[type]], 1e-6, 1e-7, `${id} as ${type}`)
      if (Math.abs(loss - (expected.value as number)) <= 1e-5 * loss + 1e-7) recordedAs++
    }
    expect(recordedAs, `${id}: neither loss is the recorded one`).toBeGreaterThan(0)
    compared++
  }
  expect(compared).toBeGreaterThan(0)
})

test('fresh parameters follow the distributions and gains of heareval', () => {
  interface Layer {
    fan_in: number
    fan_out: number
    gain: number
    theoretical: { std: number; uniform_bound: number }
    bias_uniform_bound: number
  }
  interface Input {
    nfeatures: number
    hidden_dim: number
    nlabels: number
    hidden_layers: number
    initialization: Initialization
  }
  for (const { id, input, expected } of fixtureCases<Input, { value: { layers: Layer[] } }>(
    'heareval/predictor_init',
  )) {
    const shape: ProbeShape = {
      inputSize: input.nfeatures,
      hiddenLayers: input.hidden_layers,
      hiddenSize: input.hidden_dim,
      outputs: input.nlabels,
      predictionType: 'multiclass',
    }
    const net = new ProbeNet({ shape, maxRows: 2, learningRate: 1, dropout: 0, gemm: 'wasm' })
    net.initialise(input.initialization, new Random(id))
    const linears = [...net.layout.layers, net.layout.projection]
    expect(linears.length).toBe(expected.value.layers.length)
    expected.value.layers.forEach((layer, i) => {
      const weight = net.read(linears[i].weight)
      const bias = net.read(linears[i].bias)
      expect([linears[i].weight.rows, linears[i].weight.cols]).toEqual([layer.fan_out, layer.fan_in])
      // five standard errors of a sample deviation
      const slack = 1 + 5 / Math.sqrt(2 * weight.length)
      const std = Math.sqrt(weight.reduce((sum, w) => sum + w * w, 0) / weight.length)
      expect(std / layer.theoretical.std, id).toBeLessThan(slack)
      expect(layer.theoretical.std / std, id).toBeLessThan(slack * 1.1)
      const largest = weight.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
      if (input.initialization === 'xavier_uniform_')
        expect(largest, id).toBeLessThanOrEqual(layer.theoretical.uniform_bound * (1 + 1e-6))
      else if (weight.length > 400) expect(largest, id).toBeGreaterThan(layer.theoretical.std * 2)
      expect(Math.max(...bias.map(Math.abs)), id).toBeLessThanOrEqual(layer.bias_uniform_bound * (1 + 1e-6))
    })
  }
})

test('dropout keeps the share it should, scales what it keeps, and repeats with the seed', () => {
  const shape: ProbeShape = {
    inputSize: 8,
    hiddenLayers: 1,
    hiddenSize: 64,
    outputs: 3,
    predictionType: 'multiclass',
  }
  const rows = 512
  const run = (seed: number) => {
    const net = new ProbeNet({ shape, maxRows: rows, learningRate: 1e-3, dropout: 0.25, gemm: 'wasm' })
    const random = new Random(seed)
    net.initialise('xavier_normal_', random)
    for (let i = 0; i < net.inputs.length; i++) net.inputs[i] = random.normal()
    // A large shift keeps every activation positive, so that a zero can only come from dropout.
    net.write(net.layout.layers[0].beta, new Float32Array(64).fill(100))
    net.step(rows)
    return net.memory.floats('a0').slice()
  }
  const a = run(7)
  const kept = a.filter((v) => v !== 0)
  expect(kept.length / a.length).toBeGreaterThan(0.73)
  expect(kept.length / a.length).toBeLessThan(0.77)
  expect(kept.reduce((sum, v) => sum + v, 0) / kept.length).toBeCloseTo(100 / 0.75, 0)
  expect(run(7)).toEqual(a)
  expect(run(8)).not.toEqual(a)
})
