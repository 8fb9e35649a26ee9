/**
 * Mean and standard deviation over folds of every figure, as `<name>_mean` and `<name>_std`, in the order in
 * which the figures first occur.
 *
 * Standard deviation with ddof 1, NaN for one value. A fold that lacks a figure, or has NaN, is left out of that
 * figure, as pandas does (skipna; wart of protocol hear-2021). Source: heareval 2021.1.3 `aggregate_test_results`.
 */
export function aggregateFolds(folds: readonly Readonly<Record<string, unknown>>[]): Record<string, number> {
  const aggregated: Record<string, number> = {}
  for (const name of new Set(folds.flatMap((fold) => Object.keys(fold)))) {
    const present = folds
      .map((fold) => fold[name])
      .filter((value): value is number => typeof value === 'number' && !Number.isNaN(value))
    aggregated[`${name}_mean`] = mean(present)
    aggregated[`${name}_std`] = standardDeviation(present)
  }
  return aggregated
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample standard deviation (ddof 1); NaN of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}
