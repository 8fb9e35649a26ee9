import type { CheckContext } from './check.js'
import type { Observed, ObservedTensor } from './observe.js'

/** A longer distance between timestamps is advised against; the onset metrics tolerate as much. */
const MAX_HOP_MS = 50
/** What float32 makes of a hop may be as much more than it is, as a share of the time: an ulp at either end. */
const ROUNDING = 2 ** -22
/** How far distances may be from their mean, in hear-validator. */
const MAX_DEVIATION_MS = 1

/** Audio from this length on should have frames in its second half: no window is so long. */
const CUT_OFF_MS = 20_000

/** The check that is about timestamps. */
const SUBJECT_OF = 'timestamps'

/** What can be said of timestamps that are good: finite, increasing, in milliseconds. */
export interface Times {
  readonly firstMs: number
  readonly hopMs: number
}

/**
 * Reports whatever is wrong with the form of timestamps.
 * @param embeddings that they belong to, if these are of use.
 * @returns the tensor if its times can be looked at.
 */
export function checkTimestampsForm(
  context: CheckContext,
  observed: ObservedTensor,
  embeddings: Observed | undefined,
  where: string,
): Observed | undefined {
  if (observed.kind === 'other') {
    const expected = 'float32 [nSounds, nTimestamps]'
    context.report('timestamps/not-a-tensor', { expected, received: observed.description, where })
    return undefined
  }
  const { dtype, dims, nNotFinite } = observed
  const shape = `[${dims.join(', ')}]`
  if (dtype !== 'float32')
    context.report('timestamps/dtype', { expected: 'float32', received: dtype, where, subjectOf: SUBJECT_OF })
  if (dims.length !== 2) {
    const expected = '2 dimensions, [nSounds, nTimestamps]'
    context.report('timestamps/rank', { expected, received: `${dims.length}, ${shape}`, where })
    return undefined
  }
  if (embeddings !== undefined && (embeddings.dims[0] !== dims[0] || embeddings.dims[1] !== dims[1])) {
    const expected = `[${embeddings.dims.slice(0, 2).join(', ')}], one for each embedding`
    context.report('timestamps/shape', { expected, received: shape, where })
    return undefined
  }
  if (nNotFinite > 0) {
    const received = `${observed.firstNotFinite} and such in ${nNotFinite} of ${dims[0] * dims[1]}`
    context.report('timestamps/not-finite', { expected: 'finite numbers', received, where })
    return undefined
  }
  return observed
}

/**
 * Reports whatever is wrong with the times themselves: order, unit, hop, regularity, start and end.
 *
 * The limits are hear-validator's: hop 50 ms, deviation 1 ms from the mean distance, first timestamp at most and last
 * at least a mean distance from the ends. It looks at none of this where there is one frame only.
 *
 * @param timestamps float [nSounds, nTimestamps], finite.
 * @returns what later checks build on, or undefined where times cannot be trusted.
 */
export function checkTimes(
  context: CheckContext,
  timestamps: Observed,
  durationMs: number,
  where: string,
): Times | undefined {
  const { data } = timestamps
  const report: CheckContext['report'] = (code, found) =>
    context.report(code, { ...found, where, subjectOf: SUBJECT_OF })
  const [nSounds, nTimestamps] = timestamps.dims
  if (data === undefined) return undefined
  if (data.length === 0) {
    report('timestamps/none', { expected: 'at least one frame', received: 'none' })
    return undefined
  }
  const { minMs, maxMs, meanDiffMs, minDiffMs, maxDiffMs } = statistics(data, nTimestamps)
  const single = nTimestamps === 1
  const reportEnds = () => {
    if (minMs < 0) report('timestamps/negative', { expected: '0 ms or later', received: ms(minMs) })
    if (maxMs > durationMs)
      report('timestamps/past-end', {
        expected: `${ms(durationMs)} at most, where the audio ends`,
        received: ms(maxMs),
        originalPasses: single,
      })
  }
  if (single) {
    reportEnds()
    return undefined
  }
  if (minDiffMs < 0) {
    const expected = 'each later than the one before'
    report('timestamps/decreasing', { expected, received: `a step of ${ms(minDiffMs)}` })
  } else if (minDiffMs === 0) {
    const expected = 'each later than the one before'
    const received = maxDiffMs === 0 ? `${ms(minMs)} everywhere` : 'neighbours at the same time'
    report('timestamps/constant', { expected, received })
  }
  const deviationMs = Math.max(maxDiffMs - meanDiffMs, meanDiffMs - minDiffMs)
  if (deviationMs > MAX_DEVIATION_MS)
    report(
      context.loaded?.declares.irregularTimestamps ? 'timestamps/declared-irregular' : 'timestamps/irregular',
      {
        expected: `distances within ${MAX_DEVIATION_MS} ms of their mean, ${ms(meanDiffMs)}`,
        received: `${ms(minDiffMs)} to ${ms(maxDiffMs)}`,
      },
    )
  if (minDiffMs <= 0) {
    reportEnds()
    return undefined
  }
  const unit = guessUnit(maxMs, meanDiffMs, durationMs, context.measured.sampleRate)
  if (unit !== undefined) {
    const received = `${Number(maxMs.toPrecision(6))} for audio of ${ms(durationMs)}, which looks like ${unit}`
    report('timestamps/unit', { expected: 'milliseconds', received })
    reportEnds()
    return undefined
  }
  if (nSounds > 1 && rowsDiffer(data, nTimestamps)) {
    const expected = 'the same for each sound of a batch'
    report('timestamps/differ-between-sounds', { expected, received: 'different ones' })
  }
  if (maxDiffMs > MAX_HOP_MS)
    report('timestamps/hop', {
      expected: `${MAX_HOP_MS} ms or less between timestamps`,
      received: ms(maxDiffMs),
      severity: maxDiffMs > MAX_HOP_MS + ROUNDING * maxMs ? 'warning' : 'info',
    })
  if (minMs > meanDiffMs) {
    const expected = `a first timestamp of ${ms(meanDiffMs)} or less`
    report('timestamps/late-start', { expected, received: ms(minMs) })
  }
  if (maxMs < durationMs - meanDiffMs) {
    const expected = `a last timestamp of ${ms(durationMs - meanDiffMs)} or more`
    // What the distances may differ by is nothing to warn of.
    const little = maxMs >= durationMs - meanDiffMs - MAX_DEVIATION_MS
    const severity = isCutOff(maxMs, durationMs) ? 'error' : little ? 'info' : 'warning'
    report('timestamps/early-end', { expected, received: ms(maxMs), severity })
  }
  reportEnds()
  return { firstMs: data[0], hopMs: meanDiffMs }
}

function statistics(data: Float32Array | Float64Array, nTimestamps: number) {
  let [minMs, maxMs] = [data[0], data[0]]
  let [minDiffMs, maxDiffMs, sumMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  let nDiffs = 0
  for (let i = 0; i < data.length; i++) {
    minMs = Math.min(minMs, data[i])
    maxMs = Math.max(maxMs, data[i])
    if (i % nTimestamps === 0) continue
    const diffMs = data[i] - data[i - 1]
    minDiffMs = Math.min(minDiffMs, diffMs)
    maxDiffMs = Math.max(maxDiffMs, diffMs)
    sumMs += diffMs
    nDiffs++
  }
  return { minMs, maxMs, minDiffMs, maxDiffMs, meanDiffMs: sumMs / nDiffs }
}

/** Short audio may be half a window, which has its centre early; of long audio, a model embeds no more than it takes. */
function isCutOff(lastMs: number, durationMs: number): boolean {
  return durationMs >= CUT_OFF_MS && lastMs < durationMs / 2
}

/** The unit in which the last timestamp would be near the end of the audio, where milliseconds are far off. */
function guessUnit(
  last: number,
  meanDiff: number,
  durationMs: number,
  sampleRate: number | null,
): string | undefined {
  // Half and one and a half times the duration are far from right in any unit, and never both in two of them.
  const near = (timeMs: number) => timeMs > 0.5 * durationMs && timeMs < 1.5 * durationMs
  if (near(last)) return undefined
  if (near(last * 1000)) return 'seconds'
  if (sampleRate !== null && near((last / sampleRate) * 1000)) return 'samples'
  // Frame numbers are apart by exactly 1, and 1 ms would have reached the end.
  if (meanDiff === 1) return 'frame numbers'
  return undefined
}

function rowsDiffer(data: Float32Array | Float64Array, nTimestamps: number): boolean {
  for (let i = nTimestamps; i < data.length; i++) if (data[i] !== data[i - nTimestamps]) return true
  return false
}

/** A time with the digits that matter. */
export function ms(timeMs: number): string {
  return `${Number(timeMs.toFixed(3))} ms`
}
