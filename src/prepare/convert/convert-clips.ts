import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileErrors } from '../../store/file-errors.js'
import type { TaskPlan } from '../plan/plan-task.js'
import type { OpenSources } from '../sources/open-sources.js'
import type { ClipTarget, ConversionJob, ConversionSettings, ConvertedClip } from './conversion.js'
import { ConvertPool } from './convert-pool.js'

/**
 * The source files whose clips are not all there, each with the clips to make of it, in the order of the plan.
 * @param isThere whether a clip has a file of that rate already
 */
export function conversionJobs(
  plan: Pick<TaskPlan, 'splits'>,
  sampleRates: readonly number[],
  isThere: (clip: ClipTarget, sampleRate: number) => boolean,
): ConversionJob[] {
  const jobs = new Map<string, { clips: ClipTarget[]; rates: Set<number> }>()
  for (const [split, clips] of plan.splits)
    for (const { path, fileName, cut } of clips) {
      const target = { split, fileName, cut }
      const missing = sampleRates.filter((rate) => !isThere(target, rate))
      if (missing.length === 0) continue
      const job = jobs.get(path) ?? { clips: [], rates: new Set() }
      jobs.set(path, job)
      job.clips.push(target)
      for (const rate of missing) job.rates.add(rate)
    }
  return [...jobs].map(([path, { clips, rates }]) => ({ path, clips, sampleRates: [...rates] }))
}

export interface ConvertOptions {
  /** Threads. */
  readonly workers: number
  readonly signal: AbortSignal
  /** Called one file after the other; the next waits for what it returns. */
  readonly onConverted: (clips: readonly ConvertedClip[]) => Promise<void>
}

/**
 * Converts files of the sources into clips, archive by archive, several at once.
 *
 * @param splits names of the folders below each rate
 * @throws HearError naming the file: whichever failed first ends the rest; the reason of the signal
 */
export async function convertClips(
  jobs: readonly ConversionJob[],
  splits: Iterable<string>,
  sources: OpenSources,
  settings: ConversionSettings,
  { workers, signal, onConverted }: ConvertOptions,
): Promise<void> {
  const folders = [...splits].flatMap((split) =>
    settings.sampleRates.map((rate) => join(settings.dir, String(rate), split)),
  )
  for (const folder of folders)
    await withFileErrors('make the folder', folder, () => mkdir(folder, { recursive: true }))
  let recorded: Promise<void> = Promise.resolve()
  const pool = new ConvertPool(settings, workers, (clips) => {
    recorded = recorded.then(() => onConverted(clips))
    recorded.catch((error) => pool.stop(error))
  })
  const onAbort = () => pool.stop(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    const byPath = new Map(jobs.map((job) => [job.path, job]))
    await sources.visit(
      new Set(byPath.keys()),
      async (path, member) => {
        signal.throwIfAborted()
        await pool.convert(byPath.get(path)!, member.stream())
      },
      // While the threads are at work, the next files are read.
      { concurrency: 2 * workers },
    )
    await pool.drain()
  } finally {
    signal.removeEventListener('abort', onAbort)
    await pool.close()
    await recorded
  }
}
