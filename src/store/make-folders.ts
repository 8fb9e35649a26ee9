import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { withFileErrors } from './file-errors.js'

/**
 * Makes a folder and those above it; does nothing when it is there.
 *
 * @throws HearError naming the folder when it cannot be made or a file is in the way. *Differs* from `mkdir`
 * with `recursive`: that one never returns below a folder that refuses new entries with ENOENT, as /proc does
 * (Node 20).
 */
export async function makeFolders(dir: string): Promise<void> {
  await withFileErrors('make the folder', dir, () => make(resolve(dir)))
}

async function make(dir: string): Promise<void> {
  try {
    await mkdir(dir)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error
    await make(dirname(dir))
    // Two programs may make it at once; that it is there is all that counts.
    await mkdir(dir).catch(async (second: NodeJS.ErrnoException) => {
      if (second.code !== 'EEXIST' || !(await stat(dir)).isDirectory()) throw second
    })
  }
}
