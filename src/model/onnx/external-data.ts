import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep, win32 } from 'node:path'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'
import type { OnnxFile } from './onnx-file.js'

/** onnxruntime takes this location for an address in its own memory; in a file it can only be an attack. */
const MEMORY_LOCATION = '_ORT_MEM_ADDR_'

/**
 * The files beside an ONNX file that hold its tensors, as real paths.
 *
 * @throws HearError for a location that is absolute, steps out of the model's folder (also through a link), is no
 * ordinary file, or is missing.
 */
export function externalDataFiles(file: OnnxFile): string[] {
  if (file.externalLocations.length === 0) return []
  const folder = realpathSync(dirname(file.path))
  return file.externalLocations.map((location) => {
    const parts = location.split(/[/\\]/)
    if (location === '' || location.includes('\0') || location.includes(MEMORY_LOCATION))
      throw refused(file, location, 'is no file name')
    if (isAbsolute(location) || win32.parse(location).root !== '' || parts.includes('..'))
      throw refused(file, location, 'leaves the folder of the model')
    const real = realPathOf(file, location, join(folder, location))
    const inside = relative(folder, real)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw refused(file, location, `leaves the folder of the model through a link, to "${real}"`)
    if (!statSync(real).isFile()) throw refused(file, location, 'is no ordinary file')
    return real
  })
}

function realPathOf(file: OnnxFile, location: string, path: string): string {
  try {
    return realpathSync(path)
  } catch (cause) {
    throw new HearError(
      'model/onnx-external-missing',
      `"${file.path}" keeps weights in "${location}", which is not there or cannot be read.`,
      { hint: `Put that file beside the model, under the same name: "${path}".`, cause },
    )
  }
}

function refused(file: OnnxFile, location: string, why: string): HearError {
  return new HearError(
    'model/onnx-external-path',
    `"${file.path}" keeps weights in "${location}", which ${why}; expected a file beside the model.`,
    {
      hint: 'Do not use this file unless you made it. If you did, put model and weights into one folder, links replaced by copies, and save it with relative locations.',
    },
  )
}

/**
 * SHA-256, in hexadecimal, of the bytes of files: of one file what sha256sum prints, of several the hash of their
 * hashes in order.
 * @throws HearError naming the file that cannot be read.
 */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hashes: string[] = []
  for (const path of paths)
    hashes.push(
      await withFileErrors('read', path, async () => {
        const hash = createHash('sha256')
        for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
        return hash.digest('hex')
      }),
    )
  return hashes.length === 1 ? hashes[0] : createHash('sha256').update(hashes.join('\n')).digest('hex')
}
