import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixtureCases, fixtureRoots } from '../../../test/fixtures.js'
import { EXAMPLE_MODULES, moduleFolder, pythonWith } from '../../../test/python.js'
import { Random } from '../../num/random.js'
import { readFloat32Npy } from '../../store/npy.js'
import type { Tensor } from '../contract.js'
import { type OpenModel, openModel } from '../open-model.js'

const python = pythonWith('torch')
const { dir, write } = moduleFolder()

interface RecordedCase {
  readonly id: string
  readonly audio: string
  readonly embedding_rows_stored: string
  readonly expected: { readonly value: { readonly timestamps: number[] } }
}

/** Recorded cases of the naive baseline whose audio is there. */
const CASES = fixtureCases('heareval/naive_baseline')
  .map((one) => one as unknown as RecordedCase)
  .flatMap((one) => {
    const folders = fixtureRoots().map((root) => join(root, 'heareval/naive_baseline'))
    const folder = folders.find((candidate) => existsSync(join(candidate, one.audio)))
    return folder === undefined ? [] : [{ ...one, folder }]
  })

async function recorded(folder: string, name: string): Promise<Tensor> {
  const { data, shape } = await readFloat32Npy(join(folder, name))
  return { data, dims: shape }
}

/** Largest difference, relative to the value where that is above 1. */
function worst(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found).toHaveLength(expected.length)
  let most = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
    // NaN counts as infinitely wrong.
    most = difference <= most ? most : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
  }
  return most
}

test('there are recorded cases of the naive baseline', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(8)
})

describe.skipIf(python === undefined)('a module for PyTorch (needs a python3 with torch)', () => {
  let torch: OpenModel
  let own: OpenModel
  beforeAll(async () => {
    torch = await openModel('py:hear_naive_torch', { python })
    own = await openModel('naive')
  })
  afterAll(async () => {
    await torch.close()
    await own.close()
  })

  test.each(CASES)(
    'the naive baseline for PyTorch embeds as recorded: $id',
    async ({ folder, audio, ...one }) => {
      const sound = await recorded(folder, audio)
      const { embeddings, timestamps } = await torch.module.getTimestampEmbeddings(sound, torch.model)
      const [nSounds, nFrames, size] = embeddings.dims
      const times = one.expected.value.timestamps
      for (let i = 0; i < nSounds; i++)
        expect([...timestamps.data.subarray(i * nFrames, (i + 1) * nFrames)]).toEqual(times)
      const stored = await recorded(folder, audio.replace('.audio.', '.timestamp_embeddings.'))
      const step = Number(/\d+/.exec(one.embedding_rows_stored)?.[0] ?? 1)
      const rows: number[] = []
      for (let row = 0; row < nSounds * nFrames; row++)
        if ((row % nFrames) % step === 0)
          for (let i = 0; i < size; i++) rows.push(embeddings.data[row * size + i])
      expect(worst(rows, stored.data)).toBeLessThan(1e-4)
      const scenes = await torch.module.getSceneEmbeddings(sound, torch.model)
      const storedScenes = await recorded(folder, audio.replace('.audio.', '.scene_embedding.'))
      expect(scenes.dims).toEqual(storedScenes.dims)
      expect(worst(scenes.data, storedScenes.data)).toBeLessThan(1e-4)
    },
  )

  test('the naive baselines for PyTorch and in TypeScript give the same', async () => {
    const random = new Random('parity')
    const nSamples = 3 * 44100 + 777
    const data = Float32Array.from({ length: 2 * nSamples }, () => random.uniform() - 0.5)
    const audio = { data, dims: [2, nSamples] }
    const answers = await Promise.all(
      [torch, own].map(async ({ module, model }) => {
        const { embeddings, timestamps } = await module.getTimestampEmbeddings(audio, model)
        return [embeddings, timestamps, await module.getSceneEmbeddings(audio, model)]
      }),
    )
    for (const [i, tensor] of answers[0].entries()) {
      expect(tensor.dims).toEqual(answers[1][i].dims)
      expect(worst(tensor.data, answers[1][i].data)).toBeLessThan(1e-4)
    }
    expect(torch.identity.description).toMatch(/ with torch \S+ on (cpu|cuda) /)
  })

  test('the naive baseline for PyTorch writes its weights, and reads them', async () => {
    const weights = join(dir, 'naive.pt')
    const wrote = spawnSync(python!, [join(EXAMPLE_MODULES, 'hear_naive_torch.py'), weights])
    expect(wrote.status).toBe(0)
    const { module, model, identity, close } = await openModel('py:hear_naive_torch', { python, weights })
    const audio = { data: new Float32Array(100).fill(0.5), dims: [1, 100] }
    const scenes = await module.getSceneEmbeddings(audio, model)
    expect(scenes).toEqual(await torch.module.getSceneEmbeddings(audio, torch.model))
    expect(identity.weightsHash).not.toBe(torch.identity.weightsHash)
    await close()
  })

  const torchModule = (name: string, scenes: string) =>
    write(
      `${name}.py`,
      `import torch, numpy
class Model(torch.nn.Module):
    sample_rate, scene_embedding_size, timestamp_embedding_size = 16000, 4, 4
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 4)
def load_model(path=""): return Model()
def get_timestamp_embeddings(audio, model): return torch.zeros(len(audio), 2, 4), torch.zeros(len(audio), 2)
def get_scene_embeddings(audio, model): return ${scenes}
`,
    )
  const scenesOf = async (name: string) => {
    const { module, model, close } = await openModel(`py:${name}`, { python })
    try {
      return await module.getSceneEmbeddings({ data: new Float32Array(8), dims: [2, 4] }, model)
    } finally {
      await close()
    }
  }

  test('tensors with gradients, of half precision, transposed and empty pass as they are', async () => {
    torchModule('with_gradients', 'model.layer(audio[:, :1].requires_grad_())')
    expect((await scenesOf('with_gradients')).dims).toEqual([2, 4])
    torchModule('of_halves', 'torch.ones(2, 3, dtype=torch.bfloat16).T')
    expect(await scenesOf('of_halves')).toEqual({
      data: new Uint16Array(6).fill(0x3f80),
      dims: [3, 2],
      type: 'bfloat16',
    })
    torchModule('of_nothing', 'torch.zeros(0, 4)')
    expect(await scenesOf('of_nothing')).toEqual({ data: new Float32Array(), dims: [0, 4] })
  })

  test('what is no tensor of PyTorch is refused, as heareval does', async () => {
    torchModule('of_numpy', 'numpy.zeros((2, 4), dtype="f4")')
    await expect(scenesOf('of_numpy')).rejects.toThrow(
      'returned numpy.ndarray as embeddings; expected a torch.Tensor',
    )
    write('no_module.py', 'import torch\ndef load_model(path=""): return {"sample_rate": 16000}\n')
    await expect(openModel('py:no_module', { python })).rejects.toThrow(
      'load_model of "py:no_module" returned dict; expected a torch.nn.Module or a tensorflow.Module.',
    )
  })

  test('a GPU without room left is named as such', async () => {
    const raise = '(_ for _ in ()).throw(RuntimeError("CUDA out of memory. Tried to allocate 20 GiB"))'
    torchModule('too_large', raise)
    await expect(scenesOf('too_large')).rejects.toMatchObject({ code: 'model/out-of-memory' })
  })
})
