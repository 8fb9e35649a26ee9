/**
 * Models to test with: the CC0 ones of this project, and those of the folder that HEAR_TEST_MODELS names, or of
 * models/ in the one that HEAR_TEST_DATA names. A folder of models holds *.onnx, fixtures/*.onnx (good_* and
 * bad_*) and golden/<model>/manifest.json with recorded inputs and outputs; a second file <model>.scene.onnx
 * shares the outputs with <model>.onnx.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '../src/model/contract.js'
import { readNpy } from '../src/store/npy.js'

const own = fileURLToPath(new URL('./golden/models', import.meta.url))

/** Folders of models; the first is the project's own. */
export function modelFolders(): string[] {
  const { HEAR_TEST_MODELS: models, HEAR_TEST_DATA: data } = process.env
  const given = models || (data && join(data, 'models'))
  return given && existsSync(given) ? [own, given] : [own]
}

/** Model files by path, fixtures left aside; a pair is one name, `a.onnx,a.scene.onnx`. */
export function realModels(): string[] {
  return modelFolders().flatMap((folder) => {
    const files = onnxFiles(folder)
    return files
      .filter((file) => !file.endsWith('.scene.onnx') || !files.includes(file.replace('.scene.', '.')))
      .map((file) => {
        const scenes = file.replace(/\.onnx$/, '.scene.onnx')
        return files.includes(scenes) ? `${file},${scenes}` : file
      })
  })
}

/** Paths of the small models that are right (good) or wrong (bad) by design, each name once. */
export function fixtureModels(kind: 'good' | 'bad'): string[] {
  const byName = new Map<string, string>()
  for (const folder of modelFolders())
    for (const file of onnxFiles(join(folder, 'fixtures')))
      if (basename(file).startsWith(`${kind}_`) && !byName.has(basename(file)))
        byName.set(basename(file), file)
  return [...byName.values()]
}

function onnxFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.onnx'))
    .sort()
    .map((file) => join(folder, file))
}

/** What the original gave for a model on one audio. */
export interface ModelCase {
  /** As `--model` names it. */
  readonly model: string
  /** Name of the model, and seconds of audio. */
  readonly title: string
  readonly seconds: number
  readonly read: (
    what: 'audio' | 'timestamp_embeddings' | 'timestamps' | 'scene_embeddings',
  ) => Promise<Tensor | undefined>
}

/** Every recorded case of every model that has any; at least those of the project. */
export function modelCases(): ModelCase[] {
  const names = [...realModels(), ...fixtureModels('good')]
  const cases: ModelCase[] = []
  for (const folder of modelFolders().map((root) => join(root, 'golden'))) {
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder).sort()) {
      const model = names.find((path) => basename(path.split(',')[0]) === `${name}.onnx`)
      if (model === undefined) throw new Error(`"${join(folder, name)}" records a model that is not there`)
      const manifest = JSON.parse(readFileSync(join(folder, name, 'manifest.json'), 'utf8'))
      for (const recorded of manifest.cases) {
        const title = `${name} on ${recorded.seconds} s`
        if (cases.some((one) => one.title === title)) continue
        const read: ModelCase['read'] = async (what) => {
          if (recorded[what] === undefined) return undefined
          const array = await readNpy(join(folder, name, recorded[what]))
          if (array.dtype !== 'float32') throw new Error(`${title}: ${what} is ${array.dtype}`)
          return { data: array.data, dims: array.shape }
        }
        cases.push({ model, title, seconds: recorded.seconds, read })
      }
    }
  }
  if (cases.length === 0) throw new Error(`no recorded models in ${modelFolders().join(' or ')}`)
  return cases
}
