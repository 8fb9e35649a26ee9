import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileErrors } from '../store/file-errors.js'
import type { TaskFolder } from '../store/task-folder.js'

/** How a rate's audio fits the labels; paths are `<rate>/<split>/<file>`, in the order of the labels, then by name. */
export interface ClipsAtRate {
  /** Clips with labels and no file. */
  readonly missing: readonly string[]
  /** Files and folders that no label file names. */
  readonly extra: readonly string[]
}

/**
 * Compares the files of one rate of a task folder with its labels, by name.
 * @param sampleRate Hz; one of `task.sampleRates`
 * @throws HearError when a folder cannot be read; that of a split which is not there counts as empty
 */
export async function clipsAtRate(
  task: Pick<TaskFolder, 'dir' | 'splits'>,
  sampleRate: number,
): Promise<ClipsAtRate> {
  const rate = String(sampleRate)
  const missing: string[] = []
  const extra: string[] = []
  for (const entry of await namesIn(join(task.dir, rate)))
    if (!task.splits.has(entry)) extra.push(`${rate}/${entry}`)
  for (const [split, { clips }] of task.splits) {
    const there = new Set(await namesIn(join(task.dir, rate, split)))
    for (const clip of clips.keys()) if (!there.delete(clip)) missing.push(`${rate}/${split}/${clip}`)
    for (const name of [...there].sort()) extra.push(`${rate}/${split}/${name}`)
  }
  return { missing, extra }
}

async function namesIn(dir: string): Promise<string[]> {
  return withFileErrors('read', dir, () =>
    readdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    }),
  )
}
