// One model through several adapters: how far their embeddings lie from the first one's, and what each takes.
//
//   npm run build && node bench/adapters.mjs <model> <other>... [--python python3] [--seconds 10] [--rounds 3]
//
// Models are named as for hear run --model. The naive baseline, in TypeScript, as an ONNX file, as a package and in
// PyTorch (its module in examples/python, which has to be on PYTHONPATH):
//
//   PYTHONPATH=examples/python node bench/adapters.mjs naive hear_naive.onnx ./naive-package py:hear_naive_torch
//
// A package of it is a folder whose index.mjs exports loadNaive of dist/model/naive-baseline.js as loadModel, and the
// two functions beside it. Two sounds of noise; milliseconds per second of audio are medians of the rounds after a
// first one that warms up, on one thread of ONNX, and as many as PyTorch takes. Relative differences are to the largest
// value of the first model's tensor. Exits with 1 where a difference, absolute below 1 and relative above, reaches 1e-4.
import { parseArgs } from 'node:util'
import { openModel } from '../dist/model/open-model.js'
import { Random } from '../dist/num/random.js'

const LIMIT = 1e-4
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
})
if (positionals.length < 2) {
  console.error('usage: node bench/adapters.mjs <model> <other>... [--python python3] [--seconds 10]')
  process.exit(2)
}

let reference
console.log('| model | output | largest difference | relative | ms per s |')
console.log('|---|---|---|---|---|')
for (const name of positionals) {
  const { module, model, close } = await openModel(name, { python: values.python })
  const nSamples = Math.round(Number(values.seconds) * model.sampleRate)
  const random = new Random('adapters')
  const data = Float32Array.from({ length: 2 * nSamples }, () => random.uniform() - 0.5)
  const audio = { data, dims: [2, nSamples] }
  const frames = await timed(() => module.getTimestampEmbeddings(audio, model))
  const scenes = await timed(() => module.getSceneEmbeddings(audio, model))
  await close()
  const outputs = {
    'timestamp embeddings': { tensor: frames.result.embeddings, ms: frames.ms },
    timestamps: { tensor: frames.result.timestamps },
    'scene embeddings': { tensor: scenes.result, ms: scenes.ms },
  }
  reference ??= outputs
  for (const [what, { tensor, ms }] of Object.entries(outputs)) {
    const { absolute, relative, worst } = difference(reference[what].tensor, tensor)
    if (!(worst < LIMIT)) process.exitCode = 1
    const figures = outputs === reference ? ['', ''] : [absolute.toExponential(1), relative.toExponential(1)]
    console.log(`| ${[name, what, ...figures, ms === undefined ? '' : ms.toFixed(2)].join(' | ')} |`)
  }
}

function difference(expected, found) {
  if (expected.dims.join() !== found.dims.join())
    throw new Error(`expected [${expected.dims}], found [${found.dims}]`)
  let [absolute, largest, worst] = [0, 0, 0]
  for (let i = 0; i < expected.data.length; i++) {
    const off = Math.abs(expected.data[i] - found.data[i])
    absolute = Math.max(absolute, off)
    largest = Math.max(largest, Math.abs(expected.data[i]))
    worst = Math.max(worst, off / Math.max(1, Math.abs(expected.data[i])))
  }
  return { absolute, relative: largest === 0 ? 0 : absolute / largest, worst }
}

async function timed(work) {
  const result = await work()
  const times = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  return { result, ms: times[times.length >> 1] / (2 * Number(values.seconds)) }
}
