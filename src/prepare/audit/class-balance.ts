import type { TaskFolder } from '../../store/task-folder.js'

/** How often each label occurs in a split: clips that have it, or its events. */
export interface SplitClasses {
  readonly split: string
  readonly counts: Readonly<Record<string, number>>
  /** Labels of the vocabulary that do not occur. */
  readonly missing: readonly string[]
  readonly largest: readonly [label: string, count: number]
  /** The smallest that does occur. */
  readonly smallest: readonly [label: string, count: number]
  /** Entropy of the labels over that of equally many of each: 1 is balanced, 0 is one label only. */
  readonly evenness: number
}

export interface ClassBalance {
  readonly nLabels: number
  readonly counted: 'clips' | 'events'
  readonly splits: readonly SplitClasses[]
}

/** Counts the labels of every split; a split without any label is left out of `splits`. */
export function classBalance({
  vocabulary,
  splits,
  metadata,
}: Pick<TaskFolder, 'vocabulary' | 'splits' | 'metadata'>): ClassBalance {
  const ofSplits: SplitClasses[] = []
  for (const [split, labels] of splits) {
    const counts = new Map(vocabulary.map((label) => [label, 0]))
    for (const ofClip of labels.clips.values())
      for (const item of ofClip) {
        const label = typeof item === 'string' ? item : item.label
        counts.set(label, counts.get(label)! + 1)
      }
    const present = [...counts].filter(([, count]) => count > 0).sort(([, x], [, y]) => y - x)
    if (present.length === 0) continue
    const total = present.reduce((sum, [, count]) => sum + count, 0)
    const entropy = present.reduce((sum, [, count]) => sum - (count / total) * Math.log(count / total), 0)
    ofSplits.push({
      split,
      counts: Object.fromEntries(counts),
      missing: [...counts].filter(([, count]) => count === 0).map(([label]) => label),
      largest: present[0],
      smallest: present.at(-1)!,
      evenness: vocabulary.length === 1 ? 1 : entropy / Math.log(vocabulary.length),
    })
  }
  const counted = metadata.embedding_type === 'event' ? 'events' : 'clips'
  return { nLabels: vocabulary.length, counted, splits: ofSplits }
}
