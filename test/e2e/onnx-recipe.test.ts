import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openModel } from '../../src/model/open-model.js'
import { readNpy } from '../../src/store/npy.js'
import { hear, scratchFolder } from './hear.js'

const scratch = scratchFolder()
const example = fileURLToPath(new URL('../../examples/onnx', import.meta.url))
const exported = join(example, 'model.onnx')
const python = [process.env.PYTHON, 'python3', '/usr/bin/python3']
  .filter((name) => name !== undefined)
  .find((name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0)

/** The commands of the recipe, as a reader copies them, without what differs from reader to reader. */
function settingsIn(text: string): string[] {
  const command = /hear onnx set model\.onnx ((?:.*\\\n)*.*)\n/.exec(text)?.[1]
  if (command === undefined) throw new Error('the recipe has no hear onnx set')
  const words = command.replaceAll('\\\n', ' ').matchAll(/(\w+)=("([^"]*)"|\S+)/g)
  return [...words].map(([, key, bare, quoted]) => `${key}=${quoted ?? bare}`)
}

test('the exported example follows the contract', async () => {
  const { stdout } = await hear(['onnx', 'show', exported, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ followsContract: true, worthSetting: [] })
})

test('the recipe in the example and in the documentation set the same metadata', () => {
  const documented = readFileSync(fileURLToPath(new URL('../../docs/onnx.md', import.meta.url)), 'utf8')
  const settings = settingsIn(documented)
  expect(settings.length).toBeGreaterThan(5)
  expect(settingsIn(readFileSync(join(example, 'export.py'), 'utf8'))).toEqual(settings)
})

test.skipIf(python === undefined)(
  'the recipe works with PyTorch (PYTHON names one), and the file embeds as the network does',
  async () => {
    const path = join(scratch, 'model.onnx')
    const script = join(example, 'export.py')
    const run = spawnSync(python!, ['-W', 'ignore', script, path], { encoding: 'utf8' })
    expect(run.status, run.stderr).toBe(0)
    const settings = settingsIn(readFileSync(script, 'utf8'))
    expect((await hear(['onnx', 'set', path, ...settings])).code).toBe(0)

    const record = `
import sys; sys.path.insert(0, sys.argv[1])
import numpy, torch, export
audio = torch.rand(2, 40123, generator=torch.Generator().manual_seed(3)) - 0.5
with torch.no_grad():
    frames, timestamps = export.SmallFrames().eval()(audio)
for name, array in (("audio", audio), ("frames", frames), ("timestamps", timestamps)):
    numpy.save(f"{sys.argv[2]}/{name}.npy", array.numpy())
`
    const recorded = spawnSync(python!, ['-B', '-c', record, example, scratch], { encoding: 'utf8' })
    expect(recorded.status, recorded.stderr).toBe(0)
    const read = async (name: string) => {
      const { data, shape } = await readNpy(join(scratch, `${name}.npy`))
      return { data: data as Float32Array, dims: shape }
    }
    const [audio, frames, timestamps] = [await read('audio'), await read('frames'), await read('timestamps')]
    const { module, model, close } = await openModel(path)
    const got = await module.getTimestampEmbeddings(audio, model)
    await close()
    expect(got.embeddings.dims).toEqual(frames.dims)
    expect(got.timestamps).toEqual(timestamps)
    const worst = frames.data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - got.embeddings.data[i])),
      0,
    )
    expect(worst).toBeLessThan(1e-4)
  },
)
