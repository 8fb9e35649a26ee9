/** A clip of a task folder, and which piece of its source file it is. */
export interface ClipTarget {
  readonly split: string
  readonly fileName: string
  /** In samples at the file's own rate; the whole file unless given. */
  readonly cut?: { readonly startSample: number; readonly nSamples: number }
}

/** What every file of a task is converted to. */
export interface ConversionSettings {
  /** Seconds that every clip is cut or padded to; null leaves it as long as it is. */
  readonly sampleDurationSec: number | null
  readonly sampleRates: readonly number[]
  readonly resampler: ResamplerName
  /** Folder that `<rate>/<split>/<file>` goes into. */
  readonly dir: string
}

/** hearkit's own resampler, or soxr inside an installed ffmpeg as hear-preprocess runs it. */
export const RESAMPLERS = ['hearkit', 'ffmpeg'] as const
export type ResamplerName = (typeof RESAMPLERS)[number]

/** One source file, and the clips that are made of it. */
export interface ConversionJob {
  /** Path of the source as the task names it, for messages. */
  readonly path: string
  readonly clips: readonly ClipTarget[]
  /** Rates to write, where not all are missing. */
  readonly sampleRates: readonly number[]
}

/** A clip that was written. */
export interface ConvertedClip {
  readonly split: string
  readonly fileName: string
  /** By sample rate: SHA-256 of the wav file, in hex. */
  readonly sha256: Readonly<Record<string, string>>
  /** What a listener should know of its source, such as that it ends early. */
  readonly warnings: readonly string[]
}
