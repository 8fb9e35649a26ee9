import { type Check, memoryText } from '../check.js'

/** HEAR's limit for 20 minutes of audio, weights and embeddings included: that of a GPU of 16 GB. */
export const MEMORY_LIMIT_BYTES = 16 * 2 ** 30

/** @param peak what the model took at most, so far. */
export function memoryCheck(
  peak: () => { readonly processBytes: number | null; readonly gpuBytes: number | null },
): Check {
  return {
    id: 'memory',
    title: 'memory stays under 16 GB',
    needs: ['loaded'],
    audioSec: 0,
    async run(context) {
      const { processBytes, gpuBytes } = peak()
      context.measured.peakMemoryBytes = processBytes
      context.measured.peakGpuMemoryBytes = gpuBytes
      const of = { process: processBytes, GPU: gpuBytes }
      for (const [name, bytes] of Object.entries(of))
        if (bytes !== null && bytes > MEMORY_LIMIT_BYTES)
          context.report('memory/over-limit', {
            expected: `at most ${memoryText(MEMORY_LIMIT_BYTES)}`,
            received: `${memoryText(bytes)} (${name})`,
          })
    },
  }
}

export const licencesCheck: Check = {
  id: 'licences',
  title: 'licences of code and weights are declared',
  needs: ['loaded'],
  audioSec: 0,
  async run(context) {
    const { codeLicense, weightsLicense } = context.loaded!.declares
    for (const [what, licence] of Object.entries({ code: codeLicense, weights: weightsLicense }))
      if (licence === undefined || licence.trim() === '')
        context.report('licence/missing', { expected: 'a licence', received: 'none', where: what })
  },
}
