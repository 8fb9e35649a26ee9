/** As loud as a gunshot's first sample at the first microphone; full scale is 1. */
const ONSET_LEVEL = 0.8

/** After an onset, no other is looked for within so many samples: echoes are as loud. */
const DEAD_SAMPLES = 25_000

/**
 * The first sample of each shot: at least 0.8 in size, and more than 25001 samples after the one before.
 *
 * @param samples mono, within [-1, 1]
 * @param from first sample looked at
 * @param nShots most that are looked for
 * @returns sample indices, counted from the beginning of `samples`; fewer than `nShots` when there are fewer
 * Source: hear-preprocess 2021.1.1, hearsecrettasks/gunshot_triangulation.py `find_shots`; create_data.m of
 * https://zenodo.org/record/3997406.
 */
export function findShots(samples: Float32Array, from: number, nShots: number): number[] {
  const shots: number[] = []
  for (let i = from; i < samples.length && shots.length < nShots; i++) {
    if (Math.abs(samples[i]) < ONSET_LEVEL) continue
    shots.push(i)
    // The original looks again from the second sample after the dead time: the first ends it.
    i += DEAD_SAMPLES + 1
  }
  return shots
}
