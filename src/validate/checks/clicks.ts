import { type Check, type CheckContext, msPerSec } from '../check.js'
import { checkEmbeddings, sceneForm, timestampForm } from '../embeddings-form.js'
import { type ClickResponse, locateClicks } from '../locate-clicks.js'
import type { Observed } from '../observe.js'
import { checkTimes, checkTimestampsForm, ms } from '../timestamp-times.js'

/**
 * Noise under the clicks, loud enough that they add to the sound without becoming all of it: a model that normalises
 * or takes logarithms then answers in proportion, where the click is, and not over all that it hears.
 */
const BACKGROUND = { noise: { peak: 0.3, seed: 31 } }
/** Clicks on one another, so that both sounds reach full scale: a model may divide a sound by its peak. */
const FULL_SCALE_MS = [500, 500, 500]
/**
 * Clicks of a group lie at as many places between two timestamps, so that the hop does not bias their mean, and at no
 * common place in a block of one or a few seconds.
 */
const CLICKS = 8
const FIRST_MS = 3000
const SPACING_MS = 3370
/** Less than half of the spacing. */
const REACH_MS = 1400
const SHORT_SEC = 30
const LONG_SEC = 1200

/**
 * The clicks at the end come so long after those at the start: a multiple of most hops and blocks, so that both groups
 * lie alike in them.
 */
const LATER_MS = 1_170_000

/**
 * A click is off centre from this time on, or this share of a hop or of its spread if that is more; from half as much
 * on it is a little off. A timestamp at the edge of its frame is off by half a window, about 1.1 times the spread.
 */
const OFF_CENTRE_MS = 20
const OFF_CENTRE_HOPS = 0.45
const OFF_CENTRE_SPREADS = 0.5
/** The same for drift over 20 minutes; a hop rounded to whole samples drifts by tens to hundreds of ms. */
const DRIFT_MS = 10
const DRIFT_SPREADS = 0.25

export const clicksCheck: Check = {
  id: 'clicks',
  title: 'a click shows where the timestamps say',
  needs: ['loaded', 'timestampFunction', 'timestampEmbeddings', 'times', 'steadyTimestamps'],
  audioSec: 2 * SHORT_SEC,
  async run(context) {
    const clicksMs = clickTimes(context)
    const where = `${SHORT_SEC} s`
    const changes = await changesAt(context, SHORT_SEC, clicksMs, where)
    if (changes === undefined) return
    if (checkTimes(context, changes.timestamps, 1000 * SHORT_SEC, where) === undefined) return
    const response = locateClicks(changes.timesMs, changes.distances, clicksMs, REACH_MS)
    if (response === undefined) return reportUnseen(context)
    const offsetMs = leastOffset(response)
    context.measured.clickOffsetMs = offsetMs
    context.measured.clickSpreadMs = response.spreadMs
    const limitMs = Math.max(
      OFF_CENTRE_MS,
      OFF_CENTRE_HOPS * context.measured.hopMs!,
      OFF_CENTRE_SPREADS * response.spreadMs,
    )
    if (Math.abs(offsetMs) <= limitMs / 2) return
    context.report('timestamps/off-centre', {
      expected: `a click within ${ms(limitMs / 2)} of its time`,
      received: `${ms(Math.abs(offsetMs))} too ${offsetMs > 0 ? 'late' : 'early'}`,
      severity: Math.abs(offsetMs) > limitMs ? 'error' : 'warning',
    })
  },
}

export const longTimestampsCheck: Check = {
  id: 'long-timestamps',
  title: 'timestamp embeddings of 20 minutes, without drift',
  long: true,
  needs: ['loaded', 'timestampFunction', 'timestampEmbeddings', 'times', 'steadyTimestamps'],
  audioSec: 2 * LONG_SEC,
  async run(context) {
    const earlyMs = clickTimes(context)
    const lateMs = earlyMs.map((timeMs) => timeMs + LATER_MS)
    const changes = await changesAt(context, LONG_SEC, [...earlyMs, ...lateMs], '20 minutes')
    if (changes === undefined) return
    checkTimes(context, changes.timestamps, 1000 * LONG_SEC, '20 minutes')
    const early = locateClicks(changes.timesMs, changes.distances, earlyMs, REACH_MS)
    const late = locateClicks(changes.timesMs, changes.distances, lateMs, REACH_MS)
    if (early === undefined) return reportUnseen(context)
    // Where the first are seen and the last are not, they have drifted out of reach.
    const driftMs = late === undefined ? null : late.centroidMs - early.centroidMs
    context.measured.driftMs = driftMs
    const limitMs = Math.max(DRIFT_MS, DRIFT_SPREADS * early.spreadMs)
    if (driftMs !== null && Math.abs(driftMs) <= limitMs) return
    const received =
      driftMs === null
        ? `more than ${ms(REACH_MS)}`
        : `${ms(Math.abs(driftMs))} too ${driftMs > 0 ? 'late' : 'early'}`
    const expected = `clicks at the end of 20 minutes as near to their times as at the start, within ${ms(limitMs)}`
    context.report('timestamps/drift', { expected, received, where: '20 minutes' })
  },
}

export const longScenesCheck: Check = {
  id: 'long-scenes',
  title: 'a scene embedding of 20 minutes',
  long: true,
  needs: ['loaded', 'sceneFunction', 'sceneEmbeddings'],
  audioSec: LONG_SEC,
  async run(context) {
    const audio = context.audio(LONG_SEC, [{ noise: { peak: 0.3, seed: 32 } }])
    const asked = await context.ask('scenes', audio, '20 minutes')
    if (asked === undefined) return
    checkEmbeddings(context, asked.answer.embeddings, sceneForm(context, 1, '20 minutes'))
    context.measured.sceneMsPerSec = msPerSec(asked.ms, audio)
  },
}

interface Changes {
  readonly timestamps: Observed
  readonly timesMs: NonNullable<Observed['data']>
  readonly distances: Float64Array
}

/** Times of clicks, evenly spread over the phases of the model's own grid of timestamps. */
function clickTimes(context: CheckContext): number[] {
  const { hopMs, firstTimestampMs } = context.measured
  return Array.from({ length: CLICKS }, (_, k) => {
    const frame = Math.round((FIRST_MS + k * SPACING_MS - firstTimestampMs!) / hopMs!)
    return firstTimestampMs! + (frame + k / CLICKS) * hopMs!
  })
}

/** How much clicks change each frame; also checks the form of the answer, which is longer than others. */
async function changesAt(
  context: CheckContext,
  durationSec: number,
  clicksMs: readonly number[],
  where: string,
): Promise<Changes | undefined> {
  const from = context.audio(durationSec, [{ ...BACKGROUND, clicksMs: FULL_SCALE_MS }])
  const to = { ...from, sounds: [{ ...BACKGROUND, clicksMs: [...FULL_SCALE_MS, ...clicksMs] }] }
  const asked = await context.ask('changes', { from, to }, where)
  if (asked === undefined) return undefined
  const { answer } = asked
  const embeddings = checkEmbeddings(context, answer.embeddings, timestampForm(context, 1, where))
  const timestamps = checkTimestampsForm(context, answer.timestamps, embeddings, where)
  if (embeddings === undefined || timestamps === undefined) return undefined
  context.measured.timestampMsPerSec = msPerSec(answer.callMs, from)
  if (answer.distances === undefined) {
    const expected = 'as many frames for every sound of one length'
    context.report('answers/change-between-calls', { expected, received: 'another number', where })
    return undefined
  }
  if (answer.distances.some(Number.isNaN)) {
    const expected = 'finite numbers'
    context.report('embeddings/not-finite', { expected, received: 'NaN', where: `${where} with clicks` })
    return undefined
  }
  return { timestamps, timesMs: timestamps.data!, distances: answer.distances }
}

/**
 * The smaller of two honest measures: a model that looks back in time smears a click over what follows it, but is
 * changed most by the click itself; one that looks at blocks has no clear peak, but a centre.
 */
function leastOffset({ centroidMs, peakMs }: ClickResponse): number {
  return Math.abs(centroidMs) < Math.abs(peakMs) ? centroidMs : peakMs
}

function reportUnseen(context: CheckContext): void {
  const expected = 'embeddings that change most near a click'
  context.report('timestamps/click-unseen', { expected, received: 'none that stand out' })
}
