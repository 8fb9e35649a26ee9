import { HearError, nearestName } from '../base/errors.js'
import type { ModelKind, OpenModel, OpenModelOptions } from './model-kind.js'
import { naiveKind } from './naive-kind.js'
import { onnxKind } from './onnx/onnx-kind.js'
import { packagesNearby } from './package/find-package.js'
import { packageKind } from './package/package-kind.js'
import { pythonKind } from './python/python-kind.js'

export type { OpenModel, OpenModelOptions } from './model-kind.js'

/** Every adapter; a name goes to the first that answers to it. */
const KINDS: readonly ModelKind[] = [naiveKind, onnxKind, pythonKind, packageKind]

/**
 * Opens the model that a name such as `naive` or `./model.onnx` stands for. Call `close` when done with it.
 *
 * @throws HearError for a name that is none, and whatever the adapter finds wrong with the model.
 */
export async function openModel(name: string, options: OpenModelOptions = {}): Promise<OpenModel> {
  const kind = KINDS.find((one) => one.answersTo(name))
  if (kind === undefined) {
    const ways = KINDS.map(({ written }) => written)
    const nearest = nearestName(name, [...ways, ...packagesNearby()])
    throw new HearError(
      'model/unknown-model',
      `Expected the name of a model (${ways.join(', or ')}), found "${name}".`,
      {
        hint:
          nearest === undefined ? 'Try --model naive, the built-in baseline.' : `Did you mean "${nearest}"?`,
      },
    )
  }
  return kind.open(name, options)
}
