import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** Where Pythons are looked for: the one that the user chose, the first on the PATH, the system's. */
const CANDIDATES = [process.env.HEAR_PYTHON ?? 'python3', 'python3', '/usr/bin/python3']

/** A Python that can import a package, or undefined: tests that need it skip then. */
export function pythonWith(name: 'numpy' | 'torch' | 'tensorflow'): string | undefined {
  return CANDIDATES.find(
    (python) => spawnSync(python, ['-c', `import ${name}`], { stdio: 'ignore' }).status === 0,
  )
}

/** The Python modules of the project that tests use. */
export const OWN_MODULES = fileURLToPath(new URL('./golden/python', import.meta.url))
export const EXAMPLE_MODULES = fileURLToPath(new URL('../examples/python', import.meta.url))

/**
 * A folder on PYTHONPATH, removed at the end of the test file, beside the project's own modules.
 * @returns its path, and a function that writes a module into it.
 */
export function moduleFolder(): { dir: string; write: (name: string, source: string) => string } {
  const dir = mkdtempSync(join(tmpdir(), 'hearkit-python-'))
  process.env.PYTHONPATH = [dir, OWN_MODULES, EXAMPLE_MODULES].join(delimiter)
  // Nothing is to be written beside the project's own modules.
  process.env.PYTHONDONTWRITEBYTECODE = '1'
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const write = (name: string, source: string) => {
    const path = join(dir, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, source)
    return path
  }
  return { dir, write }
}
