import { HearError, nearestName } from '../base/errors.js'
import type { OpenModel } from './model-kind.js'

/**
 * Checks that an open model has what embedding needs: both functions (one, if it declares to be of scenes only), and
 * its rate and sizes as whole numbers. The validator looks at models that lack them; everything else asks this first.
 *
 * @param name the model as the user named it.
 * @throws HearError naming what is missing, and what there is.
 */
export function requireUsable({ module, model, declares }: OpenModel, name: string): void {
  const needed = ['getSceneEmbeddings', ...(declares.sceneOnly ? [] : ['getTimestampEmbeddings'])] as const
  const functions = Object.entries(module).flatMap(([key, value]) =>
    typeof value === 'function' ? [key] : [],
  )
  for (const wanted of needed) {
    if (functions.includes(wanted)) continue
    const found = wanted in module ? `${wanted} is no function` : `it has ${functions.join(', ') || 'none'}`
    const meant = nearestName(wanted, functions)
    throw new HearError('model/missing-function', `"${name}" must have the function ${wanted}; ${found}.`, {
      hint:
        meant === undefined
          ? 'HEAR needs both kinds of embedding; docs/models.md shows the contract.'
          : `Is it "${meant}"? Rename it to ${wanted}.`,
    })
  }
  const least = { sampleRate: 1, sceneEmbeddingSize: 1, timestampEmbeddingSize: declares.sceneOnly ? 0 : 1 }
  for (const [key, lowest] of Object.entries(least)) {
    const value: unknown = model[key as keyof typeof least]
    if (declares.sceneOnly && key === 'timestampEmbeddingSize' && value === undefined) continue
    if (Number.isSafeInteger(value) && (value as number) >= lowest) continue
    const found = value === undefined ? 'nothing' : typeof value === 'string' ? `"${value}"` : String(value)
    throw new HearError(
      'model/bad-attribute',
      `The model of "${name}" must say its ${key} as a whole number of ${lowest} or more; found ${found}.`,
      { hint: `Set ${key} on the object that loadModel returns; hear validate shows all that is wrong.` },
    )
  }
}
