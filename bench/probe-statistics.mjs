// Time of the neighbour probe, the few-shot probe and bootstrap intervals.
// Run after `npm run build`: node bench/probe-statistics.mjs
import { performance } from 'node:perf_hooks'
import { METRICS } from '../dist/metrics/registry.js'
import { fewShot } from '../dist/probe/few-shot/few-shot.js'
import { knnProbe } from '../dist/probe/knn/knn.js'
import { bootstrapInterval } from '../dist/probe/statistics/bootstrap.js'
import { comparePaired } from '../dist/probe/statistics/compare.js'

// Numerical Recipes' linear congruential generator: the same numbers in every run.
let state = 1
function uniform() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}
const seconds = (work) => {
  const begin = performance.now()
  const result = work()
  return [((performance.now() - begin) / 1000).toFixed(2), result]
}

const CLASSES = 50
const SIZE = 1024
function split(name, rows) {
  const classIndex = Int32Array.from({ length: rows }, (_, i) => i % CLASSES)
  const embeddings = Float32Array.from({ length: rows * SIZE }, (_, i) =>
    i % SIZE === classIndex[Math.floor(i / SIZE)] ? 8 + uniform() : uniform(),
  )
  return { name, rows, inputSize: SIZE, embeddings, targets: { kind: 'multiclass', classIndex } }
}
const [train, valid, test] = [split('train', 10_000), split('valid', 1000), split('test', 2000)]
const top1 = METRICS.find(({ id }) => id === 'top1_acc')
const score = (of) => (predictions) =>
  top1.prepare({ predictions, targets: of.targets, rows: of.rows, classes: CLASSES }).evaluate()
const folds = [{ train: [train], valid, test, scoreValidation: score(valid) }]
const given = { embeddingType: 'scene', gemm: 'auto' }

console.log(
  `${train.rows} x ${SIZE} training rows, ${valid.rows} validation, ${test.rows} test, ${CLASSES} classes`,
)
const [knnSec, knn] = seconds(() => knnProbe({ ...given, folds, labels: CLASSES, maximize: true }))
console.log(`neighbours: ${knnSec} s, ${JSON.stringify(knn.chosen)}, ${knn.gemm}`)
const labels = Array.from({ length: CLASSES }, (_, i) => `${i}`)
const [fewSec] = seconds(() =>
  fewShot({ ...given, train: [train], test, labels, scoreTest: score(test), seed: 1 }),
)
console.log(`few shots, 4 counts of 10 draws: ${fewSec} s`)

const ROWS = 2000
const hot = Uint8Array.from({ length: ROWS * CLASSES }, () => (uniform() < 0.05 ? 1 : 0))
const model = (metric) => {
  const predictions = Float32Array.from(hot, (label) => uniform() + 0.4 * label)
  const targets = { kind: 'multilabel', hot }
  const prepared = metric.prepare({ predictions, targets, rows: ROWS, classes: CLASSES })
  return { runs: [[prepared]], unitNames: [Array.from({ length: ROWS }, (_, i) => `${i}`)] }
}
console.log(`${ROWS} clips x ${CLASSES} classes, 1000 resamples`)
for (const metric of METRICS.filter(({ id }) => id === 'top1_acc' || id === 'mAP')) {
  const [a, b] = [model(metric), model(metric)]
  const [intervalSec, { low, high }] = seconds(() => bootstrapInterval({ ...a, seed: 1 }))
  const [compareSec, { test: how }] = seconds(() => comparePaired({ a, b, maximize: true, seed: 1 }))
  console.log(
    `${metric.id}: interval ${intervalSec} s (${low.toFixed(4)} to ${high.toFixed(4)}), comparison ${compareSec} s by ${how}`,
  )
}
