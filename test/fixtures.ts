import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One recorded case: what the original was given, and what it gave back. */
export interface FixtureCase<Input, Expected> {
  id: string
  kind?: string
  seed?: number
  input: Input
  expected: Expected
}

const golden = fileURLToPath(new URL('./golden', import.meta.url))

/** The folders that hold fixtures: the copies in the project, and the one that HEAR_TEST_FIXTURES names. */
export function fixtureRoots(): string[] {
  const extra = process.env.HEAR_TEST_FIXTURES
  return extra ? [golden, extra] : [golden]
}

/**
 * All cases recorded for a function, such as `heareval/losses`: every json file whose name begins with the
 * name is the function's (or begins with it and a dot or dash), from every fixture folder, so that more can be
 * dropped in. A case that occurs in two folders is taken once.
 */
export function fixtureCases<Input, Expected>(path: string): FixtureCase<Input, Expected>[] {
  const cases = new Map<string, FixtureCase<Input, Expected>>()
  const folder = path.slice(0, path.lastIndexOf('/'))
  const name = path.slice(path.lastIndexOf('/') + 1)
  for (const root of fixtureRoots()) {
    const directory = join(root, folder)
    if (!existsSync(directory)) continue
    for (const file of readdirSync(directory)) {
      if (!file.startsWith(name) || !file.endsWith('.json') || /^[a-z0-9_]/i.test(file[name.length])) continue
      const document = JSON.parse(readFileSync(join(directory, file), 'utf8'))
      for (const one of document.cases) cases.set(JSON.stringify(one), one)
    }
  }
  if (cases.size === 0) throw new Error(`no recorded cases of ${path} in ${fixtureRoots().join(' or ')}`)
  return [...cases.values()]
}
