import type { Chunking } from './onnx-contract.js'

/** One run of a plan: which samples of a clip to feed, and which of the frames to keep. */
export interface Piece {
  /** Samples [start, end) of the clip; zeros follow up to feedSamples. */
  readonly start: number
  readonly end: number
  readonly feedSamples: number
  readonly keep: FramesKept
}

/** Frames of a run that belong to the clip; times are in ms from the start of the run. */
export type FramesKept =
  | { readonly by: 'count'; readonly skip: number; readonly count: number | undefined }
  | { readonly by: 'time'; readonly fromMs: number; readonly beforeMs: number }

export interface ClipToPlan {
  readonly nSamples: number
  readonly sampleRate: number
  readonly minSamples: number
  /** A run should have no more samples than this. */
  readonly mostSamples: number
  readonly chunking: Chunking
}

/**
 * Cuts a clip into runs, in order, that together give the frames of the whole clip, each once.
 *
 * - `none`: one run, whatever its length.
 * - `halo`: units of alignSamples samples give alignFrames frames. The run for units [a, b) has lead =
 *   ceil(halo / align) units more in front, whose frames are dropped, and haloSamples more behind. So each frame
 *   that is kept sees all the samples that it depends on, and the result is that of one run, bit for bit.
 * - `fixed`: windows of one length, the last padded with zeros. Where windows overlap, each gives the frames up to
 *   the middle of the overlap. Frames beyond the end of the clip are dropped.
 *
 * A clip shorter than minSamples is padded, and all its frames are kept.
 */
export function planPieces(clip: ClipToPlan): Piece[] {
  if (clip.chunking.kind === 'fixed') return fixedPieces(clip, clip.chunking)
  if (clip.chunking.kind === 'halo' && clip.nSamples > Math.max(clip.mostSamples, clip.minSamples))
    return haloPieces(clip, clip.chunking)
  return [wholePiece(clip)]
}

function wholePiece({ nSamples, minSamples }: ClipToPlan): Piece {
  const keep = { by: 'count', skip: 0, count: undefined } as const
  return { start: 0, end: nSamples, feedSamples: Math.max(nSamples, minSamples), keep }
}

function haloPieces(
  { nSamples, minSamples, mostSamples }: ClipToPlan,
  { haloSamples, alignSamples, alignFrames }: Extract<Chunking, { kind: 'halo' }>,
): Piece[] {
  const lead = Math.ceil(haloSamples / alignSamples)
  const room = mostSamples - lead * alignSamples - haloSamples
  const unitsPerPiece = Math.max(
    1,
    // What is fed besides is never more than what is kept, however wide the halo.
    2 * lead,
    Math.floor(room / alignSamples),
    Math.ceil((minSamples - haloSamples) / alignSamples),
  )
  const pieces: Piece[] = []
  for (let unit = 0; ; unit += unitsPerPiece) {
    const firstFed = Math.max(0, unit - lead)
    const start = firstFed * alignSamples
    const nextUnit = unit + unitsPerPiece
    const reach = nextUnit * alignSamples + haloSamples
    // A remainder that would need padding joins this run: padding would change its frames.
    const restFed = nSamples - Math.max(0, nextUnit - lead) * alignSamples
    const last = reach >= nSamples || restFed < minSamples
    const end = last ? nSamples : reach
    const skip = (unit - firstFed) * alignFrames
    const count = last ? undefined : unitsPerPiece * alignFrames
    pieces.push({ start, end, feedSamples: end - start, keep: { by: 'count', skip, count } })
    if (last) return pieces
  }
}

function fixedPieces(
  { nSamples, sampleRate }: ClipToPlan,
  { windowSamples, windowHopSamples }: Extract<Chunking, { kind: 'fixed' }>,
): Piece[] {
  const msOf = (samples: number) => (samples * 1000) / sampleRate
  const halfOverlap = (windowSamples - windowHopSamples) / 2
  const pieces: Piece[] = []
  for (let start = 0; ; start += windowHopSamples) {
    const last = start + windowSamples >= nSamples
    pieces.push({
      start,
      end: Math.min(nSamples, start + windowSamples),
      feedSamples: windowSamples,
      keep: {
        by: 'time',
        fromMs: start === 0 ? Number.NEGATIVE_INFINITY : msOf(halfOverlap),
        // Half a sample more: a frame at the very end of the clip is not beyond it.
        beforeMs: msOf(last ? nSamples - start + 0.5 : windowSamples - halfOverlap),
      },
    })
    if (last) return pieces
  }
}
