import { HearError } from '../../base/errors.js'

/** A stretch of speech with one target of the vocal tract; levels are against a full vowel. */
export interface SpeechTarget {
  readonly durationSec: number
  /** First three formants in Hz, of a vocal tract of length 1. */
  readonly formantsHz: readonly [number, number, number]
  /** Level of the voice. */
  readonly voice: number
  /** Level of turbulence at a constriction, and where its energy lies. */
  readonly friction?: { readonly level: number; readonly centerHz: number; readonly bandwidthHz: number }
  /** Level of breath through the whole tract. */
  readonly breath?: number
}

type Formants = SpeechTarget['formantsHz']

/** Vowels after Peterson and Barney, "Control methods used in a study of the vowels" (1952), rounded. */
const VOWELS: Readonly<Record<string, Formants>> = {
  a: [730, 1150, 2440],
  e: [500, 1850, 2480],
  i: [280, 2250, 2950],
  o: [500, 900, 2400],
  u: [310, 870, 2240],
}

/** Consonants that are voiced throughout: formants and level. */
const SONORANTS: Readonly<Record<string, readonly [Formants, number]>> = {
  m: [[250, 1000, 2200], 0.35],
  n: [[250, 1500, 2500], 0.35],
  l: [[360, 1300, 2700], 0.5],
  r: [[420, 1250, 1650], 0.5],
  w: [[300, 650, 2200], 0.5],
  y: [[270, 2200, 3000], 0.5],
}

/** Centre, bandwidth and level of the turbulence, and level of the voice. */
const FRICATIVES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  s: [5600, 2500, 0.35, 0],
  sh: [2900, 1500, 0.4, 0],
  f: [4200, 5000, 0.12, 0],
  z: [5400, 2500, 0.2, 0.25],
  v: [3800, 4500, 0.06, 0.3],
}

/** Centre and bandwidth of the burst, whether voiced, and the tract at the moment of closure. */
const STOPS: Readonly<Record<string, readonly [number, number, boolean, Formants]>> = {
  p: [900, 1400, false, [250, 800, 2200]],
  t: [4300, 2800, false, [250, 1750, 2700]],
  k: [2000, 1100, false, [250, 1950, 2300]],
  b: [800, 1200, true, [250, 800, 2200]],
  d: [3800, 2600, true, [250, 1750, 2700]],
  g: [1900, 1000, true, [250, 1950, 2300]],
}

/** Splits a word into the phones of this table; `sh` is one phone. */
export function phonesOf(word: string): string[] {
  return word.match(/sh|./g) ?? []
}

/**
 * The targets of one phone at normal speed.
 * @param stressed a stressed vowel is longer and louder
 * @throws HearError for a phone that the table does not have
 */
export function targetsOf(phone: string, stressed: boolean): SpeechTarget[] {
  if (phone in VOWELS)
    return [{ durationSec: stressed ? 0.27 : 0.22, formantsHz: VOWELS[phone], voice: stressed ? 1 : 0.7 }]
  if (phone in SONORANTS) {
    const [formantsHz, voice] = SONORANTS[phone]
    return [{ durationSec: 0.1, formantsHz, voice }]
  }
  if (phone in FRICATIVES) {
    const [centerHz, bandwidthHz, level, voice] = FRICATIVES[phone]
    const friction = { level, centerHz, bandwidthHz }
    return [{ durationSec: 0.13, formantsHz: [300, 1500, 2500], voice, friction }]
  }
  if (phone in STOPS) {
    const [centerHz, bandwidthHz, voiced, formantsHz] = STOPS[phone]
    const burst = { level: voiced ? 0.25 : 0.4, centerHz, bandwidthHz }
    return [
      { durationSec: 0.06, formantsHz, voice: voiced ? 0.1 : 0 },
      { durationSec: 0.015, formantsHz, voice: voiced ? 0.1 : 0, friction: burst },
      { durationSec: voiced ? 0.01 : 0.035, formantsHz, voice: voiced ? 0.4 : 0, breath: voiced ? 0 : 0.15 },
    ]
  }
  if (phone === 'h') return [{ durationSec: 0.07, formantsHz: [600, 1400, 2500], voice: 0, breath: 0.25 }]
  throw new HearError('prepare/unknown-phone', `There is no phone "${phone}" to speak.`, {
    hint: `Known: ${[VOWELS, SONORANTS, FRICATIVES, STOPS].flatMap((table) => Object.keys(table)).join(' ')} h.`,
  })
}
