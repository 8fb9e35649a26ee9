import { HearError } from '../../base/errors.js'
import type { ClipRow, SourceFiles } from '../task.js'
import { findShots } from './find-shots.js'

/** What the offsets and lengths count in. */
const SAMPLE_RATE = 48_000
const SHOT_SAMPLES = 72_000
/** A shot's clip begins an eighth of a second before its onset. */
const LEAD_SAMPLES = 6_000

/** The four recordings, and where each hears the same signal: so many samples into the file, less one second. */
const RECORDINGS: readonly (readonly [path: string, offsetSamples: number])[] = [
  ['train/mic1raw.wav', 15_764_451],
  ['train/mic2raw16b.wav', 13_764_742],
  ['train/mic3raw.wav', 9_334_032],
  ['train/mic4raw.wav', 6_794_611],
]

/** The firearm of each shot: four of the first, three of each of the six others. */
const FIREARMS = [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7]

/**
 * A row for every shot at every microphone, a piece of 1.5 s of its recording: 22 shots, whose onsets are found in the
 * first recording, at the same time in the other three.
 *
 * The original wrote the pieces with soundfile as 16-bit files, from the float samples that librosa read. For
 * recordings of 16 or 24 bits that gives the samples that preparation makes of the pieces; from float recordings
 * soundfile rounds down, where preparation rounds to the nearest: one unit of 32768 at most.
 * @throws HearError for another sample rate than 48000 Hz (the original would resample), fewer than 22 shots, and
 *   recordings that end before their last shot does (the original would cut it short)
 */
export async function shotRows(files: SourceFiles): Promise<ClipRow[]> {
  let onsets: number[] = []
  const rows: ClipRow[][] = []
  for (const [index, [path, offsetSamples]] of RECORDINGS.entries()) {
    // One recording at a time: each is a few hundred megabytes of samples.
    const { sampleRate, samples } = await files.audio(path)
    if (sampleRate !== SAMPLE_RATE) throw wrongRate(path, sampleRate)
    const from = offsetSamples - SAMPLE_RATE
    if (index === 0) onsets = onsetsAfter(samples, from, path)
    const mic = index + 1
    const cuts = onsets.map((onset) => from + onset - LEAD_SAMPLES)
    const last = cuts[cuts.length - 1] + SHOT_SAMPLES
    if (last > samples.length) throw tooShort(path, last, samples.length)
    rows.push(cuts.map((startSample, shot) => shotRow(path, mic, shot, startSample)))
  }
  return FIREARMS.flatMap((_, shot) => rows.map((ofMic) => ofMic[shot]))
}

function shotRow(path: string, mic: number, shot: number, startSample: number): ClipRow {
  const firearm = `fid${FIREARMS[shot]}`
  return {
    path,
    label: `mic${mic}`,
    split: 'train',
    splitKey: firearm,
    fileStem: `mic${mic}_shot${shot}_${firearm}`,
    cut: { startSample, nSamples: SHOT_SAMPLES },
  }
}

/** Onsets counted from `from`, so that they hold for the other recordings too. */
function onsetsAfter(samples: Float32Array, from: number, path: string): number[] {
  const onsets = findShots(samples, from, FIREARMS.length).map((at) => at - from)
  if (onsets.length < FIREARMS.length)
    throw otherRecording(
      `"${path}": expected ${FIREARMS.length} shots (samples of at least 0.8), found ${onsets.length}.`,
    )
  if (onsets[0] < LEAD_SAMPLES)
    throw otherRecording(
      `"${path}": expected the first shot at least ${LEAD_SAMPLES} samples after sample ${from}, found it ${onsets[0]} after.`,
    )
  return onsets
}

function wrongRate(path: string, sampleRate: number): HearError {
  return otherRecording(
    `"${path}": expected ${SAMPLE_RATE} Hz, in which the shots' places are counted, found ${sampleRate} Hz.`,
  )
}

function tooShort(path: string, wanted: number, found: number): HearError {
  return otherRecording(
    `"${path}": expected ${wanted} samples up to the end of the last shot, found ${found}.`,
  )
}

function otherRecording(message: string): HearError {
  return new HearError('tasks/recording', message, {
    hint: 'Take the recordings as https://zenodo.org/record/3997406 holds them.',
  })
}
