import type { Random } from '../../num/random.js'

/** Up to this many terms all sign patterns are tried: at most 2^15 sums, since the opposite pattern mirrors. */
export const EXACT_TERMS = 16

export interface SignFlipResult {
  readonly pValue: number
  readonly exact: boolean
}

/**
 * Two-sided p-value of the hypothesis that each term is as likely to have come out with the opposite sign: the share
 * of sign patterns whose sum is at least as far from 0 as the observed one.
 *
 * `terms` are the differences of two models at each unit; zeros change nothing and are dropped, and without any other
 * p is 1. All patterns are tried up to EXACT_TERMS terms; beyond, `permutations` random ones, with the observed pattern
 * counted among them, so that p is never 0. For differences of one size this is McNemar's exact test.
 *
 * Source: Fisher, "The Design of Experiments" (1935), section 21; Phipson and Smyth, "Permutation p-values should never
 * be zero" (2010), for the added one.
 */
export function signFlipTest(
  terms: ArrayLike<number>,
  permutations: number,
  random: () => Random,
): SignFlipResult {
  const moving = Float64Array.from(terms).filter((term) => term !== 0)
  let observed = 0
  let largest = 0
  for (const term of moving) {
    observed += term
    largest += Math.abs(term)
  }
  // Sums that are equal on paper differ by rounding; differences of scores are far larger than this.
  const reached = Math.abs(observed) - largest * 1e-12
  if (moving.length <= EXACT_TERMS) return { pValue: exactShare(moving, reached), exact: true }
  const generator = random()
  let atLeast = 1
  for (let i = 0; i < permutations; i++) {
    let sum = 0
    let bits = 0
    for (let j = 0; j < moving.length; j++) {
      if (j % 32 === 0) bits = generator.nextUint32()
      sum += bits & 1 ? moving[j] : -moving[j]
      bits >>>= 1
    }
    if (Math.abs(sum) >= reached) atLeast++
  }
  return { pValue: atLeast / (permutations + 1), exact: false }
}

/** Share of all sign patterns with a sum of at least `reached`; the first sign is fixed, as its mirror has the same size. */
function exactShare(terms: Float64Array, reached: number): number {
  if (terms.length === 0) return 1
  const patterns = 2 ** (terms.length - 1)
  let atLeast = 0
  for (let pattern = 0; pattern < patterns; pattern++) {
    let sum = terms[0]
    for (let j = 1; j < terms.length; j++) sum += (pattern >> (j - 1)) & 1 ? -terms[j] : terms[j]
    if (Math.abs(sum) >= reached) atLeast++
  }
  return atLeast / patterns
}
