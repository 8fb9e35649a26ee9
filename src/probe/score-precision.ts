/** Metrics whose scores heareval's trainer keeps as NumPy doubles; all other figures become single precision there. */
const DOUBLE_METRICS: ReadonlySet<string> = new Set(['mAP', 'd_prime', 'aucroc'])

/**
 * A figure in the precision in which heareval compares and reports it.
 * Source: recorded scores of heareval 2021.1.3 with pytorch-lightning 1.6.5, where a Python float becomes a
 * float32 tensor and a NumPy double stays one.
 */
export function inRecordedPrecision(metricId: string, value: number): number {
  return DOUBLE_METRICS.has(metricId) ? value : Math.fround(value)
}
