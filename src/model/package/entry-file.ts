import { statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { HearError } from '../../base/errors.js'
import type { Manifest } from './manifest.js'

/** Conditions under which Node 20.19 and later import a package. Source: Node's documentation, "Conditional exports". */
const CONDITIONS = ['node-addons', 'node', 'import', 'module-sync', 'default']
/** Looked for in this order where package.json names no entry; index.ts so that it can be said to need a build. */
const DEFAULT_ENTRIES = ['index.js', 'index.mjs', 'index.cjs', 'index.ts', 'index.mts']

/**
 * The file that importing a package runs: `exports` of its package.json, else `main`, else index.js.
 * @throws HearError when none is there, or it leaves the folder.
 */
export function entryFile(folder: string, { exports, main }: Manifest): string {
  const named = exports !== undefined && exports !== null
  const target = named ? exportedTarget(exports) : main
  if (named && target === undefined)
    throw noEntry(
      folder,
      'has "exports" without an entry for "."',
      'Write "exports": "./index.js" in its package.json.',
    )
  if (target !== undefined) {
    const path = join(folder, target)
    if (relative(folder, path).split(sep)[0] === '..')
      throw noEntry(
        folder,
        `names "${target}" as its entry, which leaves the folder`,
        'Put the entry inside.',
      )
    const found = (named ? [path] : [path, `${path}.js`, join(path, 'index.js')]).find(isFile)
    if (found !== undefined) return found
    throw noEntry(
      folder,
      `names "${target}" as its entry, which is not there`,
      'Build the package first (often: npm run build), or correct main or exports in package.json.',
    )
  }
  const found = DEFAULT_ENTRIES.map((name) => join(folder, name)).find(isFile)
  if (found !== undefined) return found
  throw noEntry(
    folder,
    `has no entry: no "exports" or "main" in package.json, and no index.js`,
    'Is it the right folder? hear init model DIR writes a working package to start from.',
  )
}

/** What `exports` gives for "." under import, or undefined. */
function exportedTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports))
    return exports.map(exportedTarget).find((target): target is string => target !== undefined)
  if (typeof exports !== 'object' || exports === null) return undefined
  const entries = Object.entries(exports)
  if (entries.some(([key]) => key.startsWith('.')))
    return exportedTarget(entries.find(([key]) => key === '.')?.[1])
  for (const [condition, target] of entries) {
    const found = CONDITIONS.includes(condition) ? exportedTarget(target) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function noEntry(folder: string, what: string, hint: string): HearError {
  return new HearError('model/package-entry', `The package "${folder}" ${what}.`, { hint })
}
