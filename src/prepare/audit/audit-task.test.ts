import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeWavPcm16 } from '../../audio/encode-wav.js'
import { Random } from '../../num/random.js'
import { hasLeaks } from './audit-report.js'
import { auditTask } from './audit-task.js'

const RATE = 16000
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-audit-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** A clip by its split and name, and its label. */
interface Clip {
  readonly split: string
  readonly name: string
  readonly samples: Float32Array
  readonly label?: string
}

function writeTask(clips: readonly Clip[], rates = [RATE], sampleDurationSec: number | null = null): string {
  const splits = ['train', 'valid', 'test']
  const metadata = {
    ...{
      task_name: 'sounds',
      version: '1',
      mode: 'small',
      embedding_type: 'scene',
      prediction_type: 'multiclass',
    },
    ...{ split_mode: 'trainvaltest', sample_duration: sampleDurationSec, evaluation: ['top1_acc'], splits },
  }
  const labels = [...new Set(clips.map(({ label = 'a' }) => label))].sort()
  const task = join(dir, 'sounds-1-small')
  for (const rate of rates)
    for (const split of splits) mkdirSync(join(task, String(rate), split), { recursive: true })
  writeFileSync(join(task, 'task_metadata.json'), JSON.stringify(metadata))
  writeFileSync(
    join(task, 'labelvocabulary.csv'),
    `idx,label\n${labels.map((label, i) => `${i},${label}\n`).join('')}`,
  )
  for (const split of splits) {
    const own = clips.filter((clip) => clip.split === split)
    writeFileSync(
      join(task, `${split}.json`),
      JSON.stringify(Object.fromEntries(own.map(({ name, label = 'a' }) => [name, [label]]))),
    )
    for (const { name, samples } of own)
      for (const rate of rates)
        writeFileSync(join(task, String(rate), split, name), encodeWavPcm16(samples, rate))
  }
  return task
}

/** A sound like no other: partials that glide and fade, and noise. */
function sound(random: Random, seconds = 1): Float32Array {
  const samples = new Float32Array(seconds * RATE)
  for (let partial = 0; partial < 8; partial++) {
    const [start, hz, glide] = [
      random.uniform() * 0.6 * samples.length,
      150 + 3000 * random.uniform(),
      random.uniform() - 0.5,
    ]
    const decay = (0.05 + 0.2 * random.uniform()) * RATE
    for (let i = Math.floor(start); i < samples.length; i++) {
      const t = (i - start) / RATE
      samples[i] += 0.08 * Math.exp(-(i - start) / decay) * Math.sin(2 * Math.PI * hz * (t + glide * t * t))
    }
  }
  return samples.map((x) => x + 0.004 * (random.uniform() - 0.5))
}

/** What a copy may have gone through. */
const COPIES: Record<string, (x: Float32Array, random: Random) => Float32Array> = {
  'at -6 dB': (x) => x.map((v) => v / 2),
  inverted: (x) => x.map((v) => -v),
  '37 ms later': (x) => shifted(x, 592),
  '0.4 s later': (x) => shifted(x, 6400),
  'in noise at -30 dB': (x, random) => {
    const rms = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
    // Uniform noise of width w has an rms of w / sqrt(12).
    return x.map((v) => v + rms * 10 ** (-30 / 20) * Math.sqrt(12) * (random.uniform() - 0.5))
  },
  'padded to 1.5 s': (x) => Float32Array.from({ length: 1.5 * RATE }, (_, i) => x[i] ?? 0),
  'at -3 dB, inverted, 11 ms later': (x) => shifted(x, 176).map((v) => -0.7 * v),
}

function shifted(x: Float32Array, by: number): Float32Array {
  return Float32Array.from(x, (_, i) => (i < by ? 0 : x[i - by]))
}

const pair = (a: { clip: string }, b: { clip: string }) => [a.clip, b.clip].sort().join(' ')

describe('auditTask', () => {
  it('finds every copy and nothing else, and says what was done to it', async () => {
    const random = new Random('copies')
    const clips: Clip[] = Array.from({ length: 60 }, (_, i) => ({
      ...{ split: ['train', 'valid', 'test'][i % 3], name: `sound${i}.wav`, samples: sound(random) },
    }))
    const expected = new Map<string, string>()
    for (const [i, [how, copy]] of Object.entries(COPIES).entries())
      for (const which of [i, i + 20, i + 40]) {
        const original = clips[which]
        const name = `copy${which}.wav`
        const split = ['test', 'train', 'valid'][which % 3]
        clips.push({ split, name, samples: copy(original.samples, random) })
        expected.set(pair({ clip: original.name }, { clip: name }), how)
      }
    const report = await auditTask(writeTask(clips))
    expect(report.similar.map(({ a, b }) => pair(a, b)).sort()).toEqual([...expected.keys()].sort())
    expect(report.identical).toEqual([])
    for (const { a, b, correlation, gainDb, lagMs, crossesSplits } of report.similar) {
      const how = expected.get(pair(a, b))!
      const back = a.clip.startsWith('copy') ? -1 : 1
      expect(crossesSplits).toBe(true)
      expect(Math.sign(correlation)).toBe(how.includes('inverted') ? -1 : 1)
      expect(back * gainDb).toBeCloseTo(how.includes('-6') ? -6.02 : how.includes('-3 dB') ? -3.1 : 0, 1)
      const laterMs = how.includes('37') ? 37 : how.includes('0.4') ? 400 : how.includes('11') ? 11 : 0
      expect(back * lagMs).toBeCloseTo(laterMs, 1)
    }
    expect(hasLeaks(report)).toBe(true)
  })

  it('groups identical clips, and tells splits and labels apart', async () => {
    const random = new Random('identical')
    const [one, two] = [sound(random), sound(random)]
    const report = await auditTask(
      writeTask([
        { split: 'train', name: 'a.wav', samples: one },
        { split: 'test', name: 'b.wav', samples: one, label: 'b' },
        { split: 'train', name: 'c.wav', samples: two },
        { split: 'train', name: 'd.wav', samples: two },
        { split: 'valid', name: 'e.wav', samples: new Float32Array(RATE) },
        { split: 'train', name: 'f.wav', samples: new Float32Array(RATE) },
      ]),
    )
    expect(report.identical).toEqual([
      {
        clips: [
          { split: 'train', clip: 'a.wav' },
          { split: 'test', clip: 'b.wav' },
        ],
        crossesSplits: true,
        labelsDiffer: true,
      },
      {
        clips: [
          { split: 'train', clip: 'c.wav' },
          { split: 'train', clip: 'd.wav' },
        ],
        crossesSplits: false,
        labelsDiffer: false,
      },
    ])
    expect(report.silent.map(({ clip }) => clip)).toEqual(['f.wav', 'e.wav'])
    expect(report.similar).toEqual([])
    expect(report.nNotCompared).toBe(2)
  })

  it('finds cuts of one noise that overlap by half', async () => {
    const random = new Random('noise')
    const noise = Float32Array.from({ length: 5 * RATE }, () => 0.4 * (random.uniform() - 0.5))
    const cuts = Array.from({ length: 9 }, (_, i) => ({
      ...{
        split: i % 2 === 0 ? 'train' : 'valid',
        name: `noise-${i}.wav`,
        samples: noise.slice((i * RATE) / 2, (i * RATE) / 2 + RATE),
      },
    }))
    const { similar } = await auditTask(
      writeTask([...cuts, { split: 'test', name: 'other.wav', samples: sound(random) }]),
    )
    const neighbours = Array.from({ length: 8 }, (_, i) => `noise-${i}.wav noise-${i + 1}.wav`)
    expect(similar.map(({ a, b }) => pair(a, b)).sort()).toEqual(neighbours)
    for (const { lagMs } of similar) expect(Math.abs(lagMs)).toBeCloseTo(500, 1)
  })

  it('does not take tones, hums and near-silence for copies of each other', async () => {
    const random = new Random('tones')
    const tone = (hz: number, phase: number) =>
      Float32Array.from(
        { length: RATE },
        (_, i) => 0.3 * Math.sin(2 * Math.PI * ((hz * i) / RATE + phase)) + 0.003 * (random.uniform() - 0.5),
      )
    const quiet = () =>
      Float32Array.from({ length: RATE }, () => Math.round(4 * (random.uniform() - 0.5)) / 32768)
    const clips: Clip[] = [
      ...[220, 222, 440, 441, 880].map((hz) => ({
        split: 'train',
        name: `tone${hz}.wav`,
        samples: tone(hz, random.uniform()),
      })),
      ...Array.from({ length: 10 }, (_, i) => ({ split: 'valid', name: `quiet${i}.wav`, samples: quiet() })),
      ...Array.from({ length: 10 }, (_, i) => ({
        ...{
          split: 'test',
          name: `noise${i}.wav`,
          samples: Float32Array.from({ length: RATE }, () => 0.2 * (random.uniform() - 0.5)),
        },
      })),
    ]
    const report = await auditTask(writeTask(clips))
    expect(report.similar).toEqual([])
    expect(report.nearlySilent).toHaveLength(10)
    expect(report.nNotCompared).toBe(10)
    expect(hasLeaks(report)).toBe(false)
  })

  it('compares a piece of long clips, at the shift that their landmarks tell', async () => {
    const random = new Random('long')
    const long = Float32Array.from({ length: 45 * RATE })
    for (let at = 0; at < 45; at++) long.set(sound(random), at * RATE)
    const later = new Float32Array(50 * RATE)
    later.set(
      long.map((x) => 0.5 * x),
      5 * RATE,
    )
    const { similar } = await auditTask(
      writeTask([
        { split: 'train', name: 'a.wav', samples: long },
        { split: 'test', name: 'b.wav', samples: later },
      ]),
    )
    expect(similar).toHaveLength(1)
    expect(similar[0].lagMs).toBeCloseTo(5000, 1)
    expect(similar[0].gainDb).toBeCloseTo(-6.02, 1)
  })

  it('finds an excerpt in the longer clip that it is from, and noise that is shifted by half a sample', async () => {
    const random = new Random('excerpt')
    const long = new Float32Array(6 * RATE)
    for (let at = 0; at < 6; at++) long.set(sound(random), at * RATE)
    const partials = Array.from({ length: 300 }, () => [7000 * random.uniform(), random.uniform()])
    const noise = (laterSamples: number) =>
      Float32Array.from({ length: RATE }, (_, i) =>
        partials.reduce(
          (sum, [hz, phase]) =>
            sum + 0.02 * Math.sin(2 * Math.PI * ((hz * (i - laterSamples)) / RATE + phase)),
          0,
        ),
      )
    const { similar } = await auditTask(
      writeTask([
        { split: 'train', name: 'long.wav', samples: long },
        { split: 'test', name: 'excerpt.wav', samples: long.slice(2 * RATE, 4 * RATE) },
        { split: 'train', name: 'noise.wav', samples: noise(0) },
        { split: 'test', name: 'noise-later.wav', samples: noise(0.5) },
      ]),
    )
    expect(similar.map(({ a, b, lagMs }) => [pair(a, b), Math.abs(lagMs)])).toEqual(
      expect.arrayContaining([
        ['excerpt.wav long.wav', expect.closeTo(2000, 1)],
        ['noise-later.wav noise.wav', expect.closeTo(500 / RATE, 3)],
      ]),
    )
  })

  it('finds odd clips: clipped, offset, padded, of another duration, unreadable', async () => {
    const random = new Random('odd')
    const good = sound(random)
    const task = writeTask(
      [
        {
          split: 'train',
          name: 'clipped.wav',
          samples: sound(random).map((x) => Math.max(-1, Math.min(1, 20 * x))),
        },
        { split: 'train', name: 'offset.wav', samples: sound(random).map((x) => 0.2 * x + 0.1) },
        {
          split: 'train',
          name: 'padded.wav',
          samples: sound(random).map((x, i) => (i < 0.7 * RATE ? x : 0)),
        },
        { split: 'valid', name: 'short.wav', samples: sound(random).slice(0, RATE / 2) },
        { split: 'valid', name: 'cut-off.wav', samples: sound(random) },
        { split: 'test', name: 'good.wav', samples: good },
      ],
      [RATE, 32000],
      1,
    )
    const cutOff = join(task, String(RATE), 'valid/cut-off.wav')
    writeFileSync(cutOff, readFileSync(cutOff).subarray(0, 1000))
    await rm(join(task, '32000/test/good.wav'))
    writeFileSync(join(task, '32000/test/stray.wav'), '')
    const report = await auditTask(task)
    expect(report.clipped.map(({ clip }) => clip)).toEqual(['clipped.wav'])
    expect(report.clipped[0].longestRunSamples).toBeGreaterThan(3)
    expect(report.offset).toEqual([{ split: 'train', clip: 'offset.wav', mean: expect.closeTo(0.1, 2) }])
    expect(report.padded).toEqual([{ split: 'train', clip: 'padded.wav', zeroShare: expect.closeTo(0.3, 3) }])
    expect(report.otherDuration).toEqual([{ split: 'valid', clip: 'short.wav', durationSec: 0.5 }])
    expect(report.unreadable).toEqual([
      { split: 'valid', clip: 'cut-off.wav', reason: expect.stringContaining('is cut off') },
    ])
    expect(report.rates[0]).toMatchObject({ sampleRate: RATE, missing: [], extra: [] })
    expect(report.rates[1]).toMatchObject({
      ...{ sampleRate: 32000, missing: ['32000/test/good.wav'], extra: ['32000/test/stray.wav'] },
      // The same samples said to be at twice the rate are half as long.
      otherLength: expect.arrayContaining(['32000/train/padded.wav']),
    })
    expect(hasLeaks(report)).toBe(true)
  })

  it('changes nothing in the folder', async () => {
    const task = writeTask([{ split: 'train', name: 'a.wav', samples: sound(new Random('still')) }])
    const state = () =>
      readdirSync(task, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => `${name} ${statSync(join(task, name)).mtimeMs}`)
    const before = state()
    await auditTask(task)
    expect(state()).toEqual(before)
  })

  it('refuses a folder without audio, and a rate that is not there', async () => {
    const task = writeTask([{ split: 'train', name: 'a.wav', samples: sound(new Random('rates')) }])
    await expect(auditTask(task, { sampleRate: 48000 })).rejects.toThrow(
      'holds audio at 16000 Hz; expected 48000 Hz',
    )
    await rm(join(task, String(RATE)), { recursive: true })
    await expect(auditTask(task)).rejects.toMatchObject({ code: 'audit/no-audio' })
  })
})
