import { createHash } from 'node:crypto'
import type { EmbeddingSource } from '../store/embedding-json.js'

/**
 * What the embeddings of a split were made from, as one hash: the model's weights and options, the rate, the
 * kind of embedding, and the name and content of every clip in packing order.
 */
export class SplitKey {
  private readonly hash = createHash('sha256')

  constructor(source: Pick<EmbeddingSource, 'model' | 'sampleRate'>, kind: 'scene' | 'event') {
    const { name, weightsHash, options } = source.model
    this.hash.update(JSON.stringify([name, weightsHash, sortedKeys(options), source.sampleRate, kind]))
  }

  /** @param contentHash of the clip's file. */
  addClip(clip: string, contentHash: string): void {
    this.hash.update(JSON.stringify([clip, contentHash]))
  }

  digest(): string {
    return this.hash.digest('hex')
  }
}

/** The value with the keys of its objects in order, so that the order in which options were given does not count. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).sort()
  return keys.map((key) => [key, sortedKeys((value as Record<string, unknown>)[key])])
}
