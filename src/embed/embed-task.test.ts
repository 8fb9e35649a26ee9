import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeWavPcm16 } from '../audio/encode-wav.js'
import type { HearModel, HearModule, Tensor } from '../model/contract.js'
import { readEmbeddingFolder } from '../store/embedding-folder.js'
import { readTaskFolder } from '../store/task-folder.js'
import { type EmbedProgress, type EmbedTaskOptions, embedTask } from './embed-task.js'
import { packingOrder } from './packing-order.js'

const RATE = 16000
const SPLITS = ['train', 'valid', 'test']
const metadata = {
  task_name: 'tones',
  version: 'v1',
  embedding_type: 'scene',
  prediction_type: 'multiclass',
  split_mode: 'trainvaltest',
  sample_duration: 30,
  evaluation: ['top1_acc'],
  splits: SPLITS,
  mode: 'small',
}
const identity = { name: 'toy', weightsHash: 'w1', options: {} }

/** Scene: [first sample, number of samples]; timestamps: one frame every 50 ms, [sample there, frame index]. */
const batchShapes: (readonly number[])[] = []
const toy: HearModule<HearModel> = {
  loadModel: () => model,
  getSceneEmbeddings({ data, dims: [n, length] }) {
    batchShapes.push([n, length])
    return tensor([n, 2], (i) => (i % 2 === 0 ? data[(i / 2) * length] : length))
  },
  getTimestampEmbeddings({ data, dims: [n, length] }) {
    batchShapes.push([n, length])
    const hop = (RATE * 50) / 1000
    const frames = Math.ceil(length / hop)
    return {
      timestamps: tensor([n, frames], (i) => 50 * (i % frames)),
      embeddings: tensor([n, frames, 2], (i) => {
        const frame = (i >> 1) % frames
        const sound = Math.floor(i / 2 / frames)
        return i % 2 === 0 ? data[sound * length + frame * hop] : frame
      }),
    }
  },
}
const model = { sampleRate: RATE, sceneEmbeddingSize: 2, timestampEmbeddingSize: 2 }

function tensor(dims: number[], value: (i: number) => number): Tensor {
  return { dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)) }
}

let dir: string
let taskDir: string
let outDir: string
beforeEach(async () => {
  batchShapes.length = 0
  dir = await mkdtemp(join(tmpdir(), 'hear-embed-'))
  taskDir = join(dir, 'tones-v1-small')
  outDir = join(dir, 'embeddings/tones')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Writes a task whose clip k holds k + 1 in every sample (of 32768), and lasts lengths[k] samples. */
async function writeTask(change: object, lengths: readonly number[]): Promise<void> {
  await mkdir(taskDir, { recursive: true })
  await writeFile(join(taskDir, 'task_metadata.json'), JSON.stringify({ ...metadata, ...change }))
  await writeFile(join(taskDir, 'labelvocabulary.csv'), 'idx,label\n0,tone\n')
  const isEvent = { ...metadata, ...change }.embedding_type === 'event'
  for (const split of SPLITS) {
    await mkdir(join(taskDir, String(RATE), split), { recursive: true })
    const labels: Record<string, unknown> = {}
    for (const [k, length] of lengths.entries()) {
      labels[`${split}${k}.wav`] = isEvent ? [{ label: 'tone', start: 0, end: 10 }] : ['tone']
      const samples = new Float32Array(length).fill((k + 1) / 32768)
      await writeFile(wav(split, k), encodeWavPcm16(samples, RATE))
    }
    await writeFile(join(taskDir, `${split}.json`), JSON.stringify(labels))
  }
}

const wav = (split: string, k: number) => join(taskDir, String(RATE), split, `${split}${k}.wav`)

const embed = async (options: Partial<EmbedTaskOptions> = {}) =>
  embedTask({ task: await readTaskFolder(taskDir), module: toy, model, identity, outDir, ...options })

async function sentence(options: Partial<EmbedTaskOptions> = {}): Promise<string> {
  const failure = await embed(options).then(
    () => undefined,
    (error) => error,
  )
  if (failure?.name !== 'HearError') throw new Error('expected a HearError', { cause: failure })
  return `${failure.code}: ${failure.message.replaceAll(dir, 'DIR')} ${failure.hint.replaceAll(dir, 'DIR')}`
}

const leftovers = async () => (await readdir(outDir)).filter((name) => name.startsWith('.'))

describe('embedTask', () => {
  it("writes scene embeddings in heareval's packing order, in batches of HEAR's size", async () => {
    await writeTask({}, [160, 160, 160, 160, 160])
    const progress: EmbedProgress[] = []
    let clock = 0
    const now = () => {
      clock += 2000
      return clock
    }
    const report = await embed({ onProgress: (p) => progress.push(p), versions: { hearkit: '9' }, now })
    expect(report).toEqual(SPLITS.map((name) => ({ name, clips: 5, reused: false })))
    // 0.7 * 120 / 30 = 2.8: two clips at a time.
    expect(batchShapes.slice(0, 3)).toEqual([
      [2, 160],
      [2, 160],
      [1, 160],
    ])
    const task = await readTaskFolder(taskDir)
    const order = packingOrder([...task.splits].map(([name, { clips }]) => [name, clips.keys()]))
    const folder = await readEmbeddingFolder(outDir)
    for (const [name, split] of folder.splits) {
      expect(split.clips).toEqual(order.get(name))
      const values = split.clips.flatMap((clip) => [(Number(clip.at(-5)) + 1) / 32768, 160])
      expect([...split.embeddings.data]).toEqual(values)
    }
    expect(folder.source).toMatchObject({ model: identity, sampleRate: RATE, versions: { hearkit: '9' } })
    expect(folder.source?.splits.train.seconds).toBe(2)
    expect(progress.at(-1)).toEqual({ split: 'test', clipsDone: 15, clipsTotal: 15, reused: false })
  })

  it('writes timestamp embeddings with the frames of a clip together', async () => {
    await writeTask({ embedding_type: 'event', prediction_type: 'multilabel' }, [1600, 1600, 1600])
    await embed()
    const { splits } = await readEmbeddingFolder(outDir)
    const { clips, timestampsMs, embeddings } = splits.get('valid')!
    expect(clips.length).toBe(3)
    expect([...timestampsMs!]).toEqual([0, 50, 0, 50, 0, 50])
    const values = clips.flatMap((clip) => [0, 1].flatMap((i) => [(Number(clip.at(-5)) + 1) / 32768, i]))
    expect([...embeddings.data]).toEqual(values)
  })

  it('embeds clips that differ in length one at a time', async () => {
    await writeTask({ sample_duration: 10 }, [160, 320, 160, 480])
    await embed()
    expect(batchShapes.every(([n]) => n === 1)).toBe(true)
    expect(batchShapes.length).toBe(12)
    const { splits } = await readEmbeddingFolder(outDir)
    const lengths = splits.get('train')!.clips.map((clip) => [160, 320, 160, 480][Number(clip.at(-5))])
    expect([...splits.get('train')!.embeddings.data].filter((_, i) => i % 2 === 1)).toEqual(lengths)
  })

  it('keeps what is finished, and embeds anew what was made from other clips, weights or options', async () => {
    await writeTask({}, [160, 160])
    await embed()
    const written = await stat(join(outDir, 'train.embeddings.npy'))
    batchShapes.length = 0
    expect((await embed()).map(({ reused }) => reused)).toEqual([true, true, true])
    expect(batchShapes).toEqual([])
    expect((await stat(join(outDir, 'train.embeddings.npy'))).mtimeMs).toBe(written.mtimeMs)

    await writeFile(wav('valid', 1), encodeWavPcm16(new Float32Array(160).fill(0.5), RATE))
    expect((await embed()).map(({ reused }) => reused)).toEqual([true, false, true])
    await rm(join(outDir, 'test.rows.json'))
    expect((await embed()).map(({ reused }) => reused)).toEqual([true, true, false])
    for (const other of [
      { ...identity, weightsHash: 'w2' },
      { ...identity, options: { hopMs: 10 } },
    ])
      expect((await embed({ identity: other })).map(({ reused }) => reused)).toEqual([false, false, false])
  })

  it('leaves nothing half-written when it is stopped, and goes on where it was', async () => {
    await writeTask({}, [160, 160, 160, 160, 160])
    const stop = new AbortController()
    const onProgress = ({ split }: EmbedProgress) => split === 'valid' && stop.abort(new Error('stopped'))
    await expect(embed({ signal: stop.signal, onProgress })).rejects.toThrow('stopped')
    expect(await leftovers()).toEqual([])
    expect(existsSync(join(outDir, 'train.embeddings.npy'))).toBe(true)
    expect(existsSync(join(outDir, 'valid.embeddings.npy'))).toBe(false)
    expect((await embed()).map(({ reused }) => reused)).toEqual([true, false, false])
    await expect(embed({ signal: AbortSignal.abort(new Error('at once')) })).rejects.toThrow('at once')
  })

  it('says which rates the task has', async () => {
    await writeTask({}, [160])
    expect(await sentence({ model: { ...model, sampleRate: 44100 } })).toMatchInlineSnapshot(
      `"embed/no-such-rate: The task "tones-v1-small" has audio at 16000 Hz; the model "toy" needs 44100 Hz (folder "DIR/tones-v1-small/44100"). Prepare the task at 44100 Hz too, or extract the archive of that rate (its name ends in -44100.tar.gz) over it."`,
    )
    expect(await sentence({ sampleRate: 44100 })).toMatchInlineSnapshot(
      `"embed/model-rate: The model "toy" takes audio at 16000 Hz; 44100 Hz was asked for. Use 16000 Hz: models of HEAR do not resample."`,
    )
    await rename(join(taskDir, String(RATE)), join(taskDir, 'audio'))
    expect(await sentence()).toMatchInlineSnapshot(
      `"embed/no-such-rate: The task "tones-v1-small" has audio at no rate; the model "toy" needs 16000 Hz (folder "DIR/tones-v1-small/16000"). Prepare the task at 16000 Hz too, or extract the archive of that rate (its name ends in -16000.tar.gz) over it."`,
    )
    expect(existsSync(outDir)).toBe(false)
  })

  it('names the audio file that is missing, no wav, empty or of another rate', async () => {
    await writeTask({}, [160, 160])
    const good = await readFile(wav('train', 0))
    const sentences: string[] = []
    await rm(wav('train', 0))
    sentences.push(await sentence())
    for (const bytes of [
      Buffer.from('ID3 something'),
      encodeWavPcm16(new Float32Array(0), RATE),
      encodeWavPcm16(new Float32Array(160), 8000),
      good.subarray(0, 20),
    ]) {
      await writeFile(wav('train', 0), bytes)
      sentences.push(await sentence())
    }
    for (const text of sentences) expect(text).toContain('DIR/tones-v1-small/16000/train/train0.wav')
    expect(sentences.map((text) => text.split(':')[0])).toMatchInlineSnapshot(`
      [
        "embed/audio-missing",
        "audio/not-wav",
        "audio/no-samples",
        "embed/sample-rate",
        "audio/truncated",
      ]
    `)
    expect(sentences[3]).toMatchInlineSnapshot(
      `"embed/sample-rate: "DIR/tones-v1-small/16000/train/train0.wav" has a sample rate of 8000 Hz; expected 16000 Hz, the name of its folder. Prepare the task again; resampled audio belongs into the folder of its own rate."`,
    )
    expect(await leftovers()).toEqual([])
  })

  it('refuses a split without clips', async () => {
    await writeTask({}, [160])
    await writeFile(join(taskDir, 'valid.json'), '{}')
    expect(await sentence()).toMatchInlineSnapshot(
      `"embed/empty-split: The split valid of the task "tones-v1-small" has no clips. Check "DIR/tones-v1-small/valid.json", or prepare the task again."`,
    )
  })
})

describe('a model that returns what it should not', () => {
  const scenes = (output: unknown) => ({ module: { ...toy, getSceneEmbeddings: () => output as Tensor } })
  const frames = (embeddings: unknown, timestamps: unknown) => ({
    module: { ...toy, getTimestampEmbeddings: () => ({ embeddings, timestamps }) as never },
  })

  it('is named with the clip: scenes', async () => {
    await writeTask({}, [160, 160])
    const sentences: string[] = []
    for (const options of [
      scenes(undefined),
      scenes(tensor([2, 3], () => 0)),
      scenes({ dims: [2, 2], data: new Float32Array(3) }),
      scenes({ dims: [2, 2], data: new Float64Array(4) }),
      scenes(tensor([2, 2], (i) => (i === 3 ? Number.NaN : 0))),
      {
        module: {
          ...toy,
          getSceneEmbeddings() {
            throw new TypeError('cannot read x of undefined')
          },
        },
      },
    ])
      sentences.push(await sentence(options))
    expect(sentences).toMatchInlineSnapshot(`
      [
        "embed/shape: The model "toy" returned scene embeddings of the wrong shape: expected float32 [2, 2], found nothing. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/shape: The model "toy" returned scene embeddings of the wrong shape: expected float32 [2, 2], found [2, 3] with 6 values. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/shape: The model "toy" returned scene embeddings of the wrong shape: expected float32 [2, 2], found [2, 2] with 3 values. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/shape: The model "toy" returned scene embeddings of the wrong shape: expected float32 [2, 2], found data of type Float64Array. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/not-finite: The model "toy" returned NaN in a scene embedding. Clip: "train1.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/model-failed: The model "toy" failed on the clip "train0.wav" and 1 more (10 ms each): cannot read x of undefined Run \`hear validate\` on it to see whether it fails on other audio too.",
      ]
    `)
    expect(await leftovers()).toEqual([])
  })

  it('is named with the clip: timestamps', async () => {
    await writeTask({ embedding_type: 'event' }, [16000, 16000])
    const hops = (scale: number) => tensor([2, 10], (i) => scale * (i % 10))
    const zeros = tensor([2, 10, 2], () => 0)
    const sentences: string[] = []
    for (const options of [
      frames(zeros, undefined),
      frames(
        zeros,
        tensor([2, 9], (i) => i % 9),
      ),
      frames(
        tensor([2, 0, 2], () => 0),
        tensor([2, 0], () => 0),
      ),
      frames(zeros, hops(-50)),
      frames(zeros, hops(0.1)),
      frames(
        zeros,
        tensor([2, 10], (i) => (i === 15 ? Number.NaN : 50 * (i % 10))),
      ),
      frames(
        tensor([2, 10, 2], (i) => (i === 20 ? Number.POSITIVE_INFINITY : 0)),
        hops(50),
      ),
    ])
      sentences.push(await sentence(options))
    expect(sentences).toMatchInlineSnapshot(`
      [
        "embed/shape: The model "toy" returned timestamps of the wrong shape: expected float32 [2, timestamps], found nothing. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/shape: The model "toy" returned timestamp embeddings of the wrong shape: expected float32 [2, 9, 2], found [2, 10, 2] with 40 values. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/no-timestamps: The model "toy" returned no timestamps for a clip of 1000 ms. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/timestamps-not-increasing: The model "toy" returned timestamps that do not increase: -50 ms after 0 ms. Clip: "train0.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/timestamps-in-seconds: The model "toy" returned timestamps up to 0.8999999761581421 for a clip of 1000 ms. Clip: "train0.wav" (in a batch of 2). Timestamps are in milliseconds; are these in seconds?",
        "embed/not-finite: The model "toy" returned NaN in a timestamp. Clip: "train1.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
        "embed/not-finite: The model "toy" returned Infinity in a timestamp embedding. Clip: "train1.wav" (in a batch of 2). Run \`hear validate\` on it to see everything that is wrong with it.",
      ]
    `)
  })
})
