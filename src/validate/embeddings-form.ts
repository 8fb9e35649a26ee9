import type { CheckContext } from './check.js'
import type { Observed, ObservedTensor } from './observe.js'

/** What a tensor of embeddings should look like. */
export interface ExpectedForm {
  readonly axes: readonly string[]
  readonly nSounds: number
  /** Name and value of the attribute that says how long an embedding is; null where it says nothing usable. */
  readonly sizeAttribute: string
  readonly size: number | null
  readonly where: string
  /** The check that is about the form of these. */
  readonly subjectOf: string
}

/**
 * Reports whatever is wrong with the form of embeddings, and NaN in them.
 * @returns the tensor if it is good enough to compare: right rank and batch, finite.
 */
export function checkEmbeddings(
  context: CheckContext,
  observed: ObservedTensor,
  { axes, nSounds, sizeAttribute, size, where, subjectOf }: ExpectedForm,
): Observed | undefined {
  const form = `float32 [${axes.join(', ')}]`
  if (observed.kind === 'other') {
    context.report('embeddings/not-a-tensor', { expected: form, received: observed.description, where })
    return undefined
  }
  const { dtype, dims, nNotFinite } = observed
  if (dtype !== 'float32')
    context.report('embeddings/dtype', { expected: 'float32', received: dtype, where, subjectOf })
  const shape = `[${dims.join(', ')}]`
  if (dims.length !== axes.length) {
    context.report('embeddings/rank', {
      expected: `${axes.length} dimensions, [${axes.join(', ')}]`,
      received: `${dims.length}, ${shape}`,
      where,
    })
    return undefined
  }
  const [batch, found] = [dims[0], dims[axes.length - 1]]
  if (batch !== nSounds)
    context.report('embeddings/batch', {
      expected: `${nSounds} sounds`,
      received: `${batch}, in ${shape}`,
      where,
    })
  if (size !== null && found !== size)
    context.report('embeddings/size', {
      expected: `${size}, as ${sizeAttribute} says`,
      received: `${found}`,
      where,
      subjectOf,
    })
  if (nNotFinite > 0)
    context.report('embeddings/not-finite', {
      expected: 'finite numbers',
      received: `${observed.firstNotFinite} and such in ${nNotFinite} of ${product(dims)} values`,
      where,
    })
  return batch === nSounds && nNotFinite === 0 ? observed : undefined
}

/** The form of timestamp embeddings: [nSounds, nTimestamps, D]. */
export function timestampForm(context: CheckContext, nSounds: number, where: string): ExpectedForm {
  const size = context.measured.timestampEmbeddingSize
  const axes = ['nSounds', 'nTimestamps', 'D']
  return { axes, nSounds, sizeAttribute: 'timestampEmbeddingSize', size, where, subjectOf: 'timestamps' }
}

/** The form of scene embeddings: [nSounds, S]. */
export function sceneForm(context: CheckContext, nSounds: number, where: string): ExpectedForm {
  const size = context.measured.sceneEmbeddingSize
  return {
    axes: ['nSounds', 'S'],
    nSounds,
    sizeAttribute: 'sceneEmbeddingSize',
    size,
    where,
    subjectOf: 'scenes',
  }
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, size) => all * size, 1)
}
