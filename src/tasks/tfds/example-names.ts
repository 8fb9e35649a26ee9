import { createHash } from 'node:crypto'
import { HearError } from '../../base/errors.js'

/** A split as TensorFlow Datasets stores it: examples in files of about equal length ("shards"). */
export interface StoredSplit {
  /** As TensorFlow Datasets calls it: `validation`, not `valid`. */
  readonly name: string
  readonly nExamples: number
  readonly nShards: number
}

/**
 * The file stems that HEAR gave the examples of a TensorFlow dataset, by example key:
 * `tfds_id_<dataset>-<split>-tfrecord-<shard>-of-<shards>-<index>`.
 *
 * TensorFlow Datasets sorts the examples of a split by the MD5 of the split's name and the example's key, and cuts the
 * sorted list into shards; an example's id is its shard's file name and its index there, and HEAR made a slug of that id.
 * @param dataset such as `gtzan_music_speech`
 * @param keys every example key of the split, in any order
 * @throws HearError for another number of keys than the split has, and for keys that occur twice
 * Source: tensorflow_datasets 4.4, core/hashing.py `Hasher`, core/shuffle.py `Shuffler`, core/tfrecords_writer.py
 * `_get_shard_boundaries`; hear-preprocess 2021.1.1, tfds_pipeline.py `save_audio_labels`. *Differs*: nothing.
 */
export function exampleNames(
  dataset: string,
  split: StoredSplit,
  keys: readonly string[],
): Map<string, string> {
  if (keys.length !== split.nExamples)
    throw new HearError(
      'tasks/example-count',
      `Expected ${split.nExamples} clips in split "${split.name}" of ${dataset}, found ${keys.length}. Their names and folds would be others than HEAR's.`,
      { hint: 'Take the corpus whole, from its publisher, in the version that the task names.' },
    )
  const hashed = keys.map((key) => ({ key, hash: hashOf(split.name, key) }))
  hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const names = new Map<string, string>()
  for (let shard = 0; shard < split.nShards; shard++) {
    const from = shardStart(split, shard)
    for (let at = from; at < shardStart(split, shard + 1); at++)
      names.set(hashed[at].key, nameOf(dataset, split, shard, at - from))
  }
  if (names.size !== keys.length) throw twice(keys, dataset)
  return names
}

/** 32 hexadecimal digits, which sort as the numbers that TensorFlow Datasets compares. */
function hashOf(salt: string, key: string): string {
  return createHash('md5').update(salt).update(key).digest('hex')
}

/** Where a shard begins: `round(nExamples * shard / nShards)`, halves to the even number as Python rounds. */
function shardStart({ nExamples, nShards }: StoredSplit, shard: number): number {
  const exact = nExamples * (shard / nShards)
  const below = Math.floor(exact)
  if (exact - below !== 0.5) return Math.round(exact)
  return below % 2 === 0 ? below : below + 1
}

function nameOf(dataset: string, split: StoredSplit, shard: number, index: number): string {
  const file = [
    dataset.replaceAll('_', '-'),
    split.name,
    'tfrecord',
    digits(shard),
    'of',
    digits(split.nShards),
  ]
  return `tfds_id_${file.join('-')}-${index}`
}

function digits(shard: number): string {
  return String(shard).padStart(5, '0')
}

function twice(keys: readonly string[], dataset: string): HearError {
  const again = keys.find((key, i) => keys.indexOf(key) !== i)
  return new HearError(
    'tasks/example-twice',
    `${dataset}: expected every clip once, found "${again}" twice.`,
    {
      hint: 'Keep one copy of each file in the source.',
    },
  )
}
