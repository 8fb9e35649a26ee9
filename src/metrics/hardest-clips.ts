export interface HardClip {
  readonly clip: string
  /** Runs that got the clip wrong, and runs that scored it. */
  readonly wrong: number
  readonly runs: number
}

/**
 * The clips that were wrong at least once, most often wrong (as a share of the runs that scored them) first; equal
 * ones by number of runs, then in the order in which they were met. Each run says for the clips it scored whether
 * they were right, so runs may cover different folds. At most `limit` clips.
 */
export function hardestClips(
  runs: Iterable<ReadonlyMap<string, boolean>>,
  limit = Number.POSITIVE_INFINITY,
): HardClip[] {
  const tally = new Map<string, { clip: string; wrong: number; runs: number }>()
  for (const run of runs)
    for (const [clip, right] of run) {
      const entry = tally.get(clip) ?? { clip, wrong: 0, runs: 0 }
      entry.runs++
      if (!right) entry.wrong++
      tally.set(clip, entry)
    }
  return [...tally.values()]
    .filter(({ wrong }) => wrong > 0)
    .sort((a, b) => b.wrong / b.runs - a.wrong / a.runs || b.runs - a.runs)
    .slice(0, limit)
}
