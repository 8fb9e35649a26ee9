import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { moduleFolder, pythonWith } from '../../../test/python.js'
import { openModel } from '../open-model.js'

const python = pythonWith('numpy')
const { dir, write } = moduleFolder()
const sine = { data: Float32Array.from({ length: 2 * 8000 }, (_, i) => Math.sin(i / 5)), dims: [2, 8000] }

const identityOf = async (name: string, weights?: string) => {
  const { identity, close } = await openModel(name, { python, weights })
  await close()
  return identity
}

describe.skipIf(python === undefined)('a module of HEAR in Python (needs a python3 with numpy)', () => {
  test('says what it is, and embeds', async () => {
    const { module, model, identity, close } = await openModel('py:tiny_numpy', { python })
    expect([model.sampleRate, model.sceneEmbeddingSize, model.timestampEmbeddingSize]).toEqual([16000, 4, 4])
    expect(identity.name).toBe('tiny_numpy')
    expect(identity.description).toMatch(/^tiny_numpy, Python 3\.\d+\.\d+ with numpy \S+ on cpu \(.+\)$/)
    const { embeddings, timestamps } = await module.getTimestampEmbeddings(sine, model)
    expect(embeddings.data).toBeInstanceOf(Float32Array)
    expect([embeddings.dims, timestamps.dims]).toEqual([
      [2, 11, 4],
      [2, 11],
    ])
    expect([...timestamps.data.subarray(11)]).toEqual(Array.from({ length: 11 }, (_, i) => 50 * i))
    const scenes = await module.getSceneEmbeddings(sine, model)
    expect(scenes.dims).toEqual([2, 4])
    // The scene is the mean over frames; float32 rounding apart.
    for (let band = 0; band < 4; band++) {
      let mean = 0
      for (let frame = 0; frame < 11; frame++) mean += embeddings.data[frame * 4 + band] / 11
      expect(scenes.data[band]).toBeCloseTo(mean, 5)
    }
    await close()
  })

  test('takes a sound without samples, and ten calls at once in their order', async () => {
    const { module, model, close } = await openModel('py:tiny_numpy', { python })
    const empty = await module.getTimestampEmbeddings({ data: new Float32Array(), dims: [1, 0] }, model)
    expect(empty.embeddings.dims).toEqual([1, 1, 4])
    const lengths = Array.from({ length: 10 }, (_, i) => 800 * i)
    const answers = await Promise.all(
      lengths.map((length) =>
        module.getTimestampEmbeddings({ data: new Float32Array(length), dims: [1, length] }, model),
      ),
    )
    expect(answers.map(({ timestamps }) => timestamps.dims[1])).toEqual(lengths.map((_, i) => i + 1))
    await close()
  })

  test('gets its weights, and is told apart by them, and by its code', async () => {
    const [quiet, loud] = [write('quiet.txt', '0.5'), write('loud.txt', '2')]
    const { module, model, close } = await openModel('py:tiny_numpy', { python, weights: loud })
    const plain = await openModel('py:tiny_numpy', { python })
    const scenes = await module.getSceneEmbeddings(sine, model)
    const plainScenes = await plain.module.getSceneEmbeddings(sine, plain.model)
    expect(scenes.data).toEqual(plainScenes.data.map((value) => 2 * value))
    await close()
    await plain.close()
    const hashes = [
      await identityOf('py:tiny_numpy'),
      await identityOf('py:tiny_numpy', quiet),
      await identityOf('py:tiny_numpy', loud),
    ].map(({ weightsHash }) => weightsHash)
    expect(new Set(hashes).size).toBe(3)
  })

  test('of a package every Python file counts, and modules beside it that it imports', async () => {
    const source = 'import beside_it\nfrom tiny_numpy import *\n'
    write('a_package/__init__.py', source)
    write('a_package/part.py', 'x = 1\n')
    write('beside_it.py', 'y = 1\n')
    const seen = [await identityOf('py:a_package')]
    expect(await identityOf('py:a_package')).toEqual(seen[0])
    write('a_package/part.py', 'x = 2\n')
    seen.push(await identityOf('py:a_package'))
    write('beside_it.py', 'y = 2\n')
    seen.push(await identityOf('py:a_package'))
    write('a_package-2.5.dist-info/METADATA', 'Metadata-Version: 2.1\nName: a_package\nVersion: 2.5\n')
    seen.push(await identityOf('py:a_package'))
    expect(seen.map(({ options }) => options.version)).toEqual([null, null, null, '2.5'])
    expect(new Set(seen.map(({ options }) => options.sourceHash)).size).toBe(3)
  })

  test('the licence is that of the distribution it came with', async () => {
    write('licensed_module.py', 'from tiny_numpy import *\n')
    const metadata = 'Metadata-Version: 2.1\nName: other-name\nVersion: 1.0\nLicense: MIT\n'
    write('other_name-1.0.dist-info/METADATA', metadata)
    write('other_name-1.0.dist-info/top_level.txt', 'licensed_module\n')
    const { declares, identity, close } = await openModel('py:licensed_module', { python })
    expect(declares).toEqual({ codeLicense: 'MIT' })
    expect(identity.description).toContain('licensed_module 1.0, Python')
    await close()
  })

  test('that is closed in the middle of a call fails that call', async () => {
    write(
      'slow.py',
      'import time\nfrom tiny_numpy import *\ndef get_scene_embeddings(a, m): time.sleep(600)\n',
    )
    const { module, model, close } = await openModel('py:slow', { python })
    const call = expect(module.getSceneEmbeddings(sine, model)).rejects.toThrow('"py:slow" was closed')
    await new Promise((resolve) => setTimeout(resolve, 100))
    await close()
    await call
  })

  test('whose texts hold controls is shown without them', async () => {
    write(
      'colourful.py',
      'from tiny_numpy import *\nclass Red(str): __repr__ = lambda self: "\\x1b[31mred"\nModel.scene_embedding_size = Red()\n',
    )
    const { model, close } = await openModel('py:colourful', { python })
    expect(model.sceneEmbeddingSize).toBe('colourful.Red \ufffd[31mred')
    await close()
  })

  test('weights may be a folder, and must be there', async () => {
    write(
      'folder_weights.py',
      'import os\nfrom tiny_numpy import *\nload_model = lambda p: Model(len(os.listdir(p)))\n',
    )
    mkdirSync(join(dir, 'weights/inner'), { recursive: true })
    writeFileSync(join(dir, 'weights/inner/a.bin'), 'a')
    const before = await identityOf('py:folder_weights', join(dir, 'weights'))
    writeFileSync(join(dir, 'weights/inner/a.bin'), 'b')
    expect((await identityOf('py:folder_weights', join(dir, 'weights'))).weightsHash).not.toBe(
      before.weightsHash,
    )
    await expect(identityOf('py:folder_weights', join(dir, 'none'))).rejects.toThrow('there is no such file')
  })
})

test.each([
  ['py:', 'For example: --model py:hearbaseline'],
  ['py:hear-baseline', 'Is it py:hear_baseline?'],
  ['py:./models/my-model.py', 'with --model py:my_model'],
  ['py:my_model.py', 'with --model py:my_model'],
  ['py:os; print(1)', 'For example'],
])('%s is no name of a module', async (name, hint) => {
  await expect(openModel(name)).rejects.toMatchObject({
    code: 'model/python-module-name',
    hint: expect.stringContaining(hint),
  })
})

test.each([
  [join(dir, 'no-python'), 'there is no such program'],
  [dir, 'it is no program that you may run'],
])('a Python that cannot be started is named: %s', async (program, why) => {
  await expect(openModel('py:tiny_numpy', { python: program })).rejects.toMatchObject({
    code: 'model/python-not-found',
    message: `Cannot start Python as "${program}": ${why}.`,
    hint: expect.stringContaining('--python'),
  })
})

test('a program that is no Python is refused', async () => {
  await expect(openModel('py:tiny_numpy', { python: 'true' })).rejects.toMatchObject({
    code: 'model/python-died',
    message: 'Python ("true") ended with exit code 0 in load_model of "py:tiny_numpy".',
    hint: expect.stringContaining('Python 3.8 or later'),
  })
})
