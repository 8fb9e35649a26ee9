import type { Check } from '../check.js'
import { checkEmbeddings, sceneForm, timestampForm } from '../embeddings-form.js'
import { checkTimestampsForm } from '../timestamp-times.js'
import type { Output } from './answers.js'

/** HEAR's models take audio of any length under 20 minutes, and tasks hold silent clips. */
const EDGES = [
  { where: '1 s of silence', lengthSec: 1, sounds: [{}, {}] },
  // Shorter than any clip of HEAR, and long enough for a frame of any model that takes its clips.
  { where: '0.3 s', lengthSec: 0.3, sounds: [{ noise: { peak: 0.5, seed: 23 } }] },
  { where: '10 ms', lengthSec: 0.01, sounds: [{ noise: { peak: 0.5, seed: 21 } }] },
  { where: 'one sample', nSamples: 1, sounds: [{ noise: { peak: 0.5, seed: 22 } }] },
]

export function edgesCheck(output: Output): Check {
  return {
    id: `edges-${output.kind}`,
    title: `${output.words} of silence, 0.3 s, 10 ms and one sample`,
    needs: ['loaded', output.offered, output.usable],
    audioSec: 2.3,
    async run(context) {
      for (const { where, lengthSec = 0, nSamples, sounds } of EDGES) {
        const audio = { ...context.audio(lengthSec, sounds), ...(nSamples === undefined ? {} : { nSamples }) }
        if (output.kind === 'scenes') {
          const asked = await context.ask('scenes', audio, where)
          if (asked === undefined) continue
          checkEmbeddings(context, asked.answer.embeddings, sceneForm(context, sounds.length, where))
          continue
        }
        const asked = await context.ask('timestamps', audio, where)
        if (asked === undefined) continue
        const form = timestampForm(context, sounds.length, where)
        const embeddings = checkEmbeddings(context, asked.answer.embeddings, form)
        if (embeddings === undefined) continue
        checkTimestampsForm(context, asked.answer.timestamps, embeddings, where)
        if (embeddings.dims[1] === 0)
          context.report('timestamps/none', {
            expected: 'at least one frame',
            received: 'none',
            where,
            // Audio shorter than half a frame may have no frame centre in it.
            severity: lengthSec <= 0.01 ? 'warning' : 'error',
          })
      }
    },
  }
}
