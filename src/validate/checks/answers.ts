import type { Check, CheckContext, Foundation } from '../check.js'
import { checkEqual, type Rows, rmsDifference, rowsOf, rowsOfSound, variation } from '../difference.js'
import { checkEmbeddings, sceneForm, timestampForm } from '../embeddings-form.js'
import type { Observed } from '../observe.js'
import type { Sound } from '../sounds.js'

/** One of the two kinds of embedding, so that each check of answers is written once for both. */
export interface Output {
  readonly kind: 'timestamps' | 'scenes'
  readonly words: string
  readonly offered: Foundation
  readonly usable: Foundation
  readonly steady: Foundation
}

export const OUTPUTS: readonly Output[] = [
  {
    kind: 'timestamps',
    words: 'timestamp embeddings',
    offered: 'timestampFunction',
    usable: 'timestampEmbeddings',
    steady: 'steadyTimestamps',
  },
  {
    kind: 'scenes',
    words: 'scene embeddings',
    offered: 'sceneFunction',
    usable: 'sceneEmbeddings',
    steady: 'steadyScenes',
  },
]

/** Sounds as different as can be; the last is quiet, so that a loud neighbour's scaling shows. */
const NOISE: Sound = { noise: { peak: 0.5, seed: 11 } }
const TONE: Sound = { tone: { peak: 0.4, hz: 440 }, noise: { peak: 0.02, seed: 12 } }
const QUIET: Sound = { tone: { peak: 0.01, hz: 1200 }, noise: { peak: 0.005, seed: 13 } }
const LENGTH_SEC = 1.5

/** The embeddings of some sounds in one call, if they are of use; what is wrong with them is reported. */
export async function embed(
  context: CheckContext,
  { kind }: Output,
  sounds: readonly Sound[],
  lengthSec: number,
  where: string,
): Promise<Observed | undefined> {
  const asked = await context.ask(kind, context.audio(lengthSec, sounds), where)
  if (asked === undefined) return undefined
  const form = kind === 'timestamps' ? timestampForm : sceneForm
  return checkEmbeddings(context, asked.answer.embeddings, form(context, sounds.length, where))
}

export function repeatCheck(output: Output): Check {
  return {
    id: `repeat-${output.kind}`,
    title: `${output.words} are the same in every call`,
    needs: ['loaded', output.offered, output.usable],
    audioSec: 3 * LENGTH_SEC * 2,
    async run(context) {
      const first = await embed(context, output, [NOISE, TONE], LENGTH_SEC, 'first call')
      // Another sound between them, whose traces would show.
      const between = await embed(context, output, [QUIET, NOISE], LENGTH_SEC, 'call between')
      const second = await embed(context, output, [NOISE, TONE], LENGTH_SEC, 'second call')
      if (first === undefined || between === undefined || second === undefined) return
      const pair = [rowsOf(first), rowsOf(second)] as const
      const scale = variation(rowsOf(first))
      if (checkEqual(context, 'answers/change-between-calls', pair, scale, 'second call'))
        context.established.add(output.steady)
    },
  }
}

export function batchCheck(output: Output): Check {
  const sounds = [NOISE, TONE, QUIET]
  return {
    id: `batch-${output.kind}`,
    title: `${output.words} do not depend on the rest of the batch`,
    needs: ['loaded', output.offered, output.usable, output.steady],
    audioSec: 3 * sounds.length * LENGTH_SEC,
    async run(context) {
      const together = await embed(context, output, sounds, LENGTH_SEC, 'three sounds')
      if (together === undefined) return
      const scale = variation(rowsOf(together))
      for (const [i, sound] of sounds.entries()) {
        const alone = await embed(context, output, [sound], LENGTH_SEC, `sound ${i + 1} alone`)
        if (alone === undefined) continue
        const pair = [rowsOfSound(together, i), rowsOf(alone)] as const
        checkEqual(context, 'answers/depend-on-neighbours', pair, scale, `sound ${i + 1}`)
      }
      const reversed = await embed(
        context,
        output,
        sounds.toReversed(),
        LENGTH_SEC,
        'three sounds, last first',
      )
      if (reversed === undefined) return
      for (let i = 0; i < sounds.length; i++) {
        const pair = [rowsOfSound(together, i), rowsOfSound(reversed, sounds.length - 1 - i)] as const
        checkEqual(context, 'answers/depend-on-order', pair, scale, `sound ${i + 1}`)
      }
    },
  }
}

export function inputCheck(output: Output): Check {
  return {
    id: `input-${output.kind}`,
    title: `${output.words} depend on the sound`,
    needs: ['loaded', output.offered, output.usable, output.steady],
    audioSec: 2 * LENGTH_SEC,
    async run(context) {
      const noise = await embed(context, output, [NOISE], LENGTH_SEC, 'noise')
      const tone = await embed(context, output, [TONE], LENGTH_SEC, 'tone')
      if (noise === undefined || tone === undefined) return
      const difference = rmsDifference(rowsOf(noise), rowsOf(tone))
      // As much as float32 rounding makes of two equal answers.
      if (difference !== undefined && difference <= 1e-5 * rms(rowsOf(noise)))
        context.report('answers/ignore-input', {
          expected: 'different embeddings of noise and of a tone',
          received: difference === 0 ? 'the same ones' : 'the same ones, up to rounding',
        })
    },
  }
}

function rms({ values }: Rows): number {
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += values[i] ** 2
  return Math.sqrt(squares / values.length)
}
