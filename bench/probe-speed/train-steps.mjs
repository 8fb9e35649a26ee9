// One thread of probe-speed.mjs: trains a probe on made-up rows and reports when it began and ended.
import { parentPort, workerData } from 'node:worker_threads'
import { createGemm } from '../../dist/num/gemm/create-gemm.js'
import { KernelMemory } from '../../dist/num/memory.js'
import { Random } from '../../dist/num/random.js'
import { ProbeNet } from '../../dist/probe/net/probe-net.js'
import { RowFeeder } from '../../dist/probe/training/row-feeder.js'

const BATCH = 1024
const HIDDEN = 1024
const { gemm } = workerData

/** Steps of one configuration; the warm-up is not timed. */
function trainSteps({ config, barrier }) {
  const { inputSize, hiddenLayers, outputs, predictionType, steps } = config
  const shape = { inputSize, hiddenLayers, hiddenSize: HIDDEN, outputs, predictionType }
  const net = new ProbeNet({ shape, maxRows: BATCH, learningRate: 1e-3, dropout: 0.1, gemm })
  const random = new Random(1)
  net.initialise('xavier_uniform_', random)
  const rows = 2 * BATCH
  const embeddings = Float32Array.from({ length: rows * inputSize }, () => random.uniform() - 0.5)
  const targets =
    predictionType === 'multilabel'
      ? {
          kind: 'multilabel',
          hot: Uint8Array.from({ length: rows * outputs }, () => (random.uniform() < 0.2 ? 1 : 0)),
        }
      : { kind: 'multiclass', classIndex: Int32Array.from({ length: rows }, () => random.int(outputs)) }
  const feeder = new RowFeeder(net, [{ name: 'made-up', rows, inputSize, embeddings, targets }])
  const step = (i) => {
    feeder.feed((i % 2) * BATCH, BATCH)
    net.step(BATCH)
  }
  step(0)
  step(1)
  meet(barrier)
  const begin = performance.timeOrigin + performance.now()
  for (let i = 0; i < steps; i++) step(i)
  return { begin, end: performance.timeOrigin + performance.now(), gemm: net.gemm.version }
}

/** One large product, again and again: the most that this library reaches here. */
function peak({ barrier }) {
  const [m, n, k] = [1024, 1024, 2048]
  const memory = new KernelMemory([
    ['a', m * k],
    ['b', n * k],
    ['c', m * n],
    ['gemmScratch', 256 * 256 + 1024],
  ])
  const random = new Random(2)
  for (const name of ['a', 'b'])
    memory.floats(name).forEach((_, i, x) => {
      x[i] = random.uniform()
    })
  const run = createGemm(gemm, memory).bind(
    { m, n, k, transB: true },
    memory.at('a'),
    memory.at('b'),
    memory.at('c'),
  )
  run()
  meet(barrier)
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10; i++) {
    const begin = performance.now()
    run()
    best = Math.min(best, performance.now() - begin)
  }
  return { gflops: (2 * m * n * k) / best / 1e6 }
}

/** Waits until every thread is here, so that all cores are busy while one is timed. */
function meet({ counter, threads }) {
  if (Atomics.add(counter, 0, 1) + 1 === threads) Atomics.notify(counter, 0)
  let seen = Atomics.load(counter, 0)
  while (seen < threads) {
    Atomics.wait(counter, 0, seen, 1000)
    seen = Atomics.load(counter, 0)
  }
}

parentPort.on('message', (job) =>
  parentPort.postMessage(job.config === undefined ? peak(job) : trainSteps(job)),
)
