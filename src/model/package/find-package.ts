import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { HearError, nearestName } from '../../base/errors.js'

const PACKAGE_NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i

/** Whether a name is written as a path, such as `./my-model`, and not as the name of an installed package. */
export function isPath(name: string): boolean {
  return /^\.{1,2}$|[/\\]/.test(name) && !/^@[^/\\]+\/[^/\\]+$/.test(name)
}

/** The folder of an npm package that is installed for the current folder, or undefined. */
export function installedPackage(name: string): string | undefined {
  if (!PACKAGE_NAME.test(name)) return undefined
  return moduleFolders(resolve('.'))
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, 'package.json')))
}

/**
 * The folder that `./path` or the name of an installed package stands for, links resolved.
 * @throws HearError when it is not there, or is a file, with what was probably meant.
 */
export function packageFolder(name: string): string {
  if (!isPath(name)) return realpathSync(installedPackage(name)!)
  const path = resolve(name)
  if (!existsSync(path)) {
    const meant = nearestName(basename(path), foldersIn(dirname(path)))
    throw new HearError('model/no-such-folder', `There is no folder "${name}".`, {
      hint:
        meant === undefined
          ? 'Check the path; hear init model DIR makes a new model package.'
          : `Did you mean "${name.slice(0, name.length - basename(name).length)}${meant}"?`,
    })
  }
  if (!statSync(path).isDirectory())
    throw new HearError(
      'model/not-a-folder',
      `"${name}" is a file; expected the folder of a package, or a file whose name ends in .onnx.`,
      { hint: hintForFile(name) },
    )
  return realpathSync(path)
}

/** Packages and folders that could be meant by a name: the installed ones, and those in the current folder. */
export function packagesNearby(): string[] {
  const installed = moduleFolders(resolve('.')).flatMap((folder) =>
    foldersIn(folder).flatMap((name) =>
      name.startsWith('@') ? foldersIn(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    ),
  )
  return [...installed, ...foldersIn('.').map((name) => `./${name}`)]
}

/** The node_modules that Node looks into for an import from a folder, the nearest first. */
export function moduleFolders(from: string): string[] {
  const above = dirname(from) === from ? [] : moduleFolders(dirname(from))
  return [join(from, 'node_modules'), ...above]
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
  } catch {
    // Only suggestions are made of them.
    return []
  }
}

function hintForFile(name: string): string {
  const suffix = extname(name)
  const folder = dirname(name)
  if (['.js', '.mjs', '.cjs', '.ts'].includes(suffix))
    return `Give its folder, with ${basename(name)} as the entry: --model ${isAbsolute(folder) || folder.startsWith('.') ? folder : `./${folder}`}`
  if (suffix === '.py')
    return `Is it a module of the HEAR API in Python? --model py:${basename(name, suffix)}`
  return 'A file of weights goes to --weights, beside the --model that loads it.'
}
