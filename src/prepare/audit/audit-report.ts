import type { ClassBalance } from './class-balance.js'
import type { ClipPlace, NameGroups } from './name-groups.js'

/** Clips that hold the same samples. */
export interface IdenticalClips {
  readonly clips: readonly ClipPlace[]
  readonly crossesSplits: boolean
  /** They do not have the same labels. */
  readonly labelsDiffer: boolean
}

/** Two clips that hold the same audio up to level, polarity, shift, padding and a little noise. */
export interface SimilarClips {
  readonly a: ClipPlace
  readonly b: ClipPlace
  readonly crossesSplits: boolean
  readonly labelsDiffer: boolean
  /** Of the samples over their overlap at the best shift; negative where the polarity is inverted. */
  readonly correlation: number
  /** How much louder `b` is. */
  readonly gainDb: number
  /** How much later the audio comes in `b`. */
  readonly lagMs: number
}

export interface SplitSummary {
  readonly split: string
  readonly nClips: number
  readonly totalSec: number
  readonly shortestSec: number
  readonly medianSec: number
  readonly longestSec: number
}

/** One rate beside the others. */
export interface RateSummary {
  readonly sampleRate: number
  /** Clips with labels and no file; files with no labels: paths within the task folder. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  /** Clips whose header says another rate, or cannot be read. */
  readonly unreadable: readonly string[]
  /** Clips that are longer or shorter than at the rate that was listened to, by more than a sample of either. */
  readonly otherLength: readonly string[]
}

export type Measured<Key extends string> = ClipPlace & { readonly [key in Key]: number }

/** What an audit of a task folder found. Lists are complete, the worst first; nothing in them need be a mistake. */
export interface AuditReport {
  readonly schema: 'hearkit-audit-1'
  readonly task: string
  readonly dir: string
  /** The rate that was listened to, in Hz. */
  readonly sampleRate: number
  readonly nClips: number
  readonly identical: readonly IdenticalClips[]
  readonly similar: readonly SimilarClips[]
  /** Clips too quiet to be compared with others by ear: the silent and the nearly silent. */
  readonly nNotCompared: number
  readonly nameGroups: readonly NameGroups[]
  readonly silent: readonly ClipPlace[]
  readonly nearlySilent: readonly Measured<'peakDb'>[]
  readonly clipped: readonly Measured<'longestRunSamples'>[]
  readonly offset: readonly Measured<'mean'>[]
  readonly padded: readonly Measured<'zeroShare'>[]
  readonly otherDuration: readonly Measured<'durationSec'>[]
  readonly unreadable: readonly (ClipPlace & { readonly reason: string })[]
  readonly splits: readonly SplitSummary[]
  readonly classes: ClassBalance
  readonly rates: readonly RateSummary[]
}

/** Whether the report holds what makes scores wrong: audio that crosses splits, and clips that cannot be had. */
export function hasLeaks({ identical, similar, unreadable, rates }: AuditReport): boolean {
  return (
    [...identical, ...similar].some(({ crossesSplits }) => crossesSplits) ||
    unreadable.length > 0 ||
    rates.some(({ missing }) => missing.length > 0)
  )
}
