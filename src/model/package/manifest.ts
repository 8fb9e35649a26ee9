import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../../store/json-file.js'

const versionsByName = z.record(z.string(), z.string()).optional()

/** What a package.json says that matters here; npm's other keys are its own business, those of `hear` are ours. */
const manifestSchema = z.object({
  name: z.string().min(1).optional(),
  version: z.string().optional(),
  license: z.unknown().optional(),
  main: z.string().optional(),
  exports: z.unknown().optional(),
  files: z.array(z.string()).optional(),
  dependencies: versionsByName,
  optionalDependencies: versionsByName,
  peerDependencies: versionsByName,
  hear: z
    .strictObject({
      /** Licence of the code, where `license` does not say it. */
      codeLicense: z.string().optional(),
      weightsLicense: z.string().optional(),
      irregularTimestamps: z.boolean().optional(),
      sceneOnly: z.boolean().optional(),
    })
    .optional(),
})

export type Manifest = z.output<typeof manifestSchema> & { readonly name: string }

/**
 * The package.json of a folder. A folder without one is a package of the folder's name, with nothing declared.
 * @throws HearError naming the file: no JSON, a known key of another type, an unknown key in `hear`.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json')
  const manifest: Partial<Manifest> = existsSync(path) ? await readJson(path, manifestSchema) : {}
  return { ...manifest, name: manifest.name ?? basename(folder) }
}
