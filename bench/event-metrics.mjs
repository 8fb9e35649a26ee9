// Time to score 1,000 reference events in 40 clips, preparation of targets and predictions included, against
// sed_eval 0.2.1 (49 ms for an F-measure and 24 ms for the error rate per 120 events in 4 clips, same machine kind).
// Run after `npm run build`: node bench/event-metrics.mjs
import { performance } from 'node:perf_hooks'
import { METRICS } from '../dist/metrics/registry.js'

const CLIPS = 40
const EVENTS_PER_CLIP = 25
const CLIP_MS = 120_000
const LABELS = Array.from({ length: 11 }, (_, i) => `label ${i}`)
const SED_EVAL_MS_PER_120_EVENTS = { event: 49, segment: 24 }
const RUNS = 201

// Numerical Recipes' linear congruential generator: the same events in every run.
let state = 1
function uniform() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

const targets = new Map()
const predictions = new Map()
for (let clip = 0; clip < CLIPS; clip++) {
  const reference = Array.from({ length: EVENTS_PER_CLIP }, () => {
    const start = uniform() * CLIP_MS
    return {
      label: LABELS[Math.floor(uniform() * LABELS.length)],
      start,
      end: start + 100 + uniform() * 2000,
    }
  })
  // A fifth is missed, onsets and offsets are some tens of milliseconds off, and there are false alarms.
  const found = reference.filter(() => uniform() < 0.8)
  const shifted = found.map(({ label, start, end }) => ({
    label,
    start: start + (uniform() - 0.5) * 200,
    end: end + (uniform() - 0.5) * 200,
  }))
  const falseAlarms = reference.slice(0, 5).map((event) => ({ ...event, label: LABELS[0] }))
  targets.set(`${clip}.wav`, reference)
  predictions.set(`${clip}.wav`, [...shifted, ...falseAlarms])
}

console.log(
  `${CLIPS * EVENTS_PER_CLIP} reference events in ${CLIPS} clips, ${LABELS.length} labels; median of ${RUNS} runs`,
)
for (const metric of METRICS.filter(({ kind }) => kind === 'event')) {
  const all = []
  const validation = []
  let result
  let first
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now()
    const prepared = metric.prepareTargets(targets, LABELS)
    const between = performance.now()
    result = prepared.prepare(predictions).evaluate()
    const end = performance.now()
    first ??= end - begin
    all.push(end - begin)
    validation.push(end - between)
  }
  const bootstrapped = metric.prepareTargets(targets, LABELS).prepare(predictions)
  const weights = new Float64Array(CLIPS)
  const begin = performance.now()
  for (let resample = 0; resample < 1000; resample++) {
    weights.fill(0)
    for (let i = 0; i < CLIPS; i++) weights[Math.floor(uniform() * CLIPS)]++
    bootstrapped.evaluate(weights)
  }
  const bootstrapMs = performance.now() - begin
  const theirs =
    (SED_EVAL_MS_PER_120_EVENTS[metric.id.startsWith('segment') ? 'segment' : 'event'] *
      CLIPS *
      EVENTS_PER_CLIP) /
    120
  console.log(
    `${metric.id.padEnd(36)} ${median(all).toFixed(2)} ms (first run ${first.toFixed(1)} ms, targets kept ${median(validation).toFixed(2)} ms),` +
      ` sed_eval ${theirs.toFixed(0)} ms: ${(theirs / median(all)).toFixed(0)} times faster;` +
      ` 1,000 resamples ${bootstrapMs.toFixed(0)} ms; score ${result.value.toFixed(3)}`,
  )
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
