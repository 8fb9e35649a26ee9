import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileError, withFileErrors } from '../../store/file-errors.js'
import type { Archive } from './archive.js'
import type { SourceLimits } from './limits.js'
import { openLooseFiles } from './loose-files.js'
import { MemberNames, refusedMember } from './member-names.js'

/**
 * Opens a folder as if it were an archive. Symbolic links are followed as long as they stay within the folder.
 *
 * @throws HearError for a folder that is not there, links that lead out of it, nowhere or in a circle, and what is
 * neither file nor folder
 */
export async function openLocalFolder(folder: string, limits: SourceLimits): Promise<Archive> {
  const root = await withFileErrors('read the folder', folder, () => realpath(folder))
  // A folder is no bomb: what it holds is on the disk already.
  const names = new MemberNames(folder, Number.POSITIVE_INFINITY, limits)
  await walk(folder, root, '', [root], names)
  return openLooseFiles(folder, names.members, (name) => join(root, ...name.split('/')), limits)
}

async function walk(
  folder: string,
  root: string,
  within: string,
  above: readonly string[],
  names: MemberNames,
): Promise<void> {
  const real = above.at(-1) as string
  const found = await withFileErrors('read the folder', real, () => readdir(real, { withFileTypes: true }))
  for (const entry of found) {
    const name = within === '' ? entry.name : `${within}/${entry.name}`
    const path = await realpath(join(real, entry.name)).catch((error) => {
      if (error.code !== 'ENOENT' && error.code !== 'ELOOP')
        throw fileError(error, 'read', join(real, entry.name))
      throw refusedMember(folder, name, 'a symbolic link that leads nowhere')
    })
    if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep))
      throw refusedMember(folder, name, `a symbolic link that leads out of the folder, to "${path}"`)
    const what = await withFileErrors('read', path, () => stat(path))
    if (what.isFile()) names.add(name, what.size)
    else if (!what.isDirectory()) throw refusedMember(folder, name, 'a device')
    else if (above.includes(path)) throw refusedMember(folder, name, 'a symbolic link to a folder above it')
    else await walk(folder, root, name, [...above, path], names)
  }
}
