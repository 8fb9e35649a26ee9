import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { realModels } from '../../../test/models.js'
import { Random } from '../../num/random.js'
import { openModel } from '../open-model.js'

const ONNX = realModels().find((path) => basename(path) === 'hear_naive.onnx')

test.skipIf(ONNX === undefined)(
  'the naive baseline and its ONNX file (of HEAR_TEST_MODELS or HEAR_TEST_DATA) embed alike',
  async () => {
    const random = new Random('parity')
    const nSamples = 3 * 44100 + 777
    const data = Float32Array.from({ length: 2 * nSamples }, () => random.uniform() - 0.5)
    const audio = { data, dims: [2, nSamples] }
    const embedded = []
    for (const name of ['naive', ONNX!]) {
      const { module, model, close } = await openModel(name)
      const { embeddings, timestamps } = await module.getTimestampEmbeddings(audio, model)
      embedded.push([embeddings, timestamps, await module.getSceneEmbeddings(audio, model)])
      await close()
    }
    for (const [i, own] of embedded[0].entries()) {
      const other = embedded[1][i]
      expect(other.dims).toEqual(own.dims)
      const worst = own.data.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - other.data[k]) / Math.max(1, Math.abs(value))),
        0,
      )
      expect(worst).toBeLessThan(1e-4)
    }
  },
)
