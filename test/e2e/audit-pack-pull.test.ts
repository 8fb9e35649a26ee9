import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { decodeWav } from '../../src/audio/decode-wav.js'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { startHost } from '../archive-host.js'
import { hear, scratchFolder } from './hear.js'
import { writeTinyTask } from './tiny-task.js'

const dir = scratchFolder()
const data = process.env.HEAR_TEST_DATA
const quick = ['--grid', 'fast', '--grid-points', '1']

/** A task file beside a folder of sounds, for hear prepare. */
function writeOwnTask(): string {
  const sounds = writeTinyTask(join(dir, 'sounds'), { clipsPerLabel: 8 })
  const rows = ['train', 'valid', 'test'].flatMap((split) =>
    readdirSync(join(sounds, '44100', split)).map((name) => `${split}/${name},${name.split('_')[1]}\n`),
  )
  writeFileSync(join(sounds, '44100', 'labels.csv'), `file,label\n${rows.join('')}`)
  const task = {
    ...{ about: 'Tell tones from noise.', licence: 'CC0', citation: 'Made for a test.' },
    config: {
      ...{ task_name: 'tones', version: 'v1', embedding_type: 'scene', prediction_type: 'multiclass' },
      ...{
        split_mode: 'new_split_kfold',
        nfolds: 3,
        sample_duration: 0.3,
        evaluation: ['top1_acc'],
        default_mode: 'full',
      },
    },
    modes: { full: { max_task_duration_by_fold: null } },
    sources: { full: [{ name: 'sounds', folder: 'sounds/44100' }] },
    clips: { table: 'sounds/labels.csv', file: 'file', label: 'label' },
  }
  writeFileSync(join(dir, 'tones.json'), JSON.stringify(task))
  return join(dir, 'tones.json')
}

describe('a task that is prepared, packed, pulled and run', () => {
  const file = writeOwnTask()
  const rates = ['--sample-rates', '16000,44100']

  it('packs one archive a rate', async () => {
    const args = ['prepare', file, '--out', join(dir, 'tasks'), '--cache', join(dir, 'cache'), ...rates]
    const done = await hear([...args, '--pack', join(dir, 'archives'), '--json'])
    expect(done.code, done.stderr).toBe(0)
    const [{ archives }] = JSON.parse(done.stdout).tasks
    expect(archives).toEqual(
      [16000, 44100].map((rate) => join(dir, 'archives', `hear-2021.1.1-tones-v1-full-${rate}.tar.gz`)),
    )
    expect(readdirSync(join(dir, 'archives'))).toHaveLength(2)
  })

  it('is pulled from a folder and over HTTP, its rates in one folder, and runs', async () => {
    const pull = (rate: number, source: string) =>
      hear([
        'tasks',
        'pull',
        file,
        '--sample-rate',
        String(rate),
        '--source',
        source,
        '--cache',
        join(dir, 'cache'),
        '--out',
        join(dir, 'pulled'),
      ])
    const first = await pull(44100, join(dir, 'archives'))
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toBe(`${join(dir, 'pulled/tones-v1-full')}\n`)
    expect(first.stderr).toContain('no checksum is known to compare it with')
    const host = await startHost((request, response) => {
      const path = join(dir, 'archives', request.url ?? '')
      response.writeHead(existsSync(path) ? 200 : 404).end(existsSync(path) ? readFileSync(path) : '')
    })
    const second = await pull(16000, host.url)
    await host.close()
    expect(second.code, second.stderr).toBe(0)
    expect(readdirSync(join(dir, 'pulled/tones-v1-full'))).toEqual(expect.arrayContaining(['16000', '44100']))
    const run = [
      'run',
      '--model',
      'naive',
      '--tasks',
      join(dir, 'pulled'),
      '--out',
      join(dir, 'results'),
      '--json',
      ...quick,
    ]
    const scored = await hear(run)
    expect(scored.code, scored.stderr).toBe(0)
    expect(JSON.parse(scored.stdout).tasks[0].score).toBeGreaterThan(0.5)
  })

  it('says where the reader pays and what to do, with exit 2 and nothing written', async () => {
    const out = join(dir, 'nothing')
    const { code, stderr } = await hear(['tasks', 'pull', 'esc50', '--sample-rate', '16000', '--out', out])
    expect(code).toBe(2)
    expect(stderr).toMatch(/make the reader pay\.\n {2}→ Make it with hear prepare;.*--source\.\n$/)
    expect(existsSync(out)).toBe(false)
  })
})

test.skipIf(data === undefined)(
  "HEAR's own archive is pulled with its checksum compared, audited, and runs (skipped without HEAR_TEST_DATA)",
  async () => {
    const source = join(data ?? '', 'data/tasks/hear_small')
    const out = join(dir, 'official')
    const args = [
      '--mode',
      'small',
      '--sample-rate',
      '44100',
      '--source',
      source,
      '--cache',
      join(dir, 'cache'),
    ]
    const pulled = await hear(['tasks', 'pull', 'spoken_digit', ...args, '--out', out, '--json'])
    expect(pulled.code, pulled.stderr).toBe(0)
    expect(JSON.parse(pulled.stdout)).toMatchObject({
      name: 'spoken_digit-1.0.9-small',
      wasThere: false,
      nClips: 100,
    })
    expect(pulled.stderr).toContain('md5 as expected')
    const audit = await hear(['tasks', 'audit', join(out, 'spoken_digit-1.0.9-small'), '--json'])
    expect(JSON.parse(audit.stdout)).toMatchObject({ nNotCompared: 100, similar: [], identical: [] })
    const run = ['run', '--model', 'naive', '--tasks', out, '--out', join(dir, 'results'), '--json', ...quick]
    const scored = await hear(run)
    expect(scored.code, scored.stderr).toBe(0)
  },
)

describe('hear tasks audit', () => {
  const task = writeTinyTask(join(dir, 'tiny-1-small'), { clipsPerLabel: 2 })
  cpSync(join(task, '44100/train/train_noise_0.wav'), join(task, '44100/test/test_noise_1.wav'))
  const { samples } = decodeWav(readFileSync(join(task, '44100/train/train_noise_1.wav')), 'noise')
  const quieter = samples.map((_, i) => -0.5 * (samples[i - 441] ?? 0))
  writeFileSync(join(task, '44100/valid/valid_noise_0.wav'), encodeWavPcm16(quieter, 44100))

  it('prints what it finds, the worst first, and exits with 0', async () => {
    const { code, stdout } = await hear(['tasks', 'audit', task])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "tiny-1-small: 18 clips, heard at 44100 Hz

      The same audio more than once
        identical samples: 1 group of clips, 1 across splits
          train/train_noise_0.wav = test/test_noise_1.wav
        the same up to level, shift, padding and noise: 1 pair, 1 across splits
          train/train_noise_1.wav ~ valid/valid_noise_0.wav: correlation 1.000, inverted, -6.0 dB, +10.0 ms

      Speakers and sources, as the file names tell
        the names tell none

      Clips
        unreadable: 0
        silent (all zeros): 0
        nearly silent (peak below -60 dB): 0
        clipped (3 samples or more at full scale): 0
        with a DC offset: 0
        padded (a tenth or more are zeros at the ends): 0
        not of the duration of the task: 0

      Durations
        split  clips  audio  shortest  median  longest
        ─────  ─────  ─────  ────────  ──────  ───────
        train      6  1.8 s    0.30 s  0.30 s   0.30 s
        valid      6  1.8 s    0.30 s  0.30 s   0.30 s
        test       6  1.8 s    0.30 s  0.30 s   0.30 s

      Labels, counted in clips (evenness 1: as many of each)
        split  labels  missing  largest  smallest  evenness
        ─────  ──────  ───────  ───────  ────────  ────────
        train  3 of 3           high 2   noise 2   1.000
        valid  3 of 3           high 2   noise 2   1.000
        test   3 of 3           high 2   noise 2   1.000

      Rates
            rate  missing  without labels  unreadable  other length than at 44100 Hz
        ────────  ───────  ──────────────  ──────────  ─────────────────────────────
        44100 Hz        0               0           0                              0
      "
    `)
  })

  it('prints all of it as JSON, and with --strict exits with 2 when audio crosses splits', async () => {
    const { code, stdout } = await hear(['tasks', 'audit', task, '--json', '--strict'])
    expect(code).toBe(2)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ schema: 'hearkit-audit-1', task: 'tiny-1-small', nClips: 18 })
    expect(report.identical).toHaveLength(1)
    expect(report.similar).toHaveLength(1)
  })

  it('refuses what is no task folder with exit 2', async () => {
    const { code, stderr } = await hear(['tasks', 'audit', join(dir, 'archives')])
    expect(code).toBe(2)
    expect(stderr).toContain('task_metadata.json')
  })
})

test('the help of pull and audit shows examples', async () => {
  for (const [command, example] of [
    ['pull', 'hear tasks pull esc50 --sample-rate 48000'],
    ['audit', 'hear tasks audit tasks/my_birds-v1-full --strict'],
  ]) {
    const { stdout, code } = await hear(['tasks', command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(example)
  }
})
