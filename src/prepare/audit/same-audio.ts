import { type Alignment, alignClips } from './alignment.js'
import type { Candidate } from './landmark-index.js'

/** Of longer clips, the loudest piece of this length is compared. */
const PIECE_SEC = 20
/** How much longer the piece of the other clip is at each end: more than a frame of the landmarks. */
const MARGIN_SEC = 0.1

/**
 * What correlation tells copies from two takes of one sound. Measured at 16 kHz on 1,300 spoken digits and commands, drum
 * strokes, notes and noises: copies with gain, shift, inversion, padding or noise at -30 dB reach 0.998, and 0.93 with
 * pre-emphasis. Two takes reach 0.955 and 0.94 (drum strokes), 0.984 and 0.95 (a piano's low keys struck harder and
 * softer), and where the sound repeats itself 0.992 and 0.991 (its high keys).
 */
const MIN_CORRELATION = 0.985
const MIN_EMPHASISED = 0.9
const MIN_REPEATING = 0.997

/**
 * Compares two clips that may be the same audio, samples against samples.
 * @returns how they agree, or undefined where they are different audio, or cannot be told from it
 */
export function sameAudio(
  a: Float32Array,
  b: Float32Array,
  sampleRate: number,
  shift: Pick<Candidate, 'shiftFrames'> & { readonly framesPerSec: number },
): Alignment | undefined {
  const lag = -Math.round((shift.shiftFrames / shift.framesPerSec) * sampleRate)
  const found =
    Math.max(a.length, b.length) > PIECE_SEC * sampleRate
      ? alignPieces(a, b, sampleRate, lag)
      : alignClips(a, b, sampleRate)
  if (found === undefined) return undefined
  const correlation = Math.abs(found.correlation)
  const same = found.repeats
    ? correlation >= MIN_REPEATING
    : correlation >= MIN_CORRELATION && Math.abs(found.emphasised) >= MIN_EMPHASISED
  return same ? found : undefined
}

/** Aligns the loudest piece of the overlap that landmarks told. @param lag samples by which the audio comes later in `b` */
function alignPieces(
  a: Float32Array,
  b: Float32Array,
  sampleRate: number,
  lag: number,
): Alignment | undefined {
  const length = PIECE_SEC * sampleRate
  const first = Math.max(0, -lag)
  const last = Math.max(first, Math.min(a.length, b.length - lag) - length)
  let start = first
  let loudest = -1
  for (let at = first; at <= last; at += length / 2) {
    const energy = a.subarray(at, at + length).reduce((sum, x) => sum + x * x, 0)
    if (energy > loudest) [loudest, start] = [energy, at]
  }
  const margin = Math.round(MARGIN_SEC * sampleRate)
  const startB = Math.max(0, start + lag - margin)
  const piece = alignClips(
    a.subarray(start, start + length),
    b.subarray(startB, startB + length + 2 * margin),
    sampleRate,
  )
  return piece && { ...piece, lagMs: piece.lagMs + (1000 * (startB - start)) / sampleRate }
}
