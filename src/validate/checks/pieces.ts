import type { Check, CheckContext } from '../check.js'
import { checkEqual, type Rows, rowsOf, variation } from '../difference.js'
import { checkEmbeddings, sceneForm, timestampForm } from '../embeddings-form.js'
import type { Observed } from '../observe.js'
import type { Sounds } from '../sounds.js'
import { checkTimes, checkTimestampsForm } from '../timestamp-times.js'

const NOISE = { noise: { peak: 0.5, seed: 41 } }
/** Beyond the last sample that decides on the first cut. */
const REST_SEC = 5
/** Of no whole number of noise loops or of usual pieces, so that nothing repeats. */
const SCENE_SEC = 3.7
/** A model whose first cut comes later is not looked at: HEAR has no longer audio, and a quick run no time. */
const LONGEST_SEC = { quick: 120, original: 120, full: 1200 }

/**
 * What a model says of pieces must hold. Audio that is cut is compared with a later part of the same audio, which is cut
 * elsewhere: frames that both have, away from the start of the part, are the same if no frame depends on more than the
 * model says.
 */
export const piecesCheck: Check = {
  id: 'pieces',
  title: 'audio that the model cuts into pieces has the embeddings of the whole',
  needs: ['loaded', 'timestampFunction', 'timestampEmbeddings', 'times', 'steadyTimestamps'],
  audioSec: 70,
  async run(context) {
    await checkFrames(context)
    await checkMeans(context)
  },
}

async function checkFrames(context: CheckContext): Promise<void> {
  const { pieces } = context.loaded!.declares
  if (pieces === undefined) return
  const { mostSamples, minSamples, haloSamples, alignSamples, alignFrames } = pieces
  const sampleRate = context.measured.sampleRate!
  const leadUnits = Math.ceil(haloSamples / alignSamples)
  const latestCut = Math.max(mostSamples, 2 * leadUnits * alignSamples, minSamples + alignSamples)
  const nSamples = latestCut + haloSamples + minSamples + REST_SEC * sampleRate
  if (nSamples > LONGEST_SEC[context.extent] * sampleRate) return
  // Neither piece nor half a piece: the cuts of the part lie elsewhere.
  const laterUnits = Math.max(1, Math.floor(nSamples / 4 / alignSamples))
  const firstSample = laterUnits * alignSamples
  const all = await framesOf(context, { sampleRate, nSamples, sounds: [NOISE] })
  const part = { sampleRate, nSamples: nSamples - firstSample, firstSample, sounds: [NOISE] }
  const later = await framesOf(context, part)
  if (all === undefined || later === undefined) return
  const from = leadUnits * alignFrames
  const frames = framesFrom(all, from + laterUnits * alignFrames)
  const same = framesFrom(later, from)
  const where = `frames of ${(nSamples / sampleRate).toFixed(1)} s`
  checkEqual(context, 'answers/depend-on-cuts', worstOf(frames, same), variation(frames), where)
}

/** Where scenes of audio that is cut are means of frames, those of audio that is not must be, too. */
async function checkMeans(context: CheckContext): Promise<void> {
  const { sceneEveryFrames } = context.loaded!.declares
  if (sceneEveryFrames === undefined || !context.established.has('steadyScenes')) return
  const where = `${SCENE_SEC} s`
  const audio = context.audio(SCENE_SEC, [NOISE])
  const frames = await framesOf(context, audio)
  const scenes = await context.ask('scenes', audio, where)
  const scene = scenes && checkEmbeddings(context, scenes.answer.embeddings, sceneForm(context, 1, where))
  if (frames === undefined || scene === undefined) return
  const pair = [rowsOf(scene), meanOfEvery(rowsOf(frames), sceneEveryFrames)] as const
  checkEqual(context, 'answers/depend-on-cuts', pair, variation(rowsOf(frames)), 'scenes')
}

async function framesOf(context: CheckContext, audio: Sounds): Promise<Observed | undefined> {
  const durationSec = audio.nSamples / audio.sampleRate
  const where = `${Number(durationSec.toFixed(1))} s`
  const asked = await context.ask('timestamps', audio, where)
  if (asked === undefined) return undefined
  const embeddings = checkEmbeddings(context, asked.answer.embeddings, timestampForm(context, 1, where))
  if (embeddings === undefined) return undefined
  const timestamps = checkTimestampsForm(context, asked.answer.timestamps, embeddings, where)
  if (timestamps === undefined) return undefined
  return checkTimes(context, timestamps, 1000 * durationSec, where) && embeddings
}

function framesFrom(tensor: Observed, frame: number): Rows {
  const { values, size } = rowsOf(tensor)
  return { values: values.subarray(frame * size), size }
}

/** The pair of frames that differ most, since few lie near a cut; all, where they are not as many. */
function worstOf(a: Rows, b: Rows): readonly [Rows, Rows] {
  if (a.values.length !== b.values.length) return [a, b]
  const { size } = a
  let [worst, most] = [0, -1]
  for (let at = 0; at < a.values.length; at += size) {
    let squares = 0
    for (let i = at; i < at + size; i++) squares += (a.values[i] - b.values[i]) ** 2
    if (squares > most) [worst, most] = [at, squares]
  }
  const row = ({ values }: Rows) => ({ values: values.subarray(worst, worst + size), size })
  return [row(a), row(b)]
}

function meanOfEvery({ values, size }: Rows, every: number): Rows {
  const mean = new Float64Array(size)
  const count = Math.ceil(values.length / size / every)
  for (let at = 0; at < values.length; at += every * size)
    for (let i = 0; i < size; i++) mean[i] += values[at + i] / count
  return { values: mean, size }
}
