import type { EventAnalysis } from '../../probe/analysis/task-analysis.js'

/** What counts as a hit, in a sentence or two. */
export function collarsInWords({ metric, insteadOf, onsetMs, offset }: EventAnalysis['collars']): string {
  const ends =
    offset === null
      ? 'ends are not judged'
      : `ends may differ by ${offset.collarMs} ms or ${offset.shareOfLength * 100} % of the length, whichever is more`
  const rule = `A hit starts within ${onsetMs} ms of its reference; ${ends} (as in ${metric}).`
  return insteadOf === null ? rule : `${rule} ${insteadOf} itself does not match events one to one.`
}
