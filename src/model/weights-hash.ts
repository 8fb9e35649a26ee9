import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { withFileErrors } from '../store/file-errors.js'
import { hashFiles } from './onnx/external-data.js'

/**
 * SHA-256, in hexadecimal, of what `--weights` names: a file, or over the files of a folder in the order of their
 * names.
 * @throws HearError when it is not there, cannot be read, or is neither.
 */
export async function hashWeights(path: string): Promise<string> {
  const found = await withFileErrors('read', path, () => stat(path))
  if (found.isFile()) return hashFiles([path])
  if (!found.isDirectory())
    throw new HearError('model/bad-weights', `"${path}" is neither a file nor a folder.`, {
      hint: 'Give the file or folder that the model loads, as --weights.',
    })
  const names = (await withFileErrors('read', path, () => readdir(path, { recursive: true }))).sort()
  const files: string[] = []
  for (const name of names)
    if ((await withFileErrors('read', join(path, name), () => stat(join(path, name)))).isFile())
      files.push(join(path, name))
  return hashFiles(files)
}
