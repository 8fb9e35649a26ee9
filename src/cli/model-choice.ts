import { HearError, nearestName } from '../base/errors.js'
import type { HearModel, HearModule } from '../model/contract.js'
import { loadNaive, naiveBaseline } from '../model/naive-baseline.js'
import type { GemmKind } from '../num/gemm/gemm.js'
import type { EmbeddingSource } from '../store/embedding-json.js'

const BUILT_IN = ['naive']

/** A loaded model, and what to write of it beside its results. */
export interface ChosenModel {
  readonly module: HearModule
  readonly model: HearModel
  readonly identity: EmbeddingSource['model']
}

/**
 * Loads the model that `--model` names.
 * @throws HearError for a name that is none, and for weights that cannot be read.
 */
export async function chooseModel(
  name: string,
  weights: string | undefined,
  gemm: GemmKind | 'auto',
): Promise<ChosenModel> {
  if (!BUILT_IN.includes(name)) {
    const nearest = nearestName(name, BUILT_IN)
    throw new HearError(
      'cli/unknown-model',
      `Expected --model to be one of ${BUILT_IN.join(', ')}, found "${name}".`,
      {
        hint:
          nearest === undefined ? 'Try --model naive, the built-in baseline.' : `Did you mean "${nearest}"?`,
      },
    )
  }
  const model = await loadNaive(weights, { gemm })
  const { weightsHash, description } = model
  return {
    module: naiveBaseline as unknown as HearModule,
    model,
    identity: { name, weightsHash, description, options: {} },
  }
}
