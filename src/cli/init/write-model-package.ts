import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HearError } from '../../base/errors.js'
import { commitFiles } from '../../store/atomic.js'
import { parseJson } from '../../store/json-file.js'

/** The example that a new package begins as; it is part of the npm package. */
const EXAMPLE = fileURLToPath(new URL('../../../examples/package', import.meta.url))
const LICENSE = fileURLToPath(new URL('../../../LICENSE', import.meta.url))
/** Written last: a folder without it is no package. */
const MARK = 'package.json'

/** npm's rules for new packages. */
const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const LONGEST_NAME = 214

/**
 * Writes a working model package into a new or empty folder: all files or none.
 *
 * @param givenName name of the npm package; the folder's name, in small letters, unless given.
 * @returns the package's name, and the paths written.
 * @throws HearError for a folder that is not empty, and for a name that npm does not take.
 */
export async function writeModelPackage(
  dir: string,
  givenName?: string,
): Promise<{ name: string; files: string[] }> {
  const name = givenName ?? nameFor(dir)
  if (!PACKAGE_NAME.test(name) || name.length > LONGEST_NAME)
    throw new HearError(
      'init/package-name',
      `Expected the name of an npm package (small letters, digits, - . _ ~, perhaps @scope/ before), found "${name}".`,
      { hint: 'Give one with --name, for example --name my-model.' },
    )
  requireEmpty(dir)
  const example = (file: string) => readFileSync(join(EXAMPLE, file), 'utf8')
  const { name: exampleName } = parseJson(example(MARK), join(EXAMPLE, MARK)) as { name: string }
  const names = readdirSync(EXAMPLE).filter((file) => file !== MARK)
  const texts = [...names, MARK].map((file) => [file, example(file).replaceAll(exampleName, name)] as const)
  const files = [['LICENSE', readFileSync(LICENSE, 'utf8')] as const, ...texts]
  await commitFiles(dir, files)
  return { name, files: files.map(([file]) => join(dir, file)) }
}

/** The folder's name as npm takes it, as far as replacing single characters goes. */
function nameFor(dir: string): string {
  return basename(resolve(dir))
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._]+/, '')
}

function requireEmpty(dir: string): void {
  if (!existsSync(dir)) return
  if (!statSync(dir).isDirectory())
    throw new HearError('init/not-a-folder', `"${dir}" is a file; expected a new or empty folder.`, {
      hint: 'Choose another path.',
    })
  const found = readdirSync(dir)
  if (found.length === 0) return
  const some = found.slice(0, 3).join(', ')
  throw new HearError(
    'init/folder-not-empty',
    `"${dir}" is not empty (${some}${found.length > 3 ? ', ...' : ''}); expected a new or empty folder.`,
    { hint: 'Choose another path: nothing that is there is ever replaced.' },
  )
}
