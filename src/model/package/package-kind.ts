import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HearError, nearestName } from '../../base/errors.js'
import type { HearModel, HearModule, Tensor } from '../contract.js'
import type { ModelDeclarations, ModelKind } from '../model-kind.js'
import { printable } from '../onnx/printable.js'
import { hashWeights } from '../weights-hash.js'
import { entryFile } from './entry-file.js'
import { installedPackage, isPath, packageFolder } from './find-package.js'
import { type Manifest, readManifest } from './manifest.js'
import { importFailed, loadFailed, locatedError } from './package-errors.js'
import { dependencyVersions, packageHash } from './package-hash.js'

/**
 * `./folder`, or the name of an installed npm package, that exports the model contract. Its code runs in this process,
 * with the rights of the user. `weights`, a file or a folder, goes to loadModel.
 */
export const packageKind: ModelKind = {
  written: './folder or the name of an npm package',
  answersTo: (name) => isPath(name) || installedPackage(name) !== undefined,
  async open(name, { weights }) {
    const folder = packageFolder(name)
    const manifest = await readManifest(folder)
    const entry = entryFile(folder, manifest)
    const sourceHash = await packageHash(folder, entry, manifest)
    // Whole, since a package may change the current folder.
    const weightsPath = weights === undefined ? undefined : resolve(weights)
    const ofWeights = weightsPath === undefined ? undefined : await hashWeights(weightsPath)
    const exports = await importExports(name, folder, entry)
    const model = await load(name, folder, exports, weightsPath)
    const { version } = manifest
    return {
      module: located(exports, folder) as unknown as HearModule,
      model,
      identity: {
        name: manifest.name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, '') || 'model',
        weightsHash: ofWeights ?? sourceHash,
        description: describe(manifest, folder, weights),
        options: {
          adapter: 'package',
          version: version ?? null,
          sourceHash,
          dependencies: dependencyVersions(folder, manifest),
        },
      },
      declares: declarations(manifest),
      close: async () => {},
    }
  },
}

type Exports = Readonly<Record<string, unknown>>

/** What the package exports; a CommonJS module, or one object as the default export, counts too. */
async function importExports(name: string, folder: string, entry: string): Promise<Exports> {
  let namespace: Exports
  try {
    namespace = await import(pathToFileURL(entry).href)
  } catch (cause) {
    throw importFailed(name, folder, entry, cause)
  }
  const { default: whole, ...named } = namespace
  const exports: Exports = { ...(typeof whole === 'object' ? whole : {}), ...named }
  const names = Object.keys(exports).filter((key) => key !== 'module.exports')
  if (typeof exports.loadModel === 'function') return exports
  const found =
    'loadModel' in exports
      ? `loadModel as ${typeof exports.loadModel}`
      : names.length === 0
        ? 'no named exports'
        : printable(names.slice(0, 20).join(', '))
  const meant = nearestName('loadModel', names)
  throw new HearError(
    'model/package-exports',
    `The package "${name}" must export the function loadModel; "${entry}" exports ${found}.`,
    {
      hint:
        meant === undefined || meant === 'loadModel'
          ? 'Export loadModel, getTimestampEmbeddings and getSceneEmbeddings (docs/models.md).'
          : `Is it "${meant}"? Rename it to loadModel.`,
    },
  )
}

async function load(
  name: string,
  folder: string,
  exports: Exports,
  weights: string | undefined,
): Promise<HearModel> {
  let model: unknown
  try {
    model = await (exports.loadModel as HearModule['loadModel'])(weights)
  } catch (cause) {
    throw loadFailed(name, folder, weights, cause)
  }
  if (typeof model === 'object' && model !== null) return model as HearModel
  throw new HearError(
    'model/package-load',
    `loadModel of "${name}" returned ${model === undefined ? 'nothing' : `a ${typeof model}`}; expected the model, an object.`,
    { hint: 'Return an object with sampleRate, sceneEmbeddingSize and timestampEmbeddingSize.' },
  )
}

/** The exports, whose two embedding functions say where in the package they failed. */
function located(exports: Exports, folder: string): Exports {
  const wrapped: Record<string, unknown> = { ...exports }
  for (const key of ['getTimestampEmbeddings', 'getSceneEmbeddings']) {
    const embed = exports[key]
    if (typeof embed !== 'function') continue
    wrapped[key] = async (audio: Tensor, model: HearModel) => {
      try {
        return await embed(audio, model)
      } catch (cause) {
        throw locatedError(cause, folder)
      }
    }
  }
  return wrapped
}

function declarations({ license, hear }: Manifest): ModelDeclarations {
  return { ...hear, codeLicense: hear?.codeLicense ?? (typeof license === 'string' ? license : undefined) }
}

function describe(manifest: Manifest, folder: string, weights: string | undefined): string {
  const { name, version, hear, license } = manifest
  const what = version === undefined ? name : `${name} ${version}`
  const licence = hear?.weightsLicense ?? license
  const under = typeof licence === 'string' ? `, ${licence}` : ''
  return `${what}, a package${under} (${folder})${weights === undefined ? '' : `, weights "${weights}"`}`
}
