import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../src/model/contract.js'
import { openModel } from '../../src/model/open-model.js'
import { Random } from '../../src/num/random.js'
import { hear, scratchFolder } from './hear.js'

const scratch = scratchFolder()
const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const baseline = new URL('../../dist/model/naive-baseline.js', import.meta.url).href
const packages = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(examples, entry.name)).includes('package.json'))
  .map(({ name }) => name)

test('there are examples of packages', () => expect(packages.length).toBeGreaterThan(2))

test.each(packages)('examples/%s declares both licences, and says in its README how to run it', (name) => {
  const read = (file: string) => readFileSync(join(examples, name, file), 'utf8')
  const { license, hear: declared } = JSON.parse(read('package.json'))
  expect(license).toMatch(/\w/)
  expect(declared.weightsLicense).toMatch(/\w/)
  expect(read('README.md')).toContain('hear run --model .')
})

test.each(packages.filter((name) => name !== 'transformers-js'))(
  'examples/%s passes the validator without findings',
  async (name) => {
    const { stdout } = await hear(['validate', join(examples, name), '--quick', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', findings: [] })
  },
)

describe('examples/transformers-js, with a stand-in for the library that returns what its documentation says', () => {
  /** Two values a frame of HuBERT's convolutions: how loud and how rough its window is. */
  const STAND_IN = `
const CONFIG = { hidden_size: 2, conv_kernel: [10, 3, 3, 3, 3, 2, 2], conv_stride: [5, 2, 2, 2, 2, 2, 2] }
export class Tensor {
  constructor(type, data, dims) {
    if (data.length !== dims.reduce((product, n) => product * n, 1)) throw new Error('dims do not fit')
    Object.assign(this, { type, data, dims, size: data.length })
  }
}
export const AutoFeatureExtractor = {
  async from_pretrained(source, { revision, local_files_only }) {
    if (typeof source !== 'string' || (revision === undefined) !== (local_files_only === true)) throw new Error('options')
    const extract = async (audio) => {
      if (!(audio instanceof Float32Array)) throw new Error('expected a Float32Array')
      const mean = audio.reduce((sum, x) => sum + x, 0) / audio.length
      const variance = audio.reduce((sum, x) => sum + (x - mean) ** 2, 0) / audio.length
      const scaled = audio.map((x) => (x - mean) / Math.sqrt(variance + 1e-7))
      const dims = [1, audio.length]
      return {
        input_values: new Tensor('float32', scaled, dims),
        attention_mask: new Tensor('int64', new BigInt64Array(audio.length).fill(1n), dims),
      }
    }
    return Object.assign(extract, { config: { sampling_rate: 16000, do_normalize: true } })
  },
}
export const AutoModel = {
  async from_pretrained(source, { dtype }) {
    if (dtype !== 'fp32') throw new Error('expected single precision')
    const run = async ({ input_values: { data, dims, type }, attention_mask }) => {
      if (type !== 'float32' || attention_mask.type !== 'int64') throw new Error('types')
      if (data.length > 33 * 16000) throw new Error('attention over ' + data.length + ' samples')
      const frames = Math.floor((dims[1] - 400) / 320) + 1
      const hidden = new Float32Array(2 * frames)
      for (let i = 0; i < frames; i++)
        for (let k = 320 * i + 1; k < 320 * i + 400; k++) {
          hidden[2 * i] += Math.abs(data[k]) / 400
          hidden[2 * i + 1] += Math.abs(data[k] - data[k - 1]) / 400
        }
      return { last_hidden_state: new Tensor('float32', hidden, [1, frames, 2]) }
    }
    return Object.assign(run, { config: CONFIG })
  },
}
`
  const folder = join(scratch, 'transformers-js')
  cpSync(join(examples, 'transformers-js'), folder, { recursive: true })
  const library = join(folder, 'node_modules', '@huggingface', 'transformers')
  mkdirSync(library, { recursive: true })
  writeFileSync(
    join(library, 'package.json'),
    '{"type": "module", "version": "4.0.0", "exports": "./index.js"}',
  )
  writeFileSync(join(library, 'index.js'), STAND_IN)

  test('it passes the validator, 20 minutes in pieces included', async () => {
    const { stdout } = await hear(['validate', folder, '--json'])
    const { verdict, findings, measured } = JSON.parse(stdout)
    expect({ verdict, findings }).toEqual({ verdict: 'pass', findings: [] })
    expect(measured).toMatchObject({ hopMs: 20, firstTimestampMs: 0, sampleRate: 16000 })
  })

  test('a folder of weights takes the place of the download', async () => {
    const weights = join(scratch, 'hub')
    mkdirSync(weights)
    const { stdout } = await hear(['validate', folder, '--weights', weights, '--quick', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass' })
  })
})

describe('one model through two adapters embeds alike', () => {
  const naivePackage = join(scratch, 'naive-package')
  mkdirSync(naivePackage)
  writeFileSync(
    join(naivePackage, 'index.mjs'),
    `export { loadNaive as loadModel, getTimestampEmbeddings, getSceneEmbeddings } from '${baseline}'`,
  )
  const pairs = [
    ['naive', naivePackage],
    [join(examples, 'onnx', 'model.onnx'), join(examples, 'onnx')],
  ].map(([one, other]) => [basename(one), basename(other), one, other])

  test.each(pairs)('%s and %s', async (_, __, one, other) => {
    const [expected, found] = [await embedded(one), await embedded(other)]
    for (const [i, tensor] of expected.entries()) {
      expect(found[i].dims).toEqual(tensor.dims)
      expect(worstDifference(tensor.data, found[i].data)).toBeLessThan(1e-4)
    }
  })

  /** Frames, timestamps and scenes of two sounds of a length that no hop divides. */
  async function embedded(name: string): Promise<Tensor[]> {
    const { module, model, close } = await openModel(name)
    const random = new Random('parity')
    const nSamples = 2 * model.sampleRate + 777
    const data = Float32Array.from({ length: 2 * nSamples }, () => random.uniform() - 0.5)
    const audio = { data, dims: [2, nSamples] }
    const { embeddings, timestamps } = await module.getTimestampEmbeddings(audio, model)
    const scenes = await module.getSceneEmbeddings(audio, model)
    await close()
    return [embeddings, timestamps, scenes]
  }

  /** Absolute below 1, relative above. */
  function worstDifference(a: Float32Array, b: Float32Array): number {
    return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]) / Math.max(1, Math.abs(x))), 0)
  }
})
