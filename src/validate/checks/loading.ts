import { HEAR_SAMPLE_RATES } from '../../model/contract.js'
import type { Check, CheckContext } from '../check.js'
import { EMBEDDING_FUNCTIONS } from '../subject.js'

export const loadCheck: Check = {
  id: 'load',
  title: 'the model loads',
  original: true,
  needs: [],
  audioSec: 0,
  async run(context) {
    const loaded = await context.ask('load', null)
    if (loaded === undefined) return
    context.loaded = loaded.answer
    context.measured.loadSec = loaded.ms / 1000
    context.established.add('loaded')
  },
}

export const attributesCheck: Check = {
  id: 'attributes',
  title: 'it says its sample rate and embedding sizes',
  original: true,
  needs: ['loaded'],
  audioSec: 0,
  async run(context) {
    const { attributes, declares } = context.loaded!
    const rate = attributes.sampleRate
    const rates = HEAR_SAMPLE_RATES.join(', ')
    if (rate.type === 'undefined')
      context.report('attributes/missing', { expected: 'sampleRate', received: 'no such attribute' })
    else if (!HEAR_SAMPLE_RATES.some((known) => known === rate.value))
      context.report('attributes/sample-rate', {
        expected: `sampleRate as one of ${rates}`,
        received: rate.text,
      })
    else {
      context.measured.sampleRate = rate.value ?? null
      context.established.add('sampleRate')
    }
    checkSize(context, 'sceneEmbeddingSize')
    if (!declares.sceneOnly) checkSize(context, 'timestampEmbeddingSize')
  },
}

export const functionsCheck: Check = {
  id: 'functions',
  title: 'it has both functions that embed',
  original: true,
  needs: ['loaded'],
  audioSec: 0,
  async run(context) {
    const { functions, declares } = context.loaded!
    if (declares.sceneOnly)
      context.report('functions/scenes-only', {
        expected: 'timestamp and scene embeddings',
        received: 'scene embeddings only',
      })
    for (const name of EMBEDDING_FUNCTIONS)
      if (!functions[name])
        context.report('functions/missing', { expected: name, received: 'no such export' })
    if (functions.getTimestampEmbeddings && !declares.sceneOnly) context.established.add('timestampFunction')
    if (functions.getSceneEmbeddings) context.established.add('sceneFunction')
  },
}

function checkSize(context: CheckContext, name: 'sceneEmbeddingSize' | 'timestampEmbeddingSize'): void {
  const { type, text, value } = context.loaded!.attributes[name]
  if (type === 'undefined')
    context.report('attributes/missing', { expected: name, received: 'no such attribute' })
  else if (value === undefined || !Number.isSafeInteger(value) || value < 1)
    context.report('attributes/not-a-whole-number', {
      expected: `${name} as a positive whole number`,
      received: text,
    })
  else context.measured[name] = value
}
