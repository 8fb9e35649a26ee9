// How fast the probe trains with both cores busy: ms per step of 1024 rows, beside a plain PyTorch loop with two
// threads (where python3 has torch) and the sgemm peak of the same library, all in the same run, interleaved.
// Run after `npm run build`: node bench/probe-speed.mjs [--gemm auto|wasm|openblas] [--rounds 5] [--only ABCD]
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

const THREADS = 2
const BATCH = 1024
const HIDDEN = 1024
const { values } = parseArgs({
  options: {
    gemm: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'ABCD' },
  },
})
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const configurations = JSON.parse(readFileSync(here('./probe-speed/configurations.json'), 'utf8'))

function findTorch() {
  for (const python of ['python3', '/usr/bin/python3'])
    try {
      const version = execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], {
        stdio: 'pipe',
      })
      return { python, version: String(version).trim() }
    } catch {
      // this one has no torch; the next may
    }
  return undefined
}

const workers = Array.from(
  { length: THREADS },
  () => new Worker(here('./probe-speed/train-steps.mjs'), { workerData: { gemm: values.gemm } }),
)

function onAll(config) {
  const barrier = { counter: new Int32Array(new SharedArrayBuffer(4)), threads: THREADS }
  return Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve, reject) => {
          worker.removeAllListeners()
          worker.once('message', resolve)
          worker.once('error', reject)
          worker.postMessage({ config, barrier })
        }),
    ),
  )
}

/** ms per step over all threads: each does its own steps, both cores busy. */
async function ours(config) {
  const done = await onAll(config)
  const wall = Math.max(...done.map(({ end }) => end)) - Math.min(...done.map(({ begin }) => begin))
  return { ms: wall / (THREADS * config.steps), gemm: done[0].gemm }
}

const torch = findTorch()
const torchStep = (config) =>
  Number(
    execFileSync(torch.python, [here('./probe-speed/torch_loop.py'), JSON.stringify(config)], {
      encoding: 'utf8',
    }),
  )
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

const results = {}
const peaks = []
for (let round = 0; round < Number(values.rounds); round++)
  for (const name of values.only) {
    const config = configurations[name]
    results[name] ??= { ours: [], torch: [] }
    const result = results[name]
    const { ms, gemm } = await ours(config)
    result.ours.push(ms)
    result.gemm = gemm
    if (torch !== undefined) result.torch.push(torchStep(config))
    peaks.push((await onAll(undefined)).reduce((sum, { gflops }) => sum + gflops, 0))
  }
for (const worker of workers) await worker.terminate()

const peak = median(peaks)
const [first] = Object.values(results)
console.log(
  `probe training, ${THREADS} threads, batch ${BATCH}, hidden ${HIDDEN}; medians of ${values.rounds} rounds`,
)
console.log(`GEMM: ${first.gemm}; its sgemm peak with both cores busy: ${peak.toFixed(0)} GFLOP/s`)
console.log(
  torch === undefined
    ? 'PyTorch: not found, so no ratio to it'
    : `peer: PyTorch ${torch.version}, ${THREADS} threads`,
)
for (const name of values.only) {
  const { inputSize: d, hiddenLayers: l, outputs: c } = configurations[name]
  const flops = 2 * BATCH * (2 * d * HIDDEN + (l - 1) * 3 * HIDDEN ** 2 + 3 * HIDDEN * c)
  const ms = median(results[name].ours)
  const reached = flops / ms / 1e6
  const parts = [
    `${name}: ${ms.toFixed(1)} ms a step`,
    `${reached.toFixed(0)} GFLOP/s, ${((100 * reached) / peak).toFixed(0)} % of the peak`,
  ]
  if (torch !== undefined) {
    const peer = median(results[name].torch)
    parts.push(`PyTorch ${peer.toFixed(1)} ms, ${(peer / ms).toFixed(2)} times as fast`)
  }
  console.log(parts.join('; '))
}
