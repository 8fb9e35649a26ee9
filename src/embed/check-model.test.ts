import { expect, test } from 'vitest'
import type { HearModel, HearModule } from '../model/contract.js'
import { checkModel } from './check-model.js'

const module = { getSceneEmbeddings() {}, getTimestampEmbeddings() {} } as unknown as HearModule
const model: HearModel = { sampleRate: 16000, sceneEmbeddingSize: 8, timestampEmbeddingSize: 4 }
const check = (kind: 'scene' | 'event', changes: object, functions: object = module) =>
  checkModel(kind, functions as HearModule, { ...model, ...changes }, 'm')

test('a model that has what its kind of task needs passes', () => {
  check('scene', { timestampEmbeddingSize: undefined }, { getSceneEmbeddings() {} })
  check('event', { sceneEmbeddingSize: 'many' }, { getTimestampEmbeddings() {} })
})

test('a function that is missing is named in both languages', () => {
  expect(() => check('scene', {}, { getTimestampEmbeddings() {} })).toThrow(
    'The model "m" has no function getSceneEmbeddings (get_scene_embeddings in Python), which tasks of scene embeddings need.',
  )
  expect(() => check('event', {}, { getSceneEmbeddings() {} })).toThrow('get_timestamp_embeddings in Python')
})

test.each([
  [{ sampleRate: undefined }, 'has nothing as sampleRate (sample_rate in Python)'],
  [{ sampleRate: 'float 16000.5' }, 'has "float 16000.5" as sampleRate'],
  [{ timestampEmbeddingSize: 4.5 }, 'has 4.5 as timestampEmbeddingSize (timestamp_embedding_size in Python)'],
  [{ timestampEmbeddingSize: 0 }, 'has 0 as timestampEmbeddingSize'],
  [{ timestampEmbeddingSize: 2n }, 'has 2 as timestampEmbeddingSize'],
])('an attribute that is no whole number above 0 is refused: %o', (changes, message) => {
  expect(() => check('event', changes)).toThrow(`${message}`)
  expect(() => check('event', changes)).toThrow('expected a whole number above 0')
})
