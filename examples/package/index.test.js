// node --test
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getSceneEmbeddings, getTimestampEmbeddings, loadModel } from './index.js'

const model = loadModel()
const rate = model.sampleRate

/** Sounds of one length behind each other. */
function audio(...sounds) {
  const data = new Float32Array(sounds.length * sounds[0].length)
  for (const [i, sound] of sounds.entries()) data.set(sound, i * sound.length)
  return { data, dims: [sounds.length, sounds[0].length] }
}

function tone(hz, seconds) {
  const nSamples = Math.round(seconds * rate)
  return Float32Array.from({ length: nSamples }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / rate))
}

/** Row i of a tensor whose last dimension is the embedding. */
function row({ data, dims }, i) {
  const size = dims.at(-1)
  return [...data.subarray(i * size, (i + 1) * size)]
}

test('embeddings have the shapes that the model says, and are finite', () => {
  for (const nSamples of [1, 160, rate, 2.5 * rate]) {
    const sounds = audio(new Float32Array(nSamples), new Float32Array(nSamples).fill(0.1))
    const { embeddings, timestamps } = getTimestampEmbeddings(sounds, model)
    const nFrames = timestamps.dims[1]
    assert.ok(nFrames >= 1)
    assert.deepEqual(timestamps.dims, [2, nFrames])
    assert.deepEqual(embeddings.dims, [2, nFrames, model.timestampEmbeddingSize])
    const scenes = getSceneEmbeddings(sounds, model)
    assert.deepEqual(scenes.dims, [2, model.sceneEmbeddingSize])
    for (const { data, dims } of [embeddings, timestamps, scenes]) {
      assert.equal(
        data.length,
        dims.reduce((product, n) => product * n),
      )
      assert.ok(data.every(Number.isFinite))
    }
  }
})

test('timestamps are milliseconds, every 50, from the start to the end', () => {
  const { timestamps } = getTimestampEmbeddings(audio(new Float32Array(rate)), model)
  assert.deepEqual(
    [...timestamps.data],
    Array.from({ length: 21 }, (_, i) => 50 * i),
  )
})

test('a click shows in the frame whose timestamp it has', () => {
  const click = new Float32Array(rate)
  click[Math.round(0.4 * rate)] = 1
  const before = getTimestampEmbeddings(audio(new Float32Array(rate)), model).embeddings
  const { embeddings, timestamps } = getTimestampEmbeddings(audio(click), model)
  const changes = [...timestamps.data].map((_, i) => {
    const [a, b] = [row(before, i), row(embeddings, i)]
    return a.reduce((sum, value, k) => sum + Math.abs(value - b[k]), 0)
  })
  assert.equal(timestamps.data[changes.indexOf(Math.max(...changes))], 400)
})

test('a higher tone is loudest in a higher band', () => {
  const loudest = [200, 1000, 4000].map((hz) => {
    const bands = row(getTimestampEmbeddings(audio(tone(hz, 0.5)), model).embeddings, 4)
    return bands.indexOf(Math.max(...bands))
  })
  assert.ok(loudest[0] < loudest[1] && loudest[1] < loudest[2], `bands ${loudest}`)
})

test('a sound has the same embeddings in a batch as alone', () => {
  const [one, other] = [tone(300, 0.4), tone(2500, 0.4)]
  const together = getSceneEmbeddings(audio(one, other), model)
  assert.deepEqual(row(together, 0), row(getSceneEmbeddings(audio(one), model), 0))
  assert.deepEqual(row(together, 1), row(getSceneEmbeddings(audio(other), model), 0))
})

test('a file of weights is refused', () => {
  assert.throws(() => loadModel('weights.bin'), /weights\.bin/)
})
