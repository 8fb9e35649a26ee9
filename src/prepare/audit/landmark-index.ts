import { type Landmarks, N_HASHES } from './landmarks.js'

/** Two clips that may hold the same audio; indices as they were added, `a` before `b`. */
export interface Candidate {
  readonly a: number
  readonly b: number
  /** Landmarks that both have at one and the same shift. */
  readonly votes: number
  /** Frames by which they come later in `a` than in `b`. */
  readonly shiftFrames: number
}

/** What more clips have in common than this is no clue (a hum, a beep), and would cost the square of their number. */
const MAX_PER_HASH = 200
/** Fewer landmarks in common than this are chance. */
const MIN_VOTES = 6
/** So are those that are a smaller share of the landmarks of the clip that has fewer. */
const MIN_SHARE = 0.06
/** Only the best partners of a clip are looked at; duplicates of duplicates are found through each other. */
const MAX_PARTNERS = 8

/**
 * Landmarks of all clips by their hash. Memory is 16 MiB and 8 bytes a landmark; finding all candidates takes time in
 * proportion to the number of landmarks, each being compared with at most 200 others.
 */
export class LandmarkIndex {
  private readonly clips: Landmarks[] = []

  add(landmarks: Landmarks): void {
    this.clips.push(landmarks)
  }

  /**
   * The pairs of clips that share many landmarks at one shift, by `a`.
   * @param onClip called after each clip with how many are done
   */
  *candidates(onClip: (done: number) => void = () => {}): Generator<Candidate> {
    const { clips } = this
    const nLandmarks = clips.reduce((sum, { hashes }) => sum + hashes.length, 0)
    const starts = new Uint32Array(N_HASHES + 1)
    for (const { hashes } of clips) for (const hash of hashes) starts[hash + 1]++
    for (let hash = 0; hash < N_HASHES; hash++) starts[hash + 1] += starts[hash]
    const filled = starts.slice(0, N_HASHES)
    const clipOf = new Uint32Array(nLandmarks)
    const frameOf = new Uint32Array(nLandmarks)
    for (const [clip, { hashes, frames }] of clips.entries())
      for (const [i, hash] of hashes.entries()) {
        const at = filled[hash]++
        clipOf[at] = clip
        frameOf[at] = frames[i]
      }
    const counts = new Uint32Array(clips.length)
    for (const [a, { hashes, frames }] of clips.entries()) {
      const touched: number[] = []
      for (const hash of hashes) {
        const end = starts[hash + 1]
        if (end - starts[hash] > MAX_PER_HASH) continue
        // Entries are in the order of the clips: the later ones come last.
        for (let at = end - 1; at >= starts[hash] && clipOf[at] > a; at--)
          if (counts[clipOf[at]]++ === 0) touched.push(clipOf[at])
      }
      const partners = touched
        .filter((b) => counts[b] >= MIN_VOTES)
        .sort((x, y) => counts[y] - counts[x])
        .slice(0, 4 * MAX_PARTNERS)
      for (const b of touched) counts[b] = 0
      const found: Candidate[] = []
      for (const b of partners) {
        const shifts: number[] = []
        for (const [i, hash] of hashes.entries()) {
          const end = starts[hash + 1]
          if (end - starts[hash] > MAX_PER_HASH) continue
          for (let at = end - 1; at >= starts[hash] && clipOf[at] >= b; at--)
            if (clipOf[at] === b) shifts.push(frames[i] - frameOf[at])
        }
        const { votes, shiftFrames } = commonShift(shifts)
        const fewest = Math.min(hashes.length, clips[b].hashes.length)
        if (votes >= MIN_VOTES && votes >= MIN_SHARE * fewest) found.push({ a, b, votes, shiftFrames })
      }
      yield* found.sort((x, y) => y.votes - x.votes).slice(0, MAX_PARTNERS)
      onClip(a + 1)
    }
  }
}

/** The shift that most agree on, give or take one frame. */
function commonShift(shifts: readonly number[]): { votes: number; shiftFrames: number } {
  const counts = new Map<number, number>()
  for (const shift of shifts) counts.set(shift, (counts.get(shift) ?? 0) + 1)
  let votes = 0
  let shiftFrames = 0
  for (const shift of counts.keys()) {
    const near = [shift - 1, shift, shift + 1].reduce((sum, one) => sum + (counts.get(one) ?? 0), 0)
    if (near > votes) [votes, shiftFrames] = [near, shift]
  }
  return { votes, shiftFrames }
}
