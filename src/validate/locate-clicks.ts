/** Where a click shows among frames. */
export interface ClickResponse {
  /** How much later than the click the centre of all change lies, in ms. */
  readonly centroidMs: number
  /** The same of the frames that change most. */
  readonly peakMs: number
  /** Nine tenths of the change lie within this of its centre, in ms. */
  readonly spreadMs: number
}

/** Frames of at least this share of the largest change are where it is largest: a plateau, where windows overlap. */
const PEAK_SHARE = 0.8

/**
 * A click that changes frames by less than this share of what another does is not seen: what is there are the last
 * traces of the click before, in a model that remembers.
 */
const TRACE_SHARE = 1e-3

/**
 * Finds where clicks show, from how much each frame changes when clicks are added to a sound.
 *
 * Change that frames far from the click share (a model may look at the whole clip) is taken off first: the median
 * within reach.
 *
 * @param timesMs of the frames, increasing.
 * @param distances how much each frame changes, same length, finite.
 * @param reachMs how far from a click is looked; clicks are at least twice as far from each other.
 * @returns the mean over the clicks, or undefined where most clicks change nothing, or everything alike.
 */
export function locateClicks(
  timesMs: ArrayLike<number>,
  distances: Float64Array,
  clicksMs: readonly number[],
  reachMs: number,
): ClickResponse | undefined {
  const responses = clicksMs.map((clickMs) => locateClick(timesMs, distances, clickMs, reachMs))
  const largest = Math.max(...responses.map((response) => response?.change ?? 0))
  const seen = responses.filter(
    (response) => response !== undefined && response.change > TRACE_SHARE * largest,
  )
  // A click may fall between two windows that are shorter than the hop.
  if (seen.length === 0 || seen.length < clicksMs.length / 2) return undefined
  const mean = (of: (response: ClickResponse) => number) =>
    seen.reduce((sum, response) => sum + of(response!), 0) / seen.length
  return {
    centroidMs: mean(({ centroidMs }) => centroidMs),
    peakMs: mean(({ peakMs }) => peakMs),
    spreadMs: mean(({ spreadMs }) => spreadMs),
  }
}

function locateClick(
  timesMs: ArrayLike<number>,
  distances: Float64Array,
  clickMs: number,
  reachMs: number,
): (ClickResponse & { readonly change: number }) | undefined {
  const frames: { readonly offsetMs: number; readonly change: number }[] = []
  for (let i = 0; i < timesMs.length; i++) {
    const offsetMs = timesMs[i] - clickMs
    if (Math.abs(offsetMs) <= reachMs) frames.push({ offsetMs, change: distances[i] })
  }
  const sorted = frames.map(({ change }) => change).sort((a, b) => a - b)
  const shared = sorted[sorted.length >> 1] ?? 0
  const largest = sorted[sorted.length - 1] ?? 0
  // A response that stands out by less than half has no place.
  if (largest <= 0 || largest < 1.5 * shared) return undefined
  // Squared, so that what follows the click counts more than its wide and faint traces.
  const weighed = frames.map(({ offsetMs, change }) => ({
    offsetMs,
    weight: Math.max(0, change - shared) ** 2,
  }))
  const centroidMs = centre(weighed)
  const highest = (largest - shared) ** 2
  const peakMs = centre(weighed.filter(({ weight }) => weight >= PEAK_SHARE * highest))
  return { centroidMs, peakMs, spreadMs: spread(weighed, centroidMs), change: largest - shared }
}

interface Weighed {
  readonly offsetMs: number
  readonly weight: number
}

function centre(frames: readonly Weighed[]): number {
  let [sum, weights] = [0, 0]
  for (const { offsetMs, weight } of frames) {
    sum += weight * offsetMs
    weights += weight
  }
  return sum / weights
}

function spread(frames: readonly Weighed[], centroidMs: number): number {
  const total = frames.reduce((sum, { weight }) => sum + weight, 0)
  const byDistance = frames
    .map(({ offsetMs, weight }) => ({ away: Math.abs(offsetMs - centroidMs), weight }))
    .sort((a, b) => a.away - b.away)
  let sum = 0
  for (const { away, weight } of byDistance) {
    sum += weight
    if (sum >= 0.9 * total) return away
  }
  return 0
}
