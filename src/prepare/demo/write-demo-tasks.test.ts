import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HEAR_SAMPLE_RATES } from '../../model/contract.js'
import type { LabelledEvent } from '../../store/label-files.js'
import { DEMO_SPLITS, type DemoClip, labelsOfSplit } from './demo-task.js'
import { planEventTask } from './event-task.js'
import { planDemoTasks, writeDemoTasks } from './write-demo-tasks.js'

const plans = planDemoTasks(1)

function largest(samples: Float32Array): number {
  return samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0)
}

function meanPower(samples: Float32Array): number {
  return samples.reduce((sum, x) => sum + x * x, 0) / samples.length
}

/** Root mean square in pieces of 20 ms. */
function envelope({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }): number[] {
  const step = sampleRate / 50
  return Array.from({ length: Math.floor(samples.length / step) }, (_, i) =>
    Math.sqrt(meanPower(samples.subarray(Math.round(i * step), Math.round((i + 1) * step)))),
  )
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0)
  return covariance(a, ma, b, mb) / Math.sqrt(covariance(a, ma, a, ma) * covariance(b, mb, b, mb))
}

const isSilence = (clip: DemoClip) => clip.labels[0] === '_silence_'

describe.each(plans)('the miniature $metadata.task_name', ({ metadata, vocabulary, clips }) => {
  it('has every label in every split', () => {
    for (const split of DEMO_SPLITS) {
      const labels = [...labelsOfSplit(clips, split).values()]
        .flat()
        .map((item) => (typeof item === 'object' ? (item as LabelledEvent).label : item))
      expect(new Set(labels)).toEqual(new Set(vocabulary))
    }
  })

  it('has no instrument, voice or recording in two splits', () => {
    const splitOf = new Map<string, string>()
    for (const { source, split } of clips) {
      expect(splitOf.get(source) ?? split).toBe(split)
      splitOf.set(source, split)
    }
    expect(new Set(splitOf.values()).size).toBe(3)
  })

  it('names every clip once, in the order of its split file', () => {
    const names = clips.map(({ fileName }) => fileName)
    expect(new Set(names).size).toBe(names.length)
    for (const split of DEMO_SPLITS) {
      const ofSplit = clips.filter((clip) => clip.split === split).map(({ fileName }) => fileName)
      expect(ofSplit).toEqual([...ofSplit].sort())
    }
  })

  it('has clips of one duration and strength at every sample rate, none of them clipped', () => {
    const durationSec = (metadata.sample_duration as { value: number }).value
    const some = clips.filter((clip, i) => i % 37 === 0 && !isSilence(clip))
    expect(some.length).toBeGreaterThan(0)
    for (const clip of some) {
      const drawn = HEAR_SAMPLE_RATES.map((sampleRate) => clip.draw(sampleRate))
      for (const { samples, sampleRate } of drawn) {
        expect(samples.length).toBe(durationSec * sampleRate)
        expect(largest(samples)).toBeLessThan(1)
        expect(largest(samples)).toBeGreaterThan(0.1)
      }
      // Lower rates hold less noise, and other noise; what happens when is the same.
      const reference = envelope(drawn[3])
      for (const other of drawn) expect(correlation(reference, envelope(other))).toBeGreaterThan(0.9)
    }
  })

  it('is another for another seed', () => {
    const other = planDemoTasks(2).find((plan) => plan.metadata.task_name === metadata.task_name)!
    expect(other.vocabulary).toEqual(vocabulary)
    const [a, b] = [clips[0].draw(16000).samples, other.clips[0].draw(16000).samples]
    expect(a).not.toEqual(b)
  })
})

describe('the pitch miniature', () => {
  const [{ vocabulary, clips }] = plans

  it('has the 88 notes of a piano, sorted as numbers', () => {
    expect(vocabulary).toEqual(Array.from({ length: 88 }, (_, i) => 21 + i))
  })

  it('has the pitch of a clip in its name, where NSynth has it', () => {
    for (const { fileName, labels } of clips) expect(Number(fileName.split('-')[1])).toBe(labels[0])
  })
})

describe('the command miniature', () => {
  const [, { vocabulary, clips }] = plans

  it('has ten commands, other words and silence, as Speech Commands', () => {
    expect(vocabulary).toMatchInlineSnapshot(`
      [
        "_silence_",
        "_unknown_",
        "fafu",
        "goro",
        "kuzu",
        "leya",
        "nimi",
        "pala",
        "sasha",
        "shiki",
        "sosi",
        "tefe",
      ]
    `)
  })

  it('has only noise in its silence: no piece of it stands out from the others', () => {
    const silence = clips.filter(isSilence)
    expect(silence.length).toBeGreaterThan(10)
    for (const clip of silence) {
      const pieces = envelope(clip.draw(16000))
      expect(Math.max(...pieces)).toBeLessThan(4 * Math.min(...pieces))
    }
  })

  it('has words that end within their clip and stand out from the noise', () => {
    const words = clips.filter((clip, i) => !isSilence(clip) && i % 7 === 0)
    for (const clip of words) {
      const pieces = envelope(clip.draw(16000)).sort((a, b) => a - b)
      expect(pieces[pieces.length - 3]).toBeGreaterThan(1.5 * pieces[2])
    }
  })
})

describe('the event miniature', () => {
  const [, , { clips }] = plans
  const eventsOf = (clip: DemoClip) => clip.labels as readonly LabelledEvent[]

  it('has events inside their clip, in order, in whole milliseconds, at most two at once', () => {
    for (const seed of [1, 2, 3, 4, 5])
      for (const clip of planEventTask(seed).clips) {
        const events = eventsOf(clip)
        expect(events.map(({ startMs }) => startMs)).toEqual(
          events.map(({ startMs }) => startMs).sort((a, b) => a - b),
        )
        for (const { label, startMs, endMs } of events) {
          expect(Number.isInteger(startMs) && Number.isInteger(endMs)).toBe(true)
          expect(startMs).toBeGreaterThanOrEqual(300)
          expect(endMs).toBeLessThanOrEqual(9700)
          expect(endMs - startMs).toBeGreaterThanOrEqual(200)
          const atOnset = events.filter((other) => other.startMs <= startMs && startMs < other.endMs)
          expect(atOnset.length).toBeLessThanOrEqual(2)
          const others = events.filter((other) => other.label === label && other.startMs > startMs)
          for (const other of others) expect(other.startMs - endMs).toBeGreaterThanOrEqual(500)
        }
      }
  })

  it('has overlapping events in every split', () => {
    for (const split of DEMO_SPLITS) {
      const meetings = clips
        .filter((clip) => clip.split === split)
        .flatMap((clip) =>
          eventsOf(clip).filter(({ startMs }, i, all) => i > 0 && startMs < all[i - 1].endMs),
        )
      expect(meetings.length).toBeGreaterThan(2)
    }
  })

  it('has more energy after an onset than before it, where nothing else sounds', () => {
    let onsets = 0
    let audible = 0
    for (const clip of clips) {
      const { samples, sampleRate } = clip.draw(44100)
      const between = (fromMs: number, toMs: number) =>
        meanPower(samples.subarray((fromMs * sampleRate) / 1000, (toMs * sampleRate) / 1000))
      const events = eventsOf(clip)
      for (const { startMs } of events) {
        if (events.some((other) => other.startMs < startMs && other.endMs > startMs - 60)) continue
        onsets++
        if (between(startMs, startMs + 60) > 1.25 * between(startMs - 60, startMs)) audible++
      }
    }
    expect(onsets).toBeGreaterThan(40)
    // Faint keys and clicks drown in the noise for their first moments, as they do in real offices.
    expect(audible / onsets).toBeGreaterThan(0.9)
  })
})

describe('writing the miniatures', () => {
  let dir: string
  let tasks: string[]
  const progress: string[] = []
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'hearkit-demo-'))
    const written = await writeDemoTasks({
      outDir: dir,
      sampleRates: [16000],
      onProgress: ({ task, done, total }) => progress.push(`${task} ${done}/${total}`),
    })
    tasks = written.tasks
  }, 60_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const text = (task: string, file: string) => readFileSync(join(dir, task, file), 'utf8')

  it("makes one folder a task in HEAR's layout, and nothing else", () => {
    expect(tasks).toEqual(
      ['demo_pitch-hearkit1-small', 'demo_commands-hearkit1-small', 'demo_events-hearkit1-small'].map(
        (name) => join(dir, name),
      ),
    )
    expect(readdirSync(dir).length).toBe(3)
    for (const [i, task] of tasks.entries()) {
      expect(readdirSync(task).sort()).toEqual([
        '16000',
        'labelvocabulary.csv',
        'task_metadata.json',
        'test.json',
        'train.json',
        'valid.json',
      ])
      for (const split of DEMO_SPLITS) {
        const wavs = readdirSync(join(task, '16000', split)).sort()
        expect(wavs).toEqual(
          Object.keys(JSON.parse(readFileSync(join(task, `${split}.json`), 'utf8'))).sort(),
        )
        expect(wavs.length).toBe(plans[i].clips.filter((clip) => clip.split === split).length)
      }
    }
  })

  it('writes the configuration with the keys and number texts of the real tasks', () => {
    expect(text('demo_pitch-hearkit1-small', 'task_metadata.json')).toMatchInlineSnapshot(`
      "{
       "task_name": "demo_pitch",
       "version": "hearkit1",
       "embedding_type": "scene",
       "prediction_type": "multiclass",
       "split_mode": "trainvaltest",
       "sample_duration": 1.0,
       "pitch_range_min": 21,
       "pitch_range_max": 108,
       "evaluation": [
        "pitch_acc",
        "chroma_acc"
       ],
       "download_urls": [],
       "default_mode": "small",
       "seed": 1,
       "max_task_duration_by_split": {
        "train": null,
        "valid": null,
        "test": null
       },
       "tmp_dir": "_workdir",
       "mode": "small",
       "splits": [
        "train",
        "valid",
        "test"
       ]
      }"
    `)
    expect(text('demo_events-hearkit1-small', 'task_metadata.json')).toContain('"sample_duration": 10.0,')
  })

  it('writes labels as the real tasks have them: pitches as numbers, event times as floats', () => {
    expect(text('demo_pitch-hearkit1-small', 'labelvocabulary.csv').slice(0, 26)).toBe(
      'idx,label\n0,21\n1,22\n2,23\n3',
    )
    expect(text('demo_pitch-hearkit1-small', 'valid.json')).toMatch(
      /^\{\n "[a-z]+_\d{3}-\d{3}-\d{3}\.wav": \[\n {2}\d+\n \],/,
    )
    expect(text('demo_events-hearkit1-small', 'valid.json')).toMatch(
      /^\{\n "office_valid_00\.wav": \[\n {2}\{\n {3}"label": "[a-z]+",\n {3}"start": \d+\.0,\n {3}"end": \d+\.0\n {2}\},/,
    )
  })

  it('writes 16-bit mono wav files of the length that the metadata says', () => {
    const clip = plans[0].clips[0]
    const path = join(tasks[0], '16000', clip.split, clip.fileName)
    expect(statSync(path).size).toBe(44 + 2 * 16000)
    expect(readFileSync(path).subarray(20, 36).toString('hex')).toBe('01000100803e0000007d000002001000')
  })

  it('never reaches full scale', () => {
    for (const [i, task] of tasks.entries())
      for (const { split, fileName } of plans[i].clips) {
        const bytes = readFileSync(join(task, '16000', split, fileName))
        const pcm = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length))
        const peak = pcm.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
        expect(peak, fileName).toBeLessThan(32767)
      }
  })

  it('reports its progress, clip by clip', () => {
    expect(progress.length).toBe(plans.reduce((sum, { clips }) => sum + clips.length, 0))
    expect(progress[0]).toBe(`demo_pitch 1/${plans[0].clips.length}`)
  })

  it('writes the same bytes on every machine', () => {
    const hashes = tasks.map((task) => {
      const hash = createHash('sha256')
      for (const file of readdirSync(task, { recursive: true, encoding: 'utf8' }).sort())
        if (statSync(join(task, file)).isFile())
          hash.update(`${file}\n`).update(readFileSync(join(task, file)))
      return hash.digest('hex')
    })
    // When these change, scores on the miniatures change: then the version in their metadata must change too.
    expect(hashes).toMatchInlineSnapshot(`
      [
        "13f78884e961e0b7adb985c8773bcc2f534155da1666d43004021b1723c12481",
        "75d1f6b47ddec7e5804402f55f04a2c1e1af77438117896d24b73ddb0123bef5",
        "5d9b7b566e921bc418ebc4814513cf0e9a9ec7f85be1949df452c78f9e8583a5",
      ]
    `)
  })

  it('refuses to put another seed in the same place, unless told to overwrite', async () => {
    await expect(writeDemoTasks({ outDir: dir, seed: 2, sampleRates: [16000] })).rejects.toMatchObject({
      code: 'store/task-folder-differs',
    })
    expect(readdirSync(dir).length).toBe(3)
  })

  it('leaves nothing half-written when it is aborted', async () => {
    const outDir = join(dir, 'aborted')
    const abort = new AbortController()
    const writing = writeDemoTasks({
      outDir,
      sampleRates: [16000],
      signal: abort.signal,
      onProgress: ({ done }) => done === 3 && abort.abort(new Error('enough')),
    })
    await expect(writing).rejects.toThrow('enough')
    expect(readdirSync(outDir)).toEqual([])
  })

  it('opens all three places before it generates anything', async () => {
    const outDir = join(dir, 'taken')
    mkdirSync(join(outDir, 'demo_events-hearkit1-small'), { recursive: true })
    writeFileSync(join(outDir, 'demo_events-hearkit1-small', 'notes.txt'), 'mine')
    await expect(writeDemoTasks({ outDir })).rejects.toMatchObject({ code: 'store/not-a-task-folder' })
    expect(readdirSync(outDir)).toEqual(['demo_events-hearkit1-small'])
  })
})

describe('what the miniatures cannot be written for', () => {
  const refusal = (options: { seed?: number; sampleRates?: number[] }) =>
    writeDemoTasks({ outDir: '/nowhere', ...options }).then(
      () => 'written',
      (error) => `${error.message} ${error.hint}`,
    )

  it('is a sample rate out of range, or in kHz', async () => {
    expect(await refusal({ sampleRates: [44.1] })).toMatchInlineSnapshot(
      `"Sample rates must be whole numbers from 11025 to 192000 Hz; found 44.1. Was 44.1 meant in kHz? Give 44100."`,
    )
    expect(await refusal({ sampleRates: [8000] })).toMatchInlineSnapshot(
      `"Sample rates must be whole numbers from 11025 to 192000 Hz; found 8000. HEAR uses 16000, 22050, 32000, 44100, 48000."`,
    )
    expect(await refusal({ sampleRates: [] })).toMatchInlineSnapshot(
      `"No sample rate was given to write the tasks at. Name at least one, such as 16000, 22050, 32000, 44100, 48000."`,
    )
  })

  it('is a seed that is not a whole number', async () => {
    expect(await refusal({ seed: 1.5 })).toMatchInlineSnapshot(
      `"The seed must be a whole number; found 1.5. Give a whole number, such as 1."`,
    )
  })
})
