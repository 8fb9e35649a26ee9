import { describe, expect, test } from 'vitest'
import { moduleFolder, pythonWith } from '../../../test/python.js'
import { openModel } from '../open-model.js'

const python = pythonWith('tensorflow')
const { write } = moduleFolder()

const SOURCE = (base: string, scenes: string) => `
import numpy
import tensorflow as tf

class Model(${base}):
    sample_rate, scene_embedding_size, timestamp_embedding_size = 16000, 2, 2

def load_model(path=""): return Model()

def get_timestamp_embeddings(audio, model):
    assert isinstance(audio, tf.Tensor) and audio.dtype == tf.float32
    energy = tf.reduce_mean(tf.reshape(audio, [audio.shape[0], -1, 100]) ** 2, axis=2)
    times = tf.repeat(tf.range(energy.shape[1], dtype=tf.float32)[None] * 6.25, audio.shape[0], axis=0)
    return tf.stack([energy, -energy], axis=2), times

def get_scene_embeddings(audio, model):
    scenes = tf.reduce_mean(get_timestamp_embeddings(audio, model)[0], axis=1)
    return ${scenes}
`

describe.skipIf(python === undefined)('a module for TensorFlow (needs a python3 with tensorflow)', () => {
  const audio = { data: Float32Array.from({ length: 400 }, (_, i) => (i < 200 ? 1 : 0.5)), dims: [2, 200] }

  test.each(['tf.Module', 'tf.keras.Model'])('embeds with a model that is a %s', async (base) => {
    write('of_tensorflow.py', SOURCE(base, 'tf.cast(scenes, tf.bfloat16)'))
    const { module, model, identity, close } = await openModel('py:of_tensorflow', { python })
    expect(identity.description).toMatch(/ with tensorflow \S+ on /)
    expect(await module.getTimestampEmbeddings(audio, model)).toEqual({
      embeddings: { data: Float32Array.of(1, -1, 1, -1, 0.25, -0.25, 0.25, -0.25), dims: [2, 2, 2] },
      timestamps: { data: Float32Array.of(0, 6.25, 0, 6.25), dims: [2, 2] },
    })
    expect(await module.getSceneEmbeddings(audio, model)).toEqual({
      data: Uint16Array.of(0x3f80, 0xbf80, 0x3e80, 0xbe80),
      dims: [2, 2],
      type: 'bfloat16',
    })
    await close()
  })

  test('is refused arrays that are no tensors', async () => {
    write('of_arrays.py', SOURCE('tf.Module', 'scenes.numpy()'))
    const { module, model, close } = await openModel('py:of_arrays', { python })
    await expect(module.getSceneEmbeddings(audio, model)).rejects.toThrow('expected a tensorflow.Tensor')
    await close()
  })
})
