import { decodeWav } from '../../audio/decode-wav.js'
import { HearError } from '../../base/errors.js'
import { readClipBytes, readTaskFolder, type TaskFolder } from '../../store/task-folder.js'
import { clipsAtRate } from '../clips-at-rate.js'
import type {
  AuditReport,
  IdenticalClips,
  Measured,
  RateSummary,
  SimilarClips,
  SplitSummary,
} from './audit-report.js'
import { classBalance } from './class-balance.js'
import { type ClipFacts, clipFacts } from './clip-facts.js'
import { LandmarkIndex } from './landmark-index.js'
import { LandmarkFinder } from './landmarks.js'
import { type ClipPlace, nameGroups } from './name-groups.js'
import { rateLengths } from './rate-lengths.js'
import { sameAudio } from './same-audio.js'

export type AuditStage = 'reading headers' | 'listening' | 'comparing'

export interface AuditOptions {
  /** The rate that is listened to, in Hz; the lowest that the folder holds unless given. */
  readonly sampleRate?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (stage: AuditStage, done: number, total: number) => void
}

/** A peak below this (-60 dB of full scale) is nearly silent: what is left of it are its rounding errors. */
const NEARLY_SILENT = 0.001
/** So many samples in a row at full scale are a clipped peak; one or two may be a loud one. */
const CLIPPED_RUN = 3
/** A mean beyond this, and beyond a quarter of the rms, is an offset and not a slow sound. */
const OFFSET = 0.005
const OFFSET_OF_RMS = 0.25
/** Digital zeros at the ends beyond this share are padding. */
const PADDED_SHARE = 0.1
/** Landmarks of all clips together, in memory at 8 bytes each, twice; and the fewest of a clip. */
const MOST_LANDMARKS = 16_000_000
const LANDMARKS_PER_SEC = 150
const LEAST_LANDMARKS = 128
/** Clips kept decoded while candidates are compared; they come ordered by their first clip. */
const KEPT_CLIPS = 16

/** One clip while it is looked at. */
interface Heard {
  readonly place: ClipPlace
  readonly labels: string
  readonly facts: ClipFacts
}

/**
 * Looks a task folder over and changes nothing: audio that occurs twice (the same samples, and the same up to level,
 * shift, padding and noise), groups that cross splits by their names, clips that are silent, clipped, offset or padded,
 * lengths, classes, and whether all rates hold the same clips.
 *
 * Memory grows by some 300 bytes and a few hundred landmarks of 16 bytes a clip; time is that of decoding every clip once at
 * one rate and of a short-time spectrum.
 *
 * @throws HearError when the folder or its labels cannot be read, or it holds no audio (at that rate)
 */
export async function auditTask(dir: string, options: AuditOptions = {}): Promise<AuditReport> {
  const { signal, onProgress } = options
  const task = await readTaskFolder(dir)
  const sampleRate = rateToHear(task, options.sampleRate)
  const places = [...task.splits].flatMap(([split, { clips }]) =>
    [...clips.keys()].map((clip): ClipPlace => ({ split, clip })),
  )
  const labelOf = ({ split, clip }: ClipPlace) => labelText(task, split, clip)
  const { rates, lengths } = await compareRates(task, sampleRate, options)

  const totalSec = [...lengths.values()].reduce((sum: number, n) => sum + (n ?? 0), 0) / sampleRate
  const perSec = Math.min(LANDMARKS_PER_SEC, MOST_LANDMARKS / Math.max(1, totalSec))
  const finder = new LandmarkFinder(sampleRate)
  const index = new LandmarkIndex()
  const indexed: Heard[] = []
  const heard: Heard[] = []
  const unreadable: (ClipPlace & { reason: string })[] = []
  const seen = new Set<string>()
  for (const [i, place] of places.entries()) {
    signal?.throwIfAborted()
    const samples = await decode(task, sampleRate, place).catch((error: unknown) => {
      if (!(error instanceof HearError)) throw error
      unreadable.push({ ...place, reason: error.message })
    })
    if (samples !== undefined) {
      const one: Heard = { place, labels: labelOf(place), facts: clipFacts(samples) }
      heard.push(one)
      // Of identical clips one stands for all.
      if (one.facts.peak >= NEARLY_SILENT && !seen.has(one.facts.sha256)) {
        seen.add(one.facts.sha256)
        const most = Math.max(LEAST_LANDMARKS, Math.round((perSec * samples.length) / sampleRate))
        index.add(finder.find(samples, most))
        indexed.push(one)
      }
    }
    onProgress?.('listening', i + 1, places.length)
  }
  const similar = await compareCandidates(task, sampleRate, index, indexed, finder.framesPerSec, options)
  return {
    schema: 'hearkit-audit-1',
    task: task.name,
    dir,
    sampleRate,
    nClips: places.length,
    identical: identicalClips(heard),
    similar,
    nNotCompared: heard.filter(({ facts }) => facts.peak < NEARLY_SILENT).length,
    nameGroups: nameGroups(places, labelOf),
    ...levels(heard),
    ...durations(heard, task.metadata.sample_duration, sampleRate),
    unreadable,
    splits: splitSummaries(task, heard, sampleRate),
    classes: classBalance(task),
    rates,
  }
}

function rateToHear(task: TaskFolder, wanted: number | undefined): number {
  const rate = wanted ?? task.sampleRates[0]
  if (rate !== undefined && task.sampleRates.includes(rate)) return rate
  throw new HearError(
    'audit/no-audio',
    `"${task.dir}" holds ${task.sampleRates.length === 0 ? 'no audio' : `audio at ${task.sampleRates.join(', ')} Hz`}; expected ${wanted === undefined ? 'a folder of clips for at least one rate' : `${wanted} Hz`}.`,
    { hint: 'Prepare the task with its audio, or choose a rate that is there.' },
  )
}

function labelText(task: TaskFolder, split: string, clip: string): string {
  const labels = task.splits.get(split)!.clips.get(clip)!
  return [...new Set(labels.map((label) => (typeof label === 'string' ? label : label.label)))]
    .sort()
    .join('\n')
}

async function decode(
  task: TaskFolder,
  sampleRate: number,
  { split, clip }: ClipPlace,
): Promise<Float32Array> {
  return decodeWav(await readClipBytes(task, sampleRate, split, clip), `${sampleRate}/${split}/${clip}`)
    .samples
}

async function compareRates(task: TaskFolder, sampleRate: number, { signal, onProgress }: AuditOptions) {
  const nClips = [...task.splits.values()].reduce((sum, { clips }) => sum + clips.size, 0)
  const total = nClips * task.sampleRates.length
  let done = 0
  const onClip = () => onProgress?.('reading headers', ++done, total)
  const byRate = new Map<number, Map<string, number | undefined>>()
  for (const rate of task.sampleRates) byRate.set(rate, await rateLengths(task, rate, onClip, signal))
  const lengths = byRate.get(sampleRate)!
  const rates: RateSummary[] = []
  for (const [rate, ofRate] of byRate) {
    const { missing, extra } = await clipsAtRate(task, rate)
    const gone = new Set(missing)
    const otherLength: string[] = []
    const unreadable: string[] = []
    for (const [name, nSamples] of ofRate) {
      const heardSamples = lengths.get(name)
      if (nSamples === undefined) {
        if (!gone.has(`${rate}/${name}`)) unreadable.push(`${rate}/${name}`)
      } else if (
        heardSamples !== undefined &&
        Math.abs(nSamples / rate - heardSamples / sampleRate) > 1 / Math.min(rate, sampleRate)
      )
        otherLength.push(`${rate}/${name}`)
    }
    rates.push({ sampleRate: rate, missing, extra, unreadable, otherLength })
  }
  return { rates, lengths }
}

async function compareCandidates(
  task: TaskFolder,
  sampleRate: number,
  index: LandmarkIndex,
  clips: readonly Heard[],
  framesPerSec: number,
  { signal, onProgress }: AuditOptions,
): Promise<SimilarClips[]> {
  const kept = new Map<number, Promise<Float32Array>>()
  const samplesOf = (clip: number): Promise<Float32Array> => {
    const samples = kept.get(clip) ?? decode(task, sampleRate, clips[clip].place)
    kept.delete(clip)
    kept.set(clip, samples)
    if (kept.size > KEPT_CLIPS) kept.delete(kept.keys().next().value!)
    return samples
  }
  const found: SimilarClips[] = []
  for (const { a, b, shiftFrames } of index.candidates((done) =>
    onProgress?.('comparing', done, clips.length),
  )) {
    signal?.throwIfAborted()
    const shift = { shiftFrames, framesPerSec }
    const same = sameAudio(await samplesOf(a), await samplesOf(b), sampleRate, shift)
    if (same === undefined) continue
    const [one, other] = [clips[a], clips[b]]
    found.push({
      a: one.place,
      b: other.place,
      crossesSplits: one.place.split !== other.place.split,
      labelsDiffer: one.labels !== other.labels,
      correlation: same.correlation,
      gainDb: same.gainDb,
      lagMs: same.lagMs,
    })
  }
  return found.sort(
    (x, y) =>
      Number(y.crossesSplits) - Number(x.crossesSplits) || Math.abs(y.correlation) - Math.abs(x.correlation),
  )
}

/** Groups of clips with the same samples; silent ones are all alike and listed elsewhere. */
function identicalClips(heard: readonly Heard[]): IdenticalClips[] {
  const groups = new Map<string, Heard[]>()
  for (const one of heard) {
    if (one.facts.peak === 0) continue
    const group = groups.get(one.facts.sha256)
    if (group === undefined) groups.set(one.facts.sha256, [one])
    else group.push(one)
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((group) => ({
      clips: group.map(({ place }) => place),
      crossesSplits: new Set(group.map(({ place }) => place.split)).size > 1,
      labelsDiffer: new Set(group.map(({ labels }) => labels)).size > 1,
    }))
    .sort((x, y) => Number(y.crossesSplits) - Number(x.crossesSplits) || y.clips.length - x.clips.length)
}

function levels(heard: readonly Heard[]) {
  const nearlySilent = heard.filter(({ facts }) => facts.peak > 0 && facts.peak < NEARLY_SILENT)
  const clipped = heard.filter(({ facts }) => facts.longestFullScaleRun >= CLIPPED_RUN)
  const offset = heard.filter(
    ({ facts: { mean, rms } }) => Math.abs(mean) >= OFFSET && Math.abs(mean) >= OFFSET_OF_RMS * rms,
  )
  return {
    silent: heard.filter(({ facts }) => facts.peak === 0).map(({ place }) => place),
    nearlySilent: measured(nearlySilent, 'peakDb', ({ peak }) => 20 * Math.log10(peak)),
    clipped: measured(clipped, 'longestRunSamples', ({ longestFullScaleRun }) => longestFullScaleRun),
    offset: measured(offset, 'mean', ({ mean }) => mean),
  }
}

function durations(heard: readonly Heard[], sampleDurationSec: number | null, sampleRate: number) {
  const zeroShare = ({ leadingZeros, trailingZeros, nSamples }: ClipFacts) =>
    (leadingZeros + trailingZeros) / nSamples
  const padded = heard.filter(({ facts }) => facts.peak > 0 && zeroShare(facts) >= PADDED_SHARE)
  const expected = sampleDurationSec === null ? undefined : sampleDurationSec * sampleRate
  // Resampling rounds to whole samples, up or down.
  const other = heard.filter(({ facts }) => expected !== undefined && Math.abs(facts.nSamples - expected) > 1)
  return {
    padded: measured(padded, 'zeroShare', zeroShare),
    otherDuration: measured(other, 'durationSec', ({ nSamples }) => nSamples / sampleRate),
  }
}

/** Clips with one of their measures, the largest magnitude first. */
function measured<Key extends string>(
  heard: readonly Heard[],
  key: Key,
  measure: (facts: ClipFacts) => number,
): Measured<Key>[] {
  return heard
    .map(({ place, facts }) => ({ place, value: measure(facts) }))
    .sort((x, y) => Math.abs(y.value) - Math.abs(x.value))
    .map(({ place, value }) => ({ ...place, [key]: value }) as Measured<Key>)
}

function splitSummaries(task: TaskFolder, heard: readonly Heard[], sampleRate: number): SplitSummary[] {
  return [...task.splits.keys()].map((split) => {
    const seconds = heard
      .filter(({ place }) => place.split === split)
      .map(({ facts }) => facts.nSamples / sampleRate)
      .sort((x, y) => x - y)
    return {
      split,
      nClips: task.splits.get(split)!.clips.size,
      totalSec: seconds.reduce((sum, sec) => sum + sec, 0),
      shortestSec: seconds[0] ?? 0,
      medianSec: seconds[seconds.length >> 1] ?? 0,
      longestSec: seconds.at(-1) ?? 0,
    }
  })
}
