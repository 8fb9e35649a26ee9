import type { Random } from '../../num/random.js'
import { breakpoints, type Canvas, type Sound } from './canvas.js'
import { addNoiseBand } from './noise.js'
import { addPartials } from './partials.js'
import { phonesOf, type SpeechTarget, targetsOf } from './phones.js'
import { drawVoice, speechSound } from './speech.js'

/** Draws one sound of a kind at random; each is audible from its first few milliseconds to near its end. */
type SoundMaker = (random: Random) => Sound

/** The kinds of sound in the event miniature, by label. */
export const OFFICE_SOUNDS: Readonly<Record<string, SoundMaker>> = {
  cough,
  doorslam,
  drawer,
  keyboard,
  keys,
  knock,
  laughter,
  pageturn,
  phone,
  speech,
  switch: lightSwitch,
}

const SYLLABLES = ['ba', 'do', 'ke', 'li', 'mu', 'na', 'po', 'ri', 'sa', 'te', 'shu', 'wi', 'go', 'fe']

/** A part of a sound: where it starts within it, and how to draw it there. */
interface Part {
  readonly atSec: number
  draw(canvas: Canvas, startSec: number, gain: number): void
}

function soundOf(durationSec: number, parts: readonly Part[]): Sound {
  return {
    durationSec,
    draw(canvas, startSec, gain) {
      for (const part of parts) part.draw(canvas, startSec + part.atSec, gain)
    },
  }
}

/** Something hit: partials that ring down together, the higher ones faster. */
function ring(
  atSec: number,
  lastsSec: number,
  modesHz: readonly number[],
  decaySec: number,
  level: number,
): Part {
  return {
    atSec,
    draw: (canvas, startSec, gain) =>
      addPartials(canvas, startSec, lastsSec, {
        count: modesHz.length,
        frequencyHz: (k) => modesHz[k],
        amplitude: (k, t) =>
          (gain * level * Math.exp((-t / decaySec) * (1 + 0.4 * k)) * fadeOut(t, lastsSec)) / (1 + 0.5 * k),
      }),
  }
}

/** A burst of noise that falls by 1/e in each decaySec. */
function burst(
  random: Random,
  atSec: number,
  lastsSec: number,
  band: { centerHz: number; bandwidthHz: number; decaySec: number; level: number },
): Part {
  const seed = `burst ${random.nextUint32()}`
  return {
    atSec,
    draw: (canvas, startSec, gain) =>
      addNoiseBand(canvas, startSec, lastsSec, {
        seed,
        centerHz: () => band.centerHz,
        bandwidthHz: band.bandwidthHz,
        rms: (t) => gain * band.level * Math.exp(-t / band.decaySec) * fadeOut(t, lastsSec),
      }),
  }
}

/** Friction: noise that lasts, with a moving centre and strength. */
function friction(
  random: Random,
  lastsSec: number,
  bandwidthHz: number,
  centerHz: (t: number) => number,
  rms: (t: number) => number,
): Part {
  const seed = `friction ${random.nextUint32()}`
  return {
    atSec: 0,
    draw: (canvas, startSec, gain) =>
      addNoiseBand(canvas, startSec, lastsSec, { seed, centerHz, bandwidthHz, rms: (t) => gain * rms(t) }),
  }
}

/** 1, falling to 0 over the last 8 ms, so that nothing ends in a click. */
function fadeOut(t: number, lastsSec: number): number {
  return Math.max(0, Math.min(1, (lastsSec - t) / 0.008))
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** Times of n strokes with the given gaps, the first at 0. */
function strokes(random: Random, n: number, leastGapSec: number, mostGapSec: number): number[] {
  const times = [0]
  while (times.length < n) times.push(times[times.length - 1] + between(random, leastGapSec, mostGapSec))
  return times
}

function knock(random: Random): Sound {
  const times = strokes(random, 3 + random.int(3), 0.11, 0.18)
  const base = between(random, 170, 380)
  const modes = [1, 1.8, 2.9, 4.3].map((ratio) => base * ratio * between(random, 0.95, 1.05))
  const parts = times.flatMap((at) => {
    const level = between(random, 0.7, 1)
    return [
      ring(at, 0.16, modes, 0.06, 0.5 * level),
      burst(random, at, 0.03, { centerHz: 1500, bandwidthHz: 2500, decaySec: 0.006, level: 0.4 * level }),
    ]
  })
  return soundOf(times[times.length - 1] + 0.16, parts)
}

function keyboard(random: Random): Sound {
  const times = strokes(random, 6 + random.int(6), 0.07, 0.13)
  const centerHz = between(random, 2200, 4200)
  const parts = times.flatMap((at) => {
    const press = { centerHz: centerHz * between(random, 0.85, 1.15), bandwidthHz: 2500, decaySec: 0.015 }
    const level = between(random, 0.5, 1)
    return [
      burst(random, at, 0.04, { ...press, level }),
      burst(random, at + 0.05, 0.03, { ...press, centerHz: press.centerHz * 1.3, level: 0.35 * level }),
      ring(at, 0.05, [between(random, 350, 600)], 0.015, 0.2 * level),
    ]
  })
  return soundOf(times[times.length - 1] + 0.08, parts)
}

/** Flipped a few times, as one does with a lamp that will not light; one flip is too short for any event metric. */
function lightSwitch(random: Random): Sound {
  const times = strokes(random, 4 + random.int(3), 0.07, 0.12)
  const baseHz = between(random, 1300, 2600)
  const parts = times.flatMap((at) => [
    ring(at, 0.05, [baseHz, baseHz * 1.7], 0.015, 0.6),
    burst(random, at, 0.03, { centerHz: 5000, bandwidthHz: 4000, decaySec: 0.005, level: 0.6 }),
  ])
  return soundOf(times[times.length - 1] + 0.05, parts)
}

function phone(random: Random): Sound {
  const durationSec = between(random, 0.8, 1.6)
  const low = between(random, 700, 1300)
  const high = low * between(random, 1.2, 1.4)
  const warbleSec = between(random, 0.035, 0.06)
  const harmonics = 4
  return soundOf(durationSec, [
    {
      atSec: 0,
      draw: (canvas, startSec, gain) =>
        addPartials(canvas, startSec, durationSec, {
          count: harmonics,
          frequencyHz: (k, t) => (k + 1) * (Math.floor(t / warbleSec) % 2 === 0 ? low : high),
          amplitude: (k, t) =>
            ((0.5 * gain) / (k + 1)) * Math.min(1, (t + 0.002) / 0.006) * fadeOut(t, durationSec),
        }),
    },
  ])
}

function keys(random: Random): Sound {
  const times = strokes(random, 12 + random.int(10), 0.02, 0.07)
  const parts = times.map((at) => {
    const modes = Array.from({ length: 4 }, () => between(random, 2500, 7000))
    return ring(at, 0.12, modes, between(random, 0.02, 0.05), between(random, 0.3, 0.7))
  })
  return soundOf(times[times.length - 1] + 0.12, parts)
}

function doorslam(random: Random): Sound {
  const lastsSec = between(random, 0.35, 0.6)
  const base = between(random, 55, 95)
  return soundOf(lastsSec, [
    ring(0, lastsSec, [base, base * 1.9, base * 2.7, base * 4.1], 0.14, 0.6),
    burst(random, 0, lastsSec, { centerHz: 350, bandwidthHz: 700, decaySec: 0.07, level: 0.7 }),
    burst(random, 0, 0.06, { centerHz: 2500, bandwidthHz: 4000, decaySec: 0.012, level: 0.4 }),
  ])
}

function drawer(random: Random): Sound {
  const slideSec = between(random, 0.5, 0.9)
  const startHz = between(random, 350, 600)
  const endHz = startHz * between(random, 1.8, 2.8)
  const rattleHz = between(random, 14, 24)
  const sweep = breakpoints([0, startHz], [slideSec, endHz])
  const strength = breakpoints([0, 0.35], [0.02, 0.35], [slideSec, 0.6])
  return soundOf(slideSec + 0.15, [
    friction(
      random,
      slideSec,
      500,
      sweep,
      (t) => strength(t) * (0.75 + 0.25 * Math.sin(2 * Math.PI * rattleHz * t)),
    ),
    ring(slideSec, 0.15, [130, 290, 520], 0.045, 0.7),
    burst(random, slideSec, 0.05, { centerHz: 1800, bandwidthHz: 2500, decaySec: 0.012, level: 0.4 }),
  ])
}

function pageturn(random: Random): Sound {
  const lastsSec = between(random, 0.35, 0.7)
  const startHz = between(random, 1400, 2200)
  const endHz = between(random, 4000, 5600)
  const crackleHz = between(random, 25, 45)
  const strength = breakpoints([0, 0.35], [lastsSec * 0.3, 0.45], [lastsSec * 0.8, 0.6], [lastsSec, 0])
  return soundOf(lastsSec, [
    friction(
      random,
      lastsSec,
      2600,
      breakpoints([0, startHz], [lastsSec, endHz]),
      (t) => strength(t) * (0.6 + 0.4 * Math.abs(Math.sin(Math.PI * crackleHz * t))),
    ),
  ])
}

function cough(random: Random): Sound {
  const voice = drawVoice(random)
  const bursts = 1 + random.int(2)
  const parts: Part[] = []
  for (let i = 0; i < bursts; i++) {
    const atSec = i * 0.34
    const formantsHz = [650, 1350, 2500] as const
    const tail = speechSound(
      [
        { durationSec: 0.07, formantsHz, voice: 0.15, breath: 0.9 },
        { durationSec: 0.16, formantsHz, voice: 0.5, breath: 0.25 },
      ],
      { ...voice, pace: 1, melody: 0.5 },
      random,
    )
    parts.push({ atSec, draw: (canvas, startSec, gain) => tail.draw(canvas, startSec, gain * 0.6) })
    parts.push(burst(random, atSec, 0.1, { centerHz: 1100, bandwidthHz: 1800, decaySec: 0.03, level: 0.8 }))
  }
  return soundOf((bursts - 1) * 0.34 + 0.24, parts)
}

function laughter(random: Random): Sound {
  const formantsHz = [680, 1300, 2500] as const
  const ha: SpeechTarget[] = [
    { durationSec: 0.11, formantsHz, voice: 1 },
    { durationSec: 0.08, formantsHz, voice: 0, breath: 0.3 },
  ]
  return voiced(Array.from({ length: 4 + random.int(3) }, () => ha).flat(), random)
}

function speech(random: Random): Sound {
  const syllables = Array.from({ length: 3 + random.int(3) }, () => SYLLABLES[random.int(SYLLABLES.length)])
  const targets = syllables.flatMap((syllable, i) =>
    phonesOf(syllable).flatMap((one) => targetsOf(one, i % 2 === 0)),
  )
  // A stop begins with silence; the sound begins where it can be heard.
  while (targets[0].voice < 0.3 && targets[0].friction === undefined) targets.shift()
  return voiced(targets, random)
}

function voiced(targets: readonly SpeechTarget[], random: Random): Sound {
  const sound = speechSound(targets, drawVoice(random), random)
  return { ...sound, draw: (canvas, startSec, gain) => sound.draw(canvas, startSec, gain * 0.35) }
}
