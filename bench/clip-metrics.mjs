// Time to score 10,000 clips x 200 classes (the size of FSD50K's test split), and per bootstrap resample.
// Run after `npm run build`: node bench/clip-metrics.mjs
import { performance } from 'node:perf_hooks'
import { METRICS } from '../dist/metrics/registry.js'

const ROWS = 10_000
const CLASSES = 200
const RESAMPLES = 20

// Numerical Recipes' linear congruential generator: the same scores in every run.
let state = 1
function uniform() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

const hot = Uint8Array.from({ length: ROWS * CLASSES }, () => (uniform() < 0.02 ? 1 : 0))
const scores = Float64Array.from(hot, (positive) => uniform() ** 4 + 0.3 * positive)
const weights = new Float64Array(ROWS)
for (let i = 0; i < ROWS; i++) weights[Math.floor(uniform() * ROWS)]++

console.log(`${ROWS} rows x ${CLASSES} classes`)
for (const metric of METRICS.filter(({ kind }) => kind === 'clip'))
  for (const predictions of [Float32Array.from(scores), scores]) {
    const begin = performance.now()
    const targets = { kind: 'multilabel', hot }
    const prepared = metric.prepare({ predictions, targets, rows: ROWS, classes: CLASSES })
    const { value } = prepared.evaluate()
    const scored = performance.now()
    for (let i = 0; i < RESAMPLES; i++) prepared.evaluate(weights)
    const resampleMs = (performance.now() - scored) / RESAMPLES
    const kind = predictions instanceof Float32Array ? 'float32' : 'float64'
    console.log(
      `${metric.id.padEnd(10)} ${kind}: ${(scored - begin).toFixed(0)} ms, ${resampleMs.toFixed(1)} ms a resample, score ${value.toFixed(4)}`,
    )
  }
