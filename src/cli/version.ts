import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

interface Manifest {
  readonly version: string
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest

export const HEARKIT_VERSION = manifest.version

/** Versions of everything that a score may depend on. */
export function programVersions(): Record<string, string> {
  const versions: Record<string, string> = { hearkit: HEARKIT_VERSION, node: process.versions.node }
  try {
    const require = createRequire(import.meta.url)
    versions.onnxruntime = (require('onnxruntime-node/package.json') as Manifest).version
  } catch {
    // Not there on platforms that it has no package for: the wasm kernels do without.
  }
  return versions
}
