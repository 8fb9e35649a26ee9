import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeSource } from '../../src/prepare/decode/decode-source.js'
import { manifestTasks } from '../manifest-tasks.js'
import { hear, scratchFolder } from './hear.js'

const { HEAR_TEST_DATA, HEAR_TEST_TASKS } = process.env
const tasks = manifestTasks()
const scratch = scratchFolder()

/** Manifests may round to the millisecond. */
const ROUNDING_SEC = 0.5e-3
/** Decoders of lossy files differ in how much of the encoder's delay and padding they leave. */
const CODEC_DELAY_SEC = 0.1
const LOSSLESS = /PCM|FLOAT|DOUBLE|FLAC/

/** Every path with its size and date. */
function listing(dir: string): string[] {
  return (readdirSync(dir, { recursive: true }) as string[]).sort().map((name) => {
    const { size, mtimeMs } = statSync(join(dir, name))
    return `${name} ${size} ${mtimeMs}`
  })
}

describe.skipIf(HEAR_TEST_DATA === undefined && HEAR_TEST_TASKS === undefined)(
  'tasks of real recordings (skipped without HEAR_TEST_DATA or HEAR_TEST_TASKS)',
  () => {
    test('are there', () => {
      expect(tasks.map(({ name }) => name)).not.toEqual([])
    })

    test.each(tasks)(
      'every recording of $name decodes to what its manifest states',
      async ({ dir, recordings }) => {
        expect(recordings.length).toBeGreaterThan(0)
        const wrong: string[] = []
        for (const { path, duration_s, sample_rate, channels, subtype } of recordings) {
          const pcm = await decodeSource(createReadStream(join(dir, path)), { name: path })
          const durationSec = pcm.samples.length / pcm.sampleRate
          const toleranceSec = ROUNDING_SEC + (LOSSLESS.test(subtype) ? 1 / pcm.sampleRate : CODEC_DELAY_SEC)
          // ffmpeg, where it had to decode the file, does not say how many channels there were.
          const nChannels = pcm.format.channels ?? Number(channels)
          if (
            Math.abs(durationSec - Number(duration_s)) > toleranceSec ||
            pcm.sampleRate !== Number(sample_rate) ||
            nChannels !== Number(channels)
          )
            wrong.push(
              `${path}: ${durationSec} s, ${pcm.sampleRate} Hz, ${nChannels} channels; ${duration_s}, ${sample_rate}, ${channels}`,
            )
        }
        expect(wrong).toEqual([])
      },
    )

    // Two folders of tasks may hold tasks of the same name.
    const definitions = tasks.flatMap(({ dir, definitions }, i) =>
      definitions.map((definition) => ({
        task: definition.config.task_name,
        dir,
        definition,
        workDir: join(scratch, String(i)),
      })),
    )

    test.each(definitions)('$task is prepared and scored', async ({ task, dir, definition, workDir }) => {
      const before = listing(dir)
      const { rows, ...rest } = definition
      const file = join(workDir, `${task}.mjs`)
      mkdirSync(workDir, { recursive: true })
      writeFileSync(
        file,
        `const rows = ${JSON.stringify(rows)}\nexport default { ...${JSON.stringify(rest)}, clips: () => rows }\n`,
      )
      const [out, results] = [join(workDir, task), join(workDir, `${task}-results`)]
      const cache = ['--cache', join(scratch, 'cache')]
      const prepared = await hear([
        'prepare',
        file,
        '--out',
        out,
        '--sample-rates',
        '44100',
        '--json',
        ...cache,
      ])
      expect(prepared.stderr).toContain(`preparing ${task}, small`)
      expect(prepared.code, prepared.stderr).toBe(0)
      const [made] = JSON.parse(prepared.stdout).tasks
      const clips = Object.values(made.clips as Record<string, number>)
      // A recording without a label or event is no row, there as in hear-preprocess.
      expect(clips.reduce((sum, n) => sum + n)).toBe(new Set(rows.map(({ path }) => path)).size)

      const quick = ['--grid', 'faster', '--grid-points', '1', '--json', '--out', results]
      const scored = await hear(['run', '--model', 'naive', '--tasks', out, ...quick])
      expect(scored.code, scored.stderr).toBe(0)
      const [result] = JSON.parse(scored.stdout).tasks
      expect(result.task).toBe(task)
      expect(result.score).toBeGreaterThanOrEqual(0)
      expect(result.metric).toBe(definition.config.evaluation[0])
      expect(listing(dir)).toEqual(before)
    })
  },
)
