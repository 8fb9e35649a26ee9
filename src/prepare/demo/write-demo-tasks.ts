import { encodeWavPcm16 } from '../../audio/encode-wav.js'
import { HearError } from '../../base/errors.js'
import { HEAR_SAMPLE_RATES } from '../../model/contract.js'
import { TaskFolderWriter } from '../../store/write-task-folder.js'
import { planCommandTask } from './command-task.js'
import { DEMO_SPLITS, type DemoTask, labelsOfSplit } from './demo-task.js'
import { planEventTask } from './event-task.js'
import { planPitchTask } from './pitch-task.js'

export interface DemoTasksOptions {
  /** Folder that the three task folders go into; made when missing. */
  readonly outDir: string
  /** Seed of everything random; 1 when absent. Another seed gives other tasks. */
  readonly seed?: number
  /** Sample rates in Hz; HEAR's five when absent. */
  readonly sampleRates?: readonly number[]
  /** Replace miniatures of another seed that are already there. */
  readonly overwrite?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DemoTasksProgress) => void
}

/** How far the writing is: clips of one task, counted once for each sample rate. */
export interface DemoTasksProgress {
  readonly task: string
  readonly done: number
  readonly total: number
}

/** Below this the voices lose their second formant, and the notes of the top octave their fundamental. */
const LOWEST_RATE = 11025
const HIGHEST_RATE = 192000

/** The three miniatures: pitch, commands, events. The same seed gives the same plans on every machine. */
export function planDemoTasks(seed: number): DemoTask[] {
  return [planPitchTask(seed), planCommandTask(seed), planEventTask(seed)]
}

/**
 * Writes the three miniature tasks as task folders in HEAR's layout, with generated audio: the same bytes for
 * the same seed on every machine. Each folder is there whole or not at all; a failure or an abort keeps the
 * ones already finished.
 * @returns the paths of the task folders
 * @throws HearError for a seed that is not a whole number, a sample rate out of range, a place that holds
 *   something else, and when the disk refuses; the signal's reason when it is aborted
 */
export async function writeDemoTasks(options: DemoTasksOptions): Promise<{ tasks: string[] }> {
  const { outDir, seed = 1, signal, overwrite } = options
  const sampleRates = checkedRates(options.sampleRates ?? HEAR_SAMPLE_RATES)
  if (!Number.isSafeInteger(seed))
    throw new HearError('prepare/bad-seed', `The seed must be a whole number; found ${seed}.`, {
      hint: 'Give a whole number, such as 1.',
    })
  const plans = planDemoTasks(seed)
  const writers: TaskFolderWriter[] = []
  try {
    // All places are opened first, so that a taken one is refused before anything is generated.
    for (const { metadata } of plans)
      writers.push(await TaskFolderWriter.create(outDir, metadata, { signal, overwrite }))
    const tasks: string[] = []
    for (const [i, plan] of plans.entries())
      tasks.push(await writeTask(plan, writers[i], sampleRates, options.onProgress))
    return { tasks }
  } catch (error) {
    for (const writer of writers) await writer.abort()
    throw error
  }
}

async function writeTask(
  { metadata, vocabulary, clips }: DemoTask,
  writer: TaskFolderWriter,
  sampleRates: readonly number[],
  onProgress: DemoTasksOptions['onProgress'],
): Promise<string> {
  const total = clips.length * sampleRates.length
  let done = 0
  for (const clip of clips)
    for (const sampleRate of sampleRates) {
      const wav = encodeWavPcm16(clip.draw(sampleRate).samples, sampleRate)
      await writer.addClip(sampleRate, clip.split, clip.fileName, wav)
      onProgress?.({ task: metadata.task_name, done: ++done, total })
    }
  const splits = new Map(DEMO_SPLITS.map((split) => [split as string, labelsOfSplit(clips, split)]))
  return writer.finish({ vocabulary, splits })
}

function checkedRates(sampleRates: readonly number[]): number[] {
  const rates = [...new Set(sampleRates)]
  if (rates.length === 0)
    throw new HearError('prepare/no-sample-rates', 'No sample rate was given to write the tasks at.', {
      hint: `Name at least one, such as ${HEAR_SAMPLE_RATES.join(', ')}.`,
    })
  for (const rate of rates)
    if (!Number.isInteger(rate) || rate < LOWEST_RATE || rate > HIGHEST_RATE)
      throw new HearError(
        'prepare/bad-sample-rate',
        `Sample rates must be whole numbers from ${LOWEST_RATE} to ${HIGHEST_RATE} Hz; found ${rate}.`,
        {
          hint:
            rate > 0 && rate < 200
              ? `Was ${rate} meant in kHz? Give ${Math.round(rate * 1000)}.`
              : `HEAR uses ${HEAR_SAMPLE_RATES.join(', ')}.`,
        },
      )
  return rates
}
