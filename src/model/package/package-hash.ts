import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'
import { hashFiles } from '../onnx/external-data.js'
import { moduleFolders } from './find-package.js'
import type { Manifest } from './manifest.js'

/** Above these a folder holds more than a model, such as recordings or results, and reading it all takes minutes. */
const MAX_FILES = 10_000
const MAX_BYTES = 16 * 2 ** 30

/**
 * SHA-256, in hexadecimal, of the names and contents of a package's files: those that `files` of its package.json names,
 * with package.json and the entry, or all of the folder; never node_modules, nor what begins with a dot unless it is
 * named. A pattern in `files` counts as the folder that it looks into, and exclusions count for nothing: a file more
 * means at most that embeddings are made once more.
 *
 * @throws HearError when a file cannot be read, or there are too many.
 */
export async function packageHash(folder: string, entry: string, { files }: Manifest): Promise<string> {
  const roots =
    files === undefined
      ? [folder]
      : [...files.map(literalPart), 'package.json', relative(folder, entry)].map((path) => join(folder, path))
  const found = new Set<string>()
  // By their real paths, so that a link to a folder above ends.
  const visited = new Set<string>()
  let bytes = 0
  for (const root of roots) await gather(root)
  const hash = createHash('sha256')
  for (const path of [...found].sort()) {
    const name = relative(folder, path).split(sep).join('/')
    hash.update(JSON.stringify([name, await hashFiles([path])]))
  }
  return hash.digest('hex')

  async function gather(path: string): Promise<void> {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isDirectory() && !visited.has(realpathSync(path))) {
      visited.add(realpathSync(path))
      const entries = await withFileErrors('read', path, () => readdir(path, { withFileTypes: true }))
      for (const { name } of entries)
        if (name !== 'node_modules' && !name.startsWith('.')) await gather(join(path, name))
    }
    if (!stats?.isFile() || found.has(path)) return
    found.add(path)
    bytes += stats.size
    if (found.size > MAX_FILES || bytes > MAX_BYTES)
      throw new HearError(
        'model/package-too-large',
        `The package "${folder}" has more than ${found.size > MAX_FILES ? `${MAX_FILES} files` : `${MAX_BYTES / 2 ** 30} GiB`}; its content tells whether embeddings can be kept.`,
        { hint: 'List what belongs to the model as "files" in its package.json, as for npm publish.' },
      )
  }
}

/**
 * Versions of the packages that one depends on, by name, as they are installed; those that are not there are left out.
 * hearkit is too: it gives types, and is recorded itself.
 */
export function dependencyVersions(folder: string, manifest: Manifest): Record<string, string> {
  const { dependencies, optionalDependencies, peerDependencies } = manifest
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  const versions: Record<string, string> = {}
  for (const name of names.filter((one) => one !== 'hearkit').sort()) {
    const path = moduleFolders(folder)
      .map((modules) => join(modules, name, 'package.json'))
      .find((one) => existsSync(one))
    if (path === undefined) continue
    try {
      versions[name] = String((JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown }).version)
    } catch {
      // A damaged one fails when it is imported, with a better message.
    }
  }
  return versions
}

/** The part of a pattern of npm's `files` before its first wildcard, up to a whole name; the folder itself for `!...`. */
function literalPart(pattern: string): string {
  if (pattern.startsWith('!')) return 'package.json'
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?[\]{}]/.test(part))
  const literal = (wild < 0 ? parts : parts.slice(0, wild)).filter((part) => part !== '' && part !== '..')
  return literal.join('/') || '.'
}
