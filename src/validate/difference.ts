import type { CheckContext } from './check.js'
import type { FindingCode } from './finding-kinds.js'
import type { Observed } from './observe.js'

/**
 * Two answers that should be equal may differ by this share of what embeddings vary by, as rounding does: float32 in
 * another order of summing makes 1e-6 to 1e-4 of it, TF32 on a GPU up to 1e-3.
 */
const ROUNDING = 1e-3
/** Half precision stays below; dropout, noise, a neighbour's sound or a batch's mean make 0.1 and more. */
const SMALL = 3e-2

/** The embeddings of some sounds: rows of one size. */
export interface Rows {
  readonly values: Float32Array | Float64Array
  readonly size: number
}

/** All rows of a tensor [..., size]. */
export function rowsOf({ data, dims }: Observed): Rows {
  return { values: data!, size: dims[dims.length - 1] }
}

/** The rows of sound `i` of a batch. */
export function rowsOfSound({ data, dims }: Observed, i: number): Rows {
  const perSound = data!.length / dims[0]
  return { values: data!.subarray(i * perSound, (i + 1) * perSound), size: dims[dims.length - 1] }
}

/**
 * How much rows vary: the root mean square distance from their mean, per value. Constant offsets, which many
 * embeddings have, do not count, so that they cannot hide a difference. At least a millionth of the size of the
 * values, which is as far as float32 sees.
 */
export function variation({ values, size }: Rows): number {
  const nRows = values.length / size
  const means = new Float64Array(size)
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    means[i % size] += values[i] / nRows
    squares += values[i] ** 2
  }
  let deviations = 0
  for (let i = 0; i < values.length; i++) deviations += (values[i] - means[i % size]) ** 2
  return Math.max(Math.sqrt(deviations / values.length), 1e-6 * Math.sqrt(squares / values.length))
}

/** Root mean square difference of two sets of rows, or undefined where they are not of one shape. */
export function rmsDifference(a: Rows, b: Rows): number | undefined {
  if (a.values.length !== b.values.length || a.size !== b.size) return undefined
  let squares = 0
  for (let i = 0; i < a.values.length; i++) squares += (a.values[i] - b.values[i]) ** 2
  return Math.sqrt(squares / a.values.length)
}

/**
 * Reports two answers that should be equal and are not: an error where they differ by more than 3 % of what embeddings
 * vary by, a warning from 0.1 % on.
 * @param scale what embeddings vary by.
 * @returns whether they are equal up to rounding.
 */
export function checkEqual(
  context: CheckContext,
  code: FindingCode,
  [a, b]: readonly [Rows, Rows],
  scale: number,
  where: string,
): boolean {
  const expected = 'the same embeddings'
  const difference = rmsDifference(a, b)
  if (difference === undefined) {
    const shape = ({ values, size }: Rows) => `${values.length / size} of ${size} values`
    context.report(code, { expected, received: `${shape(a)}, then ${shape(b)}`, where })
    return false
  }
  // Two answers without a difference are equal, also where embeddings do not vary at all.
  const share = difference === 0 ? 0 : difference / scale
  if (share <= ROUNDING) return true
  const received = `a difference of ${percent(share)} of what embeddings vary by`
  context.report(code, { expected, received, where, severity: share > SMALL ? 'error' : 'warning' })
  return false
}

function percent(share: number): string {
  const value = share * 100
  return value >= 1000 ? 'more than 1000 %' : `${Number(value.toPrecision(2))} %`
}
