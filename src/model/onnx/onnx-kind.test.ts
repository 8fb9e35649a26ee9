import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixtureModels, modelCases, realModels } from '../../../test/models.js'
import { HearError } from '../../base/errors.js'
import { Random } from '../../num/random.js'
import type { Tensor } from '../contract.js'
import { type OpenModel, openModel } from '../open-model.js'
import { checkContract } from './onnx-contract.js'
import { readOnnxFile } from './onnx-file.js'
import { OnnxSession } from './onnx-session.js'
import { setMetadata } from './set-metadata.js'

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'hearkit-onnx-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const [good, bad] = [fixtureModels('good'), fixtureModels('bad')]
const goodNamed = (name: string) => good.find((path) => basename(path) === `${name}.onnx`)!
const badNamed = (name: string) => bad.find((path) => basename(path) === `${name}.onnx`)!

/** Noise with a tone, [nSounds, nSamples], the same for the same seed. */
function sound(nSounds: number, nSamples: number, seed = 'sound'): Tensor {
  const random = new Random(seed)
  const data = Float32Array.from(
    { length: nSounds * nSamples },
    (_, i) => 0.3 * Math.sin(i / 17) + 0.2 * (random.uniform() - 0.5),
  )
  return { data, dims: [nSounds, nSamples] }
}

async function opened<T>(name: string, work: (model: OpenModel) => Promise<T>): Promise<T> {
  const model = await openModel(name)
  try {
    return await work(model)
  } finally {
    await model.close()
  }
}

async function errorOf(work: () => Promise<unknown>): Promise<HearError> {
  const error = await work().then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(HearError)
  return error
}

/** Largest difference over the largest value of what was recorded. */
function relativeDifference(got: Tensor, recorded: Tensor): number {
  expect(got.dims).toEqual(recorded.dims)
  let [worst, scale] = [0, 0]
  for (let i = 0; i < recorded.data.length; i++) {
    worst = Math.max(worst, Math.abs(got.data[i] - recorded.data[i]))
    scale = Math.max(scale, Math.abs(recorded.data[i]))
  }
  return worst / scale
}

/** Scenes of these lose digits with length: they resample by repeated halving in float32 (models' notes). */
const LOSES_DIGITS = /kwmlp|audiomlp/

describe('the original package gave the same', () => {
  const cases = modelCases()

  test.each(cases)('$title', async ({ model, title, read }) => {
    const audio = (await read('audio'))!
    const [frames, timestamps, scenes] = await Promise.all([
      read('timestamp_embeddings'),
      read('timestamps'),
      read('scene_embeddings'),
    ])
    expect(frames ?? scenes).toBeDefined()
    await opened(model, async ({ module, model: loaded }) => {
      if (frames !== undefined) {
        const got = await module.getTimestampEmbeddings(audio, loaded)
        expect(relativeDifference(got.embeddings, frames)).toBeLessThan(1e-4)
        expect(relativeDifference(got.timestamps, timestamps!)).toBeLessThan(1e-6)
        expect(loaded.timestampEmbeddingSize).toBe(frames.dims[2])
      }
      if (scenes !== undefined) {
        const got = await module.getSceneEmbeddings(audio, loaded)
        expect(relativeDifference(got, scenes)).toBeLessThan(LOSES_DIGITS.test(title) ? 1e-3 : 1e-4)
        expect(loaded.sceneEmbeddingSize).toBe(scenes.dims[1])
      }
    })
  })
})

describe('a clip longer than a run', () => {
  const halo = [...realModels(), ...good].filter((name) => {
    const { contract } = checkContract(readOnnxFile(name.split(',')[0]))
    return contract?.chunking.kind === 'halo' && contract.frames !== undefined
  })

  test('there are models that may be cut', () => expect(halo.length).toBeGreaterThan(0))

  test.each(halo)('%s gives the very bits of one run over the whole', async (name) => {
    const [path] = name.split(',')
    const file = readOnnxFile(path)
    const contract = checkContract(file).contract!
    // Two seams, and a rest that is no multiple of anything.
    const audio = sound(1, Math.round(71.234 * contract.sampleRate))
    const session = await OnnxSession.load(file, contract, 1)
    const whole = await session.run(audio.data, 1)
    await session.close()
    await opened(path, async ({ module, model }) => {
      const cut = await module.getTimestampEmbeddings(audio, model)
      expect(cut.embeddings.dims[1]).toBe(whole.frames!.nFrames)
      expect(Buffer.compare(bytes(cut.embeddings.data), bytes(whole.frames!.data))).toBe(0)
      // float32 steps by 0.008 ms beyond 65 s.
      if (whole.timestampsMs !== undefined)
        expect(cut.timestamps.data.every((time, i) => Math.abs(time - whole.timestampsMs![i]) < 0.01)).toBe(
          true,
        )
      const scene = await module.getSceneEmbeddings(audio, model)
      if (whole.scenes !== undefined)
        expect(relativeDifference(scene, { data: whole.scenes, dims: scene.dims })).toBeLessThan(1e-5)
    })
  })

  test('is the same whether its neighbours are in its batch or not', async () => {
    const audio = sound(3, 16000 * 20)
    await opened(goodNamed('good_logmel'), async ({ module, model }) => {
      const together = await module.getTimestampEmbeddings(audio, model)
      const nFrames = together.embeddings.dims[1]
      const second = { data: audio.data.subarray(320000, 640000), dims: [1, 320000] }
      const alone = await module.getTimestampEmbeddings(second, model)
      expect(alone.embeddings.data).toEqual(together.embeddings.data.subarray(nFrames * 32, 2 * nFrames * 32))
    })
  })
})

describe('a model of a fixed length', () => {
  const path = goodNamed('good_fixed_length')

  test('takes a longer clip window by window, and drops the frames beyond its end', async () => {
    await opened(path, async ({ module, model }) => {
      const audio = sound(2, 40000)
      const { embeddings, timestamps } = await module.getTimestampEmbeddings(audio, model)
      expect(embeddings.dims).toEqual([2, 50, 32])
      expect([...timestamps.data.subarray(0, 50)]).toEqual(Array.from({ length: 50 }, (_, i) => 25 + 50 * i))
      const third = { data: new Float32Array(16000), dims: [1, 16000] }
      third.data.set(audio.data.subarray(32000, 40000))
      const window = await module.getTimestampEmbeddings(third, model)
      expect(embeddings.data.subarray(40 * 32, 50 * 32)).toEqual(window.embeddings.data.subarray(0, 10 * 32))
    })
  })

  test('gives the first frame of a clip that ends before its centre', async () => {
    await opened(path, async ({ module, model }) => {
      const { embeddings, timestamps } = await module.getTimestampEmbeddings(sound(1, 10), model)
      expect(embeddings.dims).toEqual([1, 1, 32])
      expect([...timestamps.data]).toEqual([25])
    })
  })

  test('takes the frames of overlapping windows up to the middle of the overlap, each once', async () => {
    const overlapping = join(scratch, 'overlap.onnx')
    await setMetadata(path, [['window_hop_samples', '8000']], overlapping)
    await opened(overlapping, async ({ module, model }) => {
      const { timestamps } = await module.getTimestampEmbeddings(sound(1, 32000), model)
      expect([...timestamps.data]).toEqual(Array.from({ length: 40 }, (_, i) => 25 + 50 * i))
    })
  })
})

describe('what a file leaves out', () => {
  test('a scene is the mean over frames where there is no scene output', async () => {
    await opened(goodNamed('good_frames_only'), async ({ module, model }) => {
      const audio = sound(2, 16000)
      const { embeddings } = await module.getTimestampEmbeddings(audio, model)
      const scene = await module.getSceneEmbeddings(audio, model)
      const [, nFrames, size] = embeddings.dims
      for (let at = 0; at < 2 * size; at++) {
        const soundAt = Math.floor(at / size) * nFrames * size + (at % size)
        let sum = 0
        for (let frame = 0; frame < nFrames; frame++) sum += embeddings.data[soundAt + frame * size]
        expect(scene.data[at]).toBeCloseTo(sum / nFrames, 5)
      }
    })
  })

  test('a scene may be the mean of every k-th frame', async () => {
    const every = join(scratch, 'every.onnx')
    await setMetadata(goodNamed('good_frames_only'), [['scene_from_timestamps', 'mean_every_5']], every)
    await opened(every, async ({ module, model }) => {
      const audio = sound(1, 16000)
      const { embeddings } = await module.getTimestampEmbeddings(audio, model)
      const scene = await module.getSceneEmbeddings(audio, model)
      const frames = [0, 5, 10, 15, 20]
      for (let k = 0; k < 32; k++) {
        const mean = frames.reduce((sum, frame) => sum + embeddings.data[frame * 32 + k] / 5, 0)
        expect(scene.data[k]).toBeCloseTo(mean, 5)
      }
    })
  })

  test('a model of scenes says that it cannot embed events', async () => {
    await opened(goodNamed('good_scene_only'), async ({ module, model, declares }) => {
      expect(declares.sceneOnly).toBe(true)
      expect(model.timestampEmbeddingSize).toBe(0)
      const error = await errorOf(async () => module.getTimestampEmbeddings(sound(1, 100), model))
      expect(error.code).toBe('model/no-timestamp-embeddings')
    })
  })

  test('clips shorter than min_samples are padded, an empty one too', async () => {
    await opened(goodNamed('good_scene_only'), async ({ module, model }) => {
      const padded = await module.getSceneEmbeddings(
        { data: new Float32Array([0.5, 0]), dims: [1, 2] },
        model,
      )
      const short = await module.getSceneEmbeddings({ data: new Float32Array([0.5]), dims: [1, 1] }, model)
      expect(short.data).toEqual(padded.data)
      const empty = await module.getSceneEmbeddings({ data: new Float32Array(0), dims: [1, 0] }, model)
      expect(empty.data[0]).toBe(0)
    })
  })
})

describe('two files that share the outputs', () => {
  test('are one model, whichever comes first', async () => {
    const [frames, scenes] = [goodNamed('good_logmel'), goodNamed('good_scene_only')]
    const framesOnly = goodNamed('good_frames_only')
    const audio = sound(2, 8000)
    const alone = await opened(scenes, ({ module, model }) =>
      Promise.resolve(module.getSceneEmbeddings(audio, model)),
    )
    for (const name of [`${framesOnly},${scenes}`, `${scenes},${framesOnly}`])
      await opened(name, async ({ module, model, identity }) => {
        expect(model).toMatchObject({ timestampEmbeddingSize: 32, sceneEmbeddingSize: 4 })
        expect(await module.getSceneEmbeddings(audio, model)).toEqual(alone)
        expect(identity.name.split('+').sort()).toEqual(['good_frames_only', 'good_scene_only'])
      })
    const error = await errorOf(() => openModel(`${frames},${scenes}`))
    expect(error.message).toContain('do not share the outputs')
  })

  test('a comma in the name of one file is no pair', async () => {
    const path = join(scratch, 'a,b.onnx')
    await copyFile(goodNamed('good_logmel'), path)
    await opened(path, async ({ identity }) => expect(identity.name).toBe('a_b'))
  })
})

describe('bad models', () => {
  test('there are some, and each is refused or gives what a validator can see', async () => {
    expect(bad.length).toBeGreaterThan(0)
    const defective: string[] = []
    for (const path of bad) {
      const audio = sound(2, 16000)
      const name = basename(path)
      try {
        await opened(path, async ({ module, model }) => {
          await module.getSceneEmbeddings(audio, model)
          const first = await module.getTimestampEmbeddings(audio, model)
          const again = await module.getTimestampEmbeddings(audio, model)
          const half = { data: audio.data.subarray(0, 16000), dims: [1, 16000] }
          const alone = await module.getTimestampEmbeddings(half, model)
          const { embeddings, timestamps } = first
          const times = [...timestamps.data.subarray(0, timestamps.dims[1])]
          const defects = {
            notFinite: embeddings.data.some((value) => !Number.isFinite(value)),
            changing: bytes(again.embeddings.data).compare(bytes(embeddings.data)) !== 0,
            leaking:
              relativeDifference(alone.embeddings, {
                data: embeddings.data.subarray(0, alone.embeddings.data.length),
                dims: alone.embeddings.dims,
              }) > 1e-3,
            unsorted: times.some((time, i) => i > 0 && time <= times[i - 1]),
            drifting: times.some((time, i) => Math.abs(time - i * 50) > 5),
          }
          // Others have defects that only the validator looks for.
          for (const [defect, yes] of Object.entries(defects)) if (yes) defective.push(`${name} ${defect}`)
        })
      } catch (error) {
        if (!(error instanceof HearError)) throw error
        expect(error.message, name).toContain(path)
        expect(error.hint, name).toBeDefined()
      }
    }
    expect(defective).toEqual(
      expect.arrayContaining([
        'bad_nan.onnx notFinite',
        'bad_nondeterministic.onnx changing',
        'bad_batch_leak.onnx leaking',
        'bad_unsorted_timestamps.onnx unsorted',
        'bad_drifting_timestamps.onnx drifting',
      ]),
    )
  })

  test.each([
    ['bad_truncated', 'model/onnx-truncated'],
    ['bad_no_metadata_sample_rate', 'model/onnx-metadata-missing'],
    ['bad_missing_outputs', 'model/onnx-no-outputs'],
    ['bad_rank', 'model/onnx-output'],
    ['bad_dtype_float64', 'model/onnx-output'],
    ['bad_int64_timestamps', 'model/onnx-output'],
  ])('%s is refused before it runs', async (name, code) => {
    expect((await errorOf(() => openModel(badNamed(name)))).code).toBe(code)
  })

  test('sizes that lie are named with what came and what to do', async () => {
    const error = await errorOf(() =>
      opened(badNamed('bad_size_mismatch'), async ({ module, model }) =>
        module.getTimestampEmbeddings(sound(2, 16000), model),
      ),
    )
    expect(error.message).toContain(
      'returned timestamp_embeddings float32 [2, 21, 32] for audio [2, 16000]; expected float32 [2, n_timestamps, 64]',
    )
    expect(error.hint).toMatch(/hear onnx set .* timestamp_embedding_size=32/)
  })

  test('a file that is no ONNX file is told by what it is', async () => {
    for (const [content, says] of [
      ['', 'it is empty'],
      ['PK\x03\x04rest', 'zip archive'],
      ['version https://git-lfs.github.com/spec/v1\n', 'Git LFS pointer'],
      ['hello, I am no model', 'not an ONNX file'],
      ['<!DOCTYPE html>', 'web page'],
    ]) {
      const path = join(scratch, 'other.onnx')
      await writeFile(path, content, 'latin1')
      const error = await errorOf(() => openModel(path))
      expect(error.message).toContain(says)
      expect(error.message).toContain(path)
    }
  })

  test('a missing file, a folder and superfluous weights are told', async () => {
    expect((await errorOf(() => openModel(join(scratch, 'none.onnx')))).code).toBe('store/file-missing')
    const link = join(scratch, 'folder.onnx')
    await symlink(scratch, link)
    expect((await errorOf(() => openModel(link))).code).toMatch(/not-a-file/)
    const error = await errorOf(() => openModel(good[0], { weights: 'w.npy' }))
    expect(error.code).toBe('model/no-weights-option')
  })
})

test('the identity changes with the bytes of the file, and with nothing else', async () => {
  const path = goodNamed('good_logmel')
  const [copy, other] = [join(scratch, 'copy.onnx'), join(scratch, 'other-licence.onnx')]
  await copyFile(path, copy)
  await setMetadata(path, [['code_license', 'MIT']], other)
  const hashes = []
  for (const one of [path, copy, other])
    hashes.push(await opened(one, async ({ identity }) => identity.weightsHash))
  expect(hashes[1]).toBe(hashes[0])
  expect(hashes[2]).not.toBe(hashes[0])
})

function bytes(array: Float32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}
