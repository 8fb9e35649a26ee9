import { HearError, nearestName } from '../base/errors.js'
import type { HearModel, HearModule } from '../model/contract.js'

/** What embedding for a kind of task needs of a model, with the names that the API has for it in Python. */
const NEEDS = {
  scene: {
    function: ['getSceneEmbeddings', 'get_scene_embeddings'],
    size: ['sceneEmbeddingSize', 'scene_embedding_size'],
  },
  event: {
    function: ['getTimestampEmbeddings', 'get_timestamp_embeddings'],
    size: ['timestampEmbeddingSize', 'timestamp_embedding_size'],
  },
} as const

/**
 * Checks that a model, which may be a stranger's code, has what embedding needs: the function, and its sample rate and
 * embedding size as whole numbers above 0.
 *
 * @throws HearError naming the model, what is missing or wrong, and the functions that it has.
 */
export function checkModel(
  kind: 'scene' | 'event',
  module: HearModule,
  model: HearModel,
  modelName: string,
): void {
  const [name, pythonName] = NEEDS[kind].function
  const hint = `Run \`hear validate\` on it to see everything that is wrong with it.`
  if (typeof module[name] !== 'function') {
    const functions = Object.entries(module).flatMap(([key, value]) =>
      typeof value === 'function' ? [key] : [],
    )
    const meant = nearestName(name, functions)
    throw new HearError(
      'embed/no-function',
      `The model "${modelName}" has no function ${name} (${pythonName} in Python), which tasks of ${kind} embeddings need. It has ${functions.join(', ') || 'none'}.`,
      { hint: meant === undefined ? hint : `Is it "${meant}"? Rename it to ${name}.` },
    )
  }
  for (const [attribute, pythonAttribute] of [['sampleRate', 'sample_rate'], NEEDS[kind].size] as const) {
    const value: unknown = model[attribute]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) continue
    const found = value === undefined ? 'nothing' : typeof value === 'string' ? `"${value}"` : String(value)
    throw new HearError(
      'embed/model-attributes',
      `The model "${modelName}" has ${found} as ${attribute} (${pythonAttribute} in Python); expected a whole number above 0.`,
      { hint },
    )
  }
}
