import type { HearModule } from './contract.js'
import type { ModelKind } from './model-kind.js'
import { loadNaive, naiveBaseline } from './naive-baseline.js'

/** `naive`: the built-in baseline. Its weights are a .npy of its projection, or a folder (see naiveWeights). */
export const naiveKind: ModelKind = {
  written: 'naive',
  answersTo: (name) => name === 'naive',
  async open(name, { weights, gemm = 'auto' }) {
    const model = await loadNaive(weights, { gemm })
    const { weightsHash, description } = model
    return {
      module: naiveBaseline as unknown as HearModule,
      model,
      identity: { name, weightsHash, description, options: {} },
      // The licence of this project; the projection is drawn from a seed.
      declares: { codeLicense: 'Apache-2.0', weightsLicense: 'Apache-2.0' },
      close: async () => {},
    }
  },
}
