import { PythonRandom } from '../num/python-random.js'

/**
 * The order in which heareval packs the clips of a task: the clips of every split shuffled by one generator
 * with seed 0 that goes on from split to split. The probe trains in this order, so scores depend on it.
 *
 * @param splits in the order of the task's metadata, each with its clips in the order of `<split>.json`.
 * Source: heareval 2021.1.3, heareval/embeddings/task_embeddings.py, memmap_embeddings.
 */
export function packingOrder(
  splits: Iterable<readonly [split: string, clips: Iterable<string>]>,
): Map<string, string[]> {
  const random = new PythonRandom(0)
  const orders = new Map<string, string[]>()
  for (const [split, clips] of splits) orders.set(split, random.shuffle([...clips]))
  return orders
}
