import { type Check, msPerSec } from '../check.js'
import { checkEmbeddings, sceneForm, timestampForm } from '../embeddings-form.js'
import { checkTimes, checkTimestampsForm } from '../timestamp-times.js'

/** hear-validator's own lengths and batch sizes. */
const TIMESTAMP_LENGTHS_SEC = [1.07, 1.98, 4]
const TIMESTAMP_SOUNDS = 2
const SCENE_LENGTH_SEC = 2.74
const SCENE_SOUNDS = 4

export const timestampsCheck: Check = {
  id: 'timestamps',
  title: 'timestamp embeddings of 1.07, 1.98 and 4 s',
  original: true,
  needs: ['loaded', 'sampleRate', 'timestampFunction'],
  audioSec: TIMESTAMP_SOUNDS * TIMESTAMP_LENGTHS_SEC.reduce((a, b) => a + b),
  async run(context) {
    let [embeddingsFine, timesFine] = [true, true]
    for (const lengthSec of TIMESTAMP_LENGTHS_SEC) {
      const where = `${lengthSec} s`
      const asked = await context.ask('timestamps', context.audio(lengthSec, noises(TIMESTAMP_SOUNDS)), where)
      if (asked === undefined) {
        embeddingsFine = timesFine = false
        continue
      }
      const form = timestampForm(context, TIMESTAMP_SOUNDS, where)
      const embeddings = checkEmbeddings(context, asked.answer.embeddings, form)
      embeddingsFine &&= embeddings !== undefined && embeddings.dims[1] > 0
      const shaped = asked.answer.embeddings
      const owners = shaped.kind === 'tensor' && shaped.dims.length === 3 ? shaped : undefined
      const timestamps = checkTimestampsForm(context, asked.answer.timestamps, owners, where)
      const times = timestamps && checkTimes(context, timestamps, 1000 * lengthSec, where)
      timesFine &&= times !== undefined
      if (times === undefined) continue
      context.measured.hopMs = times.hopMs
      context.measured.firstTimestampMs = times.firstMs
    }
    if (embeddingsFine) context.established.add('timestampEmbeddings')
    if (embeddingsFine && timesFine) context.established.add('times')
  },
}

export const scenesCheck: Check = {
  id: 'scenes',
  title: 'scene embeddings of four sounds of 2.74 s',
  original: true,
  needs: ['loaded', 'sampleRate', 'sceneFunction'],
  audioSec: SCENE_SOUNDS * SCENE_LENGTH_SEC,
  async run(context) {
    const audio = context.audio(SCENE_LENGTH_SEC, noises(SCENE_SOUNDS))
    const where = `${SCENE_LENGTH_SEC} s`
    const asked = await context.ask('scenes', audio, where)
    if (asked === undefined) return
    const form = sceneForm(context, SCENE_SOUNDS, where)
    if (checkEmbeddings(context, asked.answer.embeddings, form) === undefined) return
    context.measured.sceneMsPerSec = msPerSec(asked.ms, audio)
    context.established.add('sceneEmbeddings')
  },
}

/** White noise over the whole range, as hear-validator sends it. */
function noises(nSounds: number) {
  return Array.from({ length: nSounds }, (_, i) => ({ noise: { peak: 1, seed: i + 1 } }))
}
