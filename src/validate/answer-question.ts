import type { OpenModel } from '../model/model-kind.js'
import { type Observed, type ObservedTensor, observeAttribute, observeTensor } from './observe.js'
import { soundTensor } from './sounds.js'
import {
  EMBEDDING_FUNCTIONS,
  type EmbeddingFunction,
  MODEL_ATTRIBUTES,
  type ModelAttribute,
  type QuestionKind,
  type Questions,
} from './subject.js'

type Answers = {
  [Kind in QuestionKind]: (
    opened: OpenModel,
    question: Questions[Kind]['question'],
    now: () => number,
  ) => Promise<Questions[Kind]['answer']>
}

const ANSWERS: Answers = {
  async load({ module, model, identity, declares }) {
    const functions = EMBEDDING_FUNCTIONS.map((name) => [name, typeof module?.[name] === 'function'] as const)
    const attributes = MODEL_ATTRIBUTES.map((name) => [name, observeAttribute(model?.[name])] as const)
    return {
      description: identity.description,
      declares,
      functions: Object.fromEntries(functions) as Record<EmbeddingFunction, boolean>,
      attributes: Object.fromEntries(attributes) as Questions['load']['answer']['attributes'] &
        Record<ModelAttribute, ReturnType<typeof observeAttribute>>,
    }
  },

  async timestamps({ module, model }, question) {
    const answer: unknown = await module.getTimestampEmbeddings(soundTensor(question), model)
    return observePair(answer, true)
  },

  async scenes({ module, model }, question) {
    return { embeddings: observeTensor(await module.getSceneEmbeddings(soundTensor(question), model)) }
  },

  async changes({ module, model }, { from, to }, now) {
    const audio = soundTensor(from)
    const started = now()
    const before = await module.getTimestampEmbeddings(audio, model)
    const callMs = now() - started
    const { embeddings, timestamps } = observePair(before, false)
    const after = await module.getTimestampEmbeddings(soundTensor(to), model)
    let [first, second] = [observeTensor(before?.embeddings), observeTensor(after?.embeddings)]
    if (shareMemory(first, second)) {
      // A model may write every answer to the same place; then the first one is gone.
      second = { ...(second as Observed), data: (second as Observed).data!.slice() }
      first = observeTensor((await module.getTimestampEmbeddings(soundTensor(from), model))?.embeddings)
    }
    const distances = frameDistances(first, second)
    return { embeddings, timestamps, distances, callMs }
  },
}

/**
 * Puts one question to an open model.
 *
 * @param now a clock in milliseconds.
 * @throws whatever the model throws.
 */
export function answerQuestion<Kind extends QuestionKind>(
  opened: OpenModel,
  kind: Kind,
  question: Questions[Kind]['question'],
  now: () => number,
): Promise<Questions[Kind]['answer']> {
  return ANSWERS[kind](opened, question, now)
}

function observePair(answer: unknown, keepValues: boolean): Questions['timestamps']['answer'] {
  const pair = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  return {
    embeddings: observeTensor(pair.embeddings, keepValues),
    timestamps: observeTensor(pair.timestamps),
  }
}

function shareMemory(a: ObservedTensor, b: ObservedTensor): boolean {
  return a.kind === 'tensor' && b.kind === 'tensor' && a.data!.buffer === b.data!.buffer
}

function frameDistances(a: ObservedTensor, b: ObservedTensor): Float64Array | undefined {
  if (!isFrames(a) || !isFrames(b) || a.dims.join() !== b.dims.join()) return undefined
  const [before, after] = [a.data!, b.data!]
  const [nSounds, nFrames, size] = a.dims
  return Float64Array.from({ length: nSounds * nFrames }, (_, frame) => {
    let sum = 0
    for (let i = frame * size; i < (frame + 1) * size; i++) sum += (after[i] - before[i]) ** 2
    return Math.sqrt(sum)
  })
}

function isFrames(tensor: ObservedTensor): tensor is Observed {
  return tensor.kind === 'tensor' && tensor.dims.length === 3
}
