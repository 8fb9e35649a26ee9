import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeWav } from '../../src/audio/decode-wav.js'
import type { OpenSources } from '../../src/prepare/sources/open-sources.js'
import { parseCsv } from '../../src/store/csv.js'
import { taskByName } from '../../src/tasks/registry.js'
import type { SourceFiles } from '../../src/tasks/task.js'
import { modeSources } from '../../src/tasks/task-mode.js'
import { recordedInputs } from '../recorded-inputs.js'
import { type RecordedTask, recordedTasks } from '../recorded-tasks.js'
import { hear, scratchFolder } from './hear.js'

/** HEAR's own small archives, by file name. */
const archives = process.env.HEAR_TEST_DATA && join(process.env.HEAR_TEST_DATA, 'data/tasks/hear_small')
/** The recorded runs with their audio are in no folder of the project. */
const isSkipped = archives === undefined || process.env.HEAR_TEST_FIXTURES === undefined

/**
 * Largest difference from a recorded sample that was resampled, in units of 1/32768: soxr's 16-bit output is dithered
 * by up to 2 of them from run to run.
 */
const DITHER = 2
/** What both roundings and the dither leave: the root mean square of the difference, in the same unit. */
const NOISE_FLOOR = 0.7
/** Below this share of the clip's own level (-80 dB) a difference is not looked at. */
const LEVEL_SHARE = 1e-4

/** Runs of hear-preprocess with their audio; of each the files it was made from, where all can be had. */
const runs: RecordedTask[] = []
for (const task of recordedTasks())
  if (
    existsSync(join(task.dir, 'audio.csv')) &&
    (await recordedInputs(task, process.env.HEAR_TEST_DATA)) !== undefined
  )
    runs.push(task)

/** Whether every archive of a task is among HEAR's small ones here. One is not: its table is written again. */
function hasArchives({ taskName, mode }: RecordedTask): boolean {
  return modeSources(taskByName(taskName), mode).every(
    (source) =>
      'url' in source && existsSync(join(archives as string, basename(new URL(source.url).pathname))),
  )
}

/** Prepares as a user would; or, where an archive is missing, from the files that can be had. */
async function prepare(task: RecordedTask, sampleRates: readonly string[], out: string): Promise<void> {
  if (hasArchives(task)) {
    const args = ['prepare', task.taskName, '--mode', task.mode, '--sample-rates', sampleRates.join(',')]
    const places = ['--source', archives as string, '--out', out, '--cache', join(out, 'cache')]
    const { code, stderr } = await hear([...args, ...places])
    expect(stderr).toContain('clips at')
    expect(code).toBe(0)
    return
  }
  // The built program: its threads run JavaScript.
  const { prepareTask } = (await import(
    new URL('../../dist/prepare/prepare-task.js', import.meta.url).href
  )) as typeof import('../../src/prepare/prepare-task.js')
  const files = (await recordedInputs(task, process.env.HEAR_TEST_DATA)) as SourceFiles
  await prepareTask(taskByName(task.taskName), {
    mode: task.mode,
    outDir: out,
    sampleRates: sampleRates.map(Number),
    resampler: 'hearkit',
    workers: 2,
    overwrite: false,
    hearkitVersion: 'test',
    clock: { now: Date.now, sleep: async (ms, signal) => void (await setTimeout(ms, undefined, { signal })) },
    open: async () => openInMemory(files),
  })
}

function openInMemory(files: SourceFiles): OpenSources {
  return {
    ...files,
    sizeBytes: () => 0,
    close: async () => {},
    async visit(paths, use) {
      for (const path of paths) {
        const bytes = await files.bytes(path)
        await use(path, {
          sizeBytes: bytes.length,
          async *stream() {
            yield bytes
          },
        })
      }
    },
  }
}

interface RecordedWav {
  readonly sample_rate: string
  readonly split: string
  readonly file: string
  readonly n_samples: string
  readonly sha256_pcm_s16le: string
  readonly resample_untouched: string
}

function recordedWavs(dir: string): RecordedWav[] {
  const file = join(dir, 'audio.csv')
  const [header, ...rows] = parseCsv(readFileSync(file, 'utf8'), file)
  return rows.map(
    (row) => Object.fromEntries(header.map((name, i) => [name, row[i]])) as unknown as RecordedWav,
  )
}

/** The 16-bit samples of one of our wavs, which have the shortest header there is. */
const pcmOf = (path: string) => readFileSync(path).subarray(44)

test.skipIf(isSkipped)(
  'there are runs of hear-preprocess to compare with (skipped without HEAR_TEST_DATA and HEAR_TEST_FIXTURES)',
  () => {
    expect(runs.length).toBeGreaterThan(0)
  },
)

describe.skipIf(isSkipped).each(runs)('hear prepare makes of $name', (task) => {
  const out = scratchFolder()
  const made = join(out, task.name.split('@')[0])
  const wavs = recordedWavs(task.dir)
  const { dir } = task
  beforeAll(() => prepare(task, [...new Set(wavs.map((wav) => wav.sample_rate))], out))

  test('the labels, vocabulary and metadata of hear-preprocess, byte for byte', () => {
    const texts = readdirSync(dir).filter(
      (file) =>
        file === 'labelvocabulary.csv' || (/\.json$/.test(file) && !/^(labelcount|extract)_/.test(file)),
    )
    expect(texts.length).toBeGreaterThan(4)
    for (const file of texts)
      expect(readFileSync(join(made, file), 'utf8') === readFileSync(join(dir, file), 'utf8'), file).toBe(
        true,
      )
  })

  test('its clips: as many samples each, and the same samples where nothing was resampled', () => {
    let exact = 0
    for (const wav of wavs) {
      const pcm = pcmOf(join(made, wav.sample_rate, wav.split, wav.file))
      expect(pcm.length / 2, wav.file).toBe(Number(wav.n_samples))
      if (wav.resample_untouched !== '1') continue
      exact++
      expect(createHash('sha256').update(pcm).digest('hex'), wav.file).toBe(wav.sha256_pcm_s16le)
    }
    // The corpus of one task has another rate than every rate that was recorded.
    if (wavs.some((wav) => wav.resample_untouched === '1')) expect(exact).toBeGreaterThan(0)
    expect(wavs.length).toBeGreaterThan(0)
  })

  test('nothing beside the clips of its lists', () => {
    const listed = [
      ...new Set(wavs.map(({ sample_rate: rate, split, file }) => join(rate, split, file))),
    ].sort()
    const rates = readdirSync(made).filter((entry) => /^\d+$/.test(entry))
    const there = rates.flatMap((rate) =>
      readdirSync(join(made, rate)).flatMap((split) =>
        readdirSync(join(made, rate, split)).map((file) => join(rate, split, file)),
      ),
    )
    expect(there.sort()).toEqual(listed)
  })

  test('resampled clips that differ from soxr by no more than its dither', () => {
    let compared = 0
    for (const rate of readdirSync(join(dir, 'wavs')))
      for (const split of readdirSync(join(dir, 'wavs', rate)))
        for (const file of readdirSync(join(dir, 'wavs', rate, split))) {
          const ours = decodeWav(readFileSync(join(made, rate, split, file)), file).samples
          const theirs = decodeWav(readFileSync(join(dir, 'wavs', rate, split, file)), file).samples
          expect(ours.length).toBe(theirs.length)
          let [worst, error, level] = [0, 0, 0]
          for (const [i, sample] of theirs.entries()) {
            const difference = 32768 * (ours[i] - sample)
            worst = Math.max(worst, Math.abs(difference))
            error += difference ** 2
            level += (32768 * sample) ** 2
          }
          const bound = Math.max(NOISE_FLOOR, LEVEL_SHARE * Math.sqrt(level / theirs.length))
          expect(Math.sqrt(error / theirs.length), file).toBeLessThan(bound)
          expect(worst, file).toBeLessThanOrEqual(DITHER)
          compared++
        }
    expect(compared).toBeGreaterThan(0)
  })
})
