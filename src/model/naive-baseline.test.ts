import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureCases, fixtureRoots } from '../../test/fixtures.js'
import { Random } from '../num/random.js'
import { readFloat32Npy } from '../store/npy.js'
import type { Tensor } from './contract.js'
import {
  getSceneEmbeddings,
  getTimestampEmbeddings,
  loadNaive,
  type NaiveModel,
  naiveBaseline,
} from './naive-baseline.js'

interface RecordedCase {
  id: string
  audio: string
  embedding_rows_stored: string
  expected: {
    value: {
      timestamps: number[]
      embeddings_shape: [number, number, number]
      embeddings_first8_of_first_frame: number[]
      scene_shape: [number, number]
    }
  }
}

/** Recorded cases whose audio is there: the copies in the project are the smaller ones. */
const cases = fixtureCases('heareval/naive_baseline')
  .map((one) => one as unknown as RecordedCase)
  .flatMap((one) => {
    const root = fixtureRoots().find((folder) =>
      existsSync(join(folder, 'heareval/naive_baseline', one.audio)),
    )
    return root === undefined ? [] : [{ ...one, folder: join(root, 'heareval/naive_baseline') }]
  })

const array = async (folder: string, name: string): Promise<Tensor> => {
  const { data, shape } = await readFloat32Npy(join(folder, name))
  return { data, dims: shape }
}

/** Largest |found - expected| / |expected|, element by element; equal elements count 0. */
function worstRelative(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length)
  let worst = 0
  for (let i = 0; i < expected.length; i++)
    if (found[i] !== expected[i]) {
      const relative = Math.abs(found[i] - expected[i]) / Math.abs(expected[i])
      // NaN counts as infinitely wrong.
      worst = relative <= worst ? worst : Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative
    }
  return worst
}

describe('the naive baseline', () => {
  let model: NaiveModel
  beforeAll(async () => {
    model = await loadNaive()
  })

  it('has recorded cases with audio to be compared with', () => {
    expect(cases.length).toBeGreaterThanOrEqual(8)
  })

  // Element-wise, no absolute tolerance: 1e-5 is ten times what is found on the recorded cases, where only
  // float32 rounding differs.
  it.each(cases)('embeds frames as hear-baseline does: $id', async ({ folder, audio, ...one }) => {
    const { embeddings, timestamps } = getTimestampEmbeddings(await array(folder, audio), model)
    const { value } = one.expected
    const [nSounds, nFrames, size] = value.embeddings_shape
    expect(embeddings.dims).toEqual(value.embeddings_shape)
    expect(timestamps.dims).toEqual([nSounds, nFrames])
    for (let sound = 0; sound < nSounds; sound++)
      expect([...timestamps.data.subarray(sound * nFrames, (sound + 1) * nFrames)]).toEqual(value.timestamps)
    const stored = await array(folder, audio.replace('.audio.', '.timestamp_embeddings.'))
    const step = Number(/\d+/.exec(one.embedding_rows_stored)?.[0] ?? 1)
    const kept: number[] = []
    for (let sound = 0; sound < nSounds; sound++)
      for (let frame = 0; frame < nFrames; frame += step) kept.push(sound * nFrames + frame)
    expect(stored.data).toHaveLength(kept.length * size)
    const rows = new Float32Array(stored.data.length)
    kept.forEach((row, i) => {
      rows.set(embeddings.data.subarray(row * size, (row + 1) * size), i * size)
    })
    expect(worstRelative(rows, stored.data)).toBeLessThan(1e-5)
  })

  it.each(cases)('embeds scenes as hear-baseline does: $id', async ({ folder, audio, expected }) => {
    const scene = getSceneEmbeddings(await array(folder, audio), model)
    const stored = await array(folder, audio.replace('.audio.', '.scene_embedding.'))
    expect(scene.dims).toEqual(expected.value.scene_shape)
    expect(worstRelative(scene.data, stored.data)).toBeLessThan(1e-5)
  })

  it('draws the very projection of the published baseline when there are no weights', () => {
    expect(model.weightsHash).toBe('20e99150139e1b13ca16625824f227953bdc706454697f43dbf861acd49690ac')
    expect(model.description).toMatchInlineSnapshot(
      `"HEAR naive baseline; its random projection was drawn by hearkit's own generator, not by PyTorch, from seed 0 (bit for bit that of the published baseline)."`,
    )
    expect([model.sampleRate, model.sceneEmbeddingSize, model.timestampEmbeddingSize]).toEqual([
      44100, 4096, 4096,
    ])
    expect(naiveBaseline.loadModel).toBe(loadNaive)
  })

  it('gives each sound of a batch what it gets alone, across blocks of products', () => {
    const random = new Random('batch')
    const [nSounds, nSamples] = [14, 44100]
    const data = Float32Array.from({ length: nSounds * nSamples }, () => random.uniform() - 0.5)
    const batch = getTimestampEmbeddings({ data, dims: [nSounds, nSamples] }, model)
    const scenes = getSceneEmbeddings({ data, dims: [nSounds, nSamples] }, model)
    // 14 * 21 frames: sound 12 lies on the border between the first 256 rows and the next.
    expect(batch.embeddings.dims).toEqual([14, 21, 4096])
    for (const sound of [0, 3, 12, 13]) {
      const alone = { data: data.subarray(sound * nSamples, (sound + 1) * nSamples), dims: [1, nSamples] }
      const size = 21 * 4096
      const frames = getTimestampEmbeddings(alone, model).embeddings.data
      expect(
        worstRelative(batch.embeddings.data.subarray(sound * size, (sound + 1) * size), frames),
      ).toBeLessThan(1e-5)
      const scene = getSceneEmbeddings(alone, model).data
      expect(worstRelative(scenes.data.subarray(sound * 4096, (sound + 1) * 4096), scene)).toBeLessThan(1e-5)
    }
  })

  it('agrees with itself whichever library multiplies', async () => {
    const wasm = await loadNaive(undefined, { gemm: 'wasm' })
    const audio = { data: Float32Array.from({ length: 9000 }, (_, n) => Math.sin(0.05 * n)), dims: [1, 9000] }
    const [a, b] = [model, wasm].map((one) => getTimestampEmbeddings(audio, one).embeddings.data)
    expect(worstRelative(a, b)).toBeLessThan(1e-5)
  })

  it('makes the frames that hold a bad sample NaN, and no others', () => {
    const data = new Float32Array(44100).fill(0.1)
    data[22050] = Number.NaN
    const { embeddings, timestamps } = getTimestampEmbeddings({ data, dims: [1, 44100] }, model)
    timestamps.data.forEach((ms, frame) => {
      // Half a frame is 46.4 ms: the frames at 500 ms and at 500 +- 46.4 ms or less hold the sample.
      const row = embeddings.data.subarray(frame * 4096, (frame + 1) * 4096)
      expect(
        row.every((value) => Number.isNaN(value) === (ms === 500)),
        `frame at ${ms} ms`,
      ).toBe(true)
    })
  })

  it('never fails on a length: one frame at least, timestamps 50 ms apart, finite numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20000 }), fc.integer({ min: 1, max: 3 }), (nSamples, nSounds) => {
        const audio = { data: new Float32Array(nSounds * nSamples).fill(0.25), dims: [nSounds, nSamples] }
        const { embeddings, timestamps } = getTimestampEmbeddings(audio, model)
        const nFrames = Math.floor(nSamples / 2205) + 1
        expect(embeddings.dims).toEqual([nSounds, nFrames, 4096])
        expect([...timestamps.data.subarray(0, nFrames)]).toEqual(
          Array.from({ length: nFrames }, (_, i) => 50 * i),
        )
        expect(embeddings.data.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  it('refuses audio whose shape does not fit', () => {
    expect(() => getSceneEmbeddings({ data: new Float32Array(5), dims: [2, 3] }, model)).toThrow(
      'Expected audio of shape [nSounds, nSamples], got dims [2, 3] with 5 samples.',
    )
    expect(() => getTimestampEmbeddings({ data: new Float32Array(6), dims: [6] }, model)).toThrow(
      'got dims [6]',
    )
  })

  it('refuses options it does not have', async () => {
    await expect(loadNaive(undefined, { sead: 1 })).rejects.toMatchObject({
      message: 'The naive baseline has no option "sead".',
      hint: 'Did you mean "seed"?',
    })
    await expect(loadNaive(undefined, { seed: -1 })).rejects.toThrow('The option seed is -1.')
    await expect(loadNaive(undefined, { gemm: 'cuda' })).rejects.toMatchObject({
      hint: 'Give one of auto, onnxruntime, wasm, openblas.',
    })
  })
})

describe('weights of the naive baseline', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearkit-naive-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const silence: Tensor = { data: new Float32Array(100), dims: [1, 100] }
  const write = async (name: string, shape: number[], value: (i: number) => number) => {
    const path = join(folder, name)
    const length = shape.reduce((product, size) => product * size, 1)
    await writeFile(
      path,
      npyBytes(
        Float32Array.from({ length }, (_, i) => value(i)),
        shape,
      ),
    )
    return path
  }

  it('are read from one .npy file, and told apart by their hash', async () => {
    const path = await write('halves.npy', [256, 4096], () => 0.5)
    const model = await loadNaive(path)
    const expected = 256 * 0.5 * Math.log(1e-4)
    expect(
      worstRelative(getSceneEmbeddings(silence, model).data, new Float32Array(4096).fill(expected)),
    ).toBeLessThan(1e-6)
    expect(model.description).toContain('not the published one')
    expect(model.weightsHash).not.toBe((await loadNaive()).weightsHash)
    expect((await loadNaive(undefined, { seed: 1 })).weightsHash).not.toBe((await loadNaive()).weightsHash)
  })

  it('are read from a folder, with its own filters and window if it has them', async () => {
    await write('projection.npy', [256, 4096], () => 0.5)
    const plain = await loadNaive(folder)
    expect(plain.weightsHash).toBe((await loadNaive(join(folder, 'projection.npy'))).weightsHash)
    // All-zero filters hear nothing, whatever the sound.
    await write('mel_scale.npy', [256, 2049], () => 0)
    const deaf = await loadNaive(folder)
    const tone: Tensor = { data: new Float32Array(4096).fill(0.5), dims: [1, 4096] }
    expect(getSceneEmbeddings(tone, deaf).data).toEqual(getSceneEmbeddings(silence, plain).data)
    expect(getSceneEmbeddings(tone, plain).data).not.toEqual(getSceneEmbeddings(silence, plain).data)
    expect(deaf.weightsHash).not.toBe(plain.weightsHash)
  })

  it('are refused with the reason when they cannot be used', async () => {
    await expect(loadNaive(await write('turned.npy', [4096, 256], () => 1))).rejects.toMatchObject({
      message: expect.stringContaining('shape [4096, 256]; expected [256, 4096]'),
      hint: expect.stringContaining('transposed'),
    })
    await expect(
      loadNaive(await write('nan.npy', [256, 4096], (i) => (i === 7 ? Number.NaN : 1))),
    ).rejects.toThrow('holds NaN at element 7')
    await expect(loadNaive(join(folder, 'none.npy'))).rejects.toThrow('none.npy')
    await expect(loadNaive(join(folder, 'naive.pt'))).rejects.toThrow('is a PyTorch file')
  })
})

/** The smallest .npy writer: format 1.0, float32, C order. */
function npyBytes(data: Float32Array, shape: readonly number[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const padded = `${header.padEnd(128 - 10 - 1)}\n`
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length, 0])
  return Buffer.concat([prefix, Buffer.from(padded), Buffer.from(data.buffer)])
}
