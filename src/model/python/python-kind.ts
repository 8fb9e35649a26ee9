import { resolve } from 'node:path'
import type { HearModule } from '../contract.js'
import type { ModelKind } from '../model-kind.js'
import { hashWeights } from '../weights-hash.js'
import { checkModuleName } from './module-name.js'
import { type PythonFacts, PythonModel } from './python-model.js'

const PREFIX = 'py:'
const DEFAULT_PYTHON = 'python3'
/** Half an hour a call: a large model on a slow processor may need minutes for a batch, or to fetch its weights. */
const DEFAULT_TIME_LIMIT_SEC = 1800

/**
 * `py:MODULE`: an existing package of HEAR's Python API, unchanged, in a Python of the user's own. Its code runs with
 * the rights of the user. `weights`, a file or a folder, goes to load_model.
 */
export const pythonKind: ModelKind = {
  written: 'py:MODULE',
  answersTo: (name) => name.startsWith(PREFIX),
  async open(name, options) {
    const { weights, timeLimitSec = DEFAULT_TIME_LIMIT_SEC, signal } = options
    // An empty HEAR_PYTHON is as good as none.
    const python = options.python || DEFAULT_PYTHON
    const module = checkModuleName(name.slice(PREFIX.length))
    // Whole, since a module may change the current folder.
    const weightsPath = weights === undefined ? undefined : resolve(weights)
    const ofWeights = weightsPath === undefined ? undefined : await hashWeights(weightsPath)
    const model = new PythonModel({ python, module, weightsPath, limitSec: timeLimitSec, signal })
    const facts = await model.open()
    const { version, sourceHash } = facts
    return {
      module: functionsOf(model, facts),
      model,
      identity: {
        name: module,
        weightsHash: ofWeights ?? sourceHash,
        description: describe(module, facts, weights),
        options: { adapter: 'python', module, version, sourceHash },
      },
      declares: { codeLicense: facts.license ?? undefined },
      close: () => model.close(),
    }
  },
}

/** Only what the module has, so that whoever uses it sees what is missing. */
function functionsOf(model: PythonModel, { functions }: PythonFacts): HearModule {
  const module: Partial<HearModule> = {
    loadModel: () => model,
    ...(functions.timestamps && { getTimestampEmbeddings: (audio) => model.embedTimestamps(audio) }),
    ...(functions.scenes && { getSceneEmbeddings: (audio) => model.embedScenes(audio) }),
  }
  return module as HearModule
}

function describe(module: string, facts: PythonFacts, weights: string | undefined): string {
  const { version, library, python, device, executable } = facts
  const what = version === null ? module : `${module} ${version}`
  const from = weights === undefined ? '' : `, weights "${weights}"`
  return `${what}, Python ${python} with ${library} on ${device} (${executable})${from}`
}
