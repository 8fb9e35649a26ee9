import { HearError } from '../base/errors.js'

/** Speakers by the bit that WAVEFORMATEXTENSIBLE gives each (mmreg.h, ksmedia.h). */
const FRONT_LEFT = 0x1
const FRONT_RIGHT = 0x2
const FRONT_CENTRE = 0x4
const LOW_FREQUENCY = 0x8
const BACK_LEFT = 0x10
const BACK_RIGHT = 0x20
const FRONT_LEFT_OF_CENTRE = 0x40
const FRONT_RIGHT_OF_CENTRE = 0x80
const BACK_CENTRE = 0x100
const SIDE_LEFT = 0x200
const SIDE_RIGHT = 0x400

/** ffmpeg's layouts for files that give a number of channels only (av_channel_layout_default): 1 to 8 channels. */
const DEFAULT_MASKS = [0x4, 0x3, 0xb, 0x107, 0x37, 0x3f, 0x70f, 0x63f]

/** What each speaker adds to mono, before all weights are scaled to the sum 1: swresample's own mix levels. */
const WEIGHTS = new Map([
  [FRONT_LEFT, Math.SQRT1_2],
  [FRONT_RIGHT, Math.SQRT1_2],
  [FRONT_CENTRE, 1],
  [LOW_FREQUENCY, 0],
  [BACK_LEFT, 0.5],
  [BACK_RIGHT, 0.5],
  [FRONT_LEFT_OF_CENTRE, Math.SQRT1_2],
  [FRONT_RIGHT_OF_CENTRE, Math.SQRT1_2],
  [BACK_CENTRE, 0.5],
  [SIDE_LEFT, 0.5],
  [SIDE_RIGHT, 0.5],
])
/** Speakers that a layout has both or none of. */
const PAIRS = [
  FRONT_LEFT | FRONT_RIGHT,
  BACK_LEFT | BACK_RIGHT,
  SIDE_LEFT | SIDE_RIGHT,
  FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE,
]

/** The speaker of each channel, in the order in which a file with this mask writes its channels. */
export function speakersOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((speaker) => (mask & speaker) !== 0)
}

/**
 * How much each channel adds to the mono mix that `ffmpeg -ac 1` makes of 16-bit output; the weights sum to 1.
 * Channels in the order of `speakerMask`; where it is 0 or names another number of speakers, ffmpeg's layout for
 * that number counts. One channel is always mono, whatever its speaker.
 *
 * @throws HearError for layouts that ffmpeg does not mix either: more than 8 channels of unknown speakers, one
 *   speaker of a pair, no front speakers.
 * Source: swresample's auto matrix (libswresample/rematrix.c, ffmpeg 5.1), measured in the tests.
 */
export function monoWeights(channels: number, speakerMask: number, name: string): Float64Array {
  if (channels === 1) return Float64Array.of(1)
  const isNamed = speakersOf(speakerMask).length === channels
  const mask = isNamed ? speakerMask : DEFAULT_MASKS[channels - 1]
  if (mask === undefined) throw unknownLayout(name, `${channels} channels without a layout of speakers`)
  const isLopsided = PAIRS.some((pair) => (mask & pair) !== 0 && (mask & pair) !== pair)
  const hasFront = (mask & (FRONT_LEFT | FRONT_RIGHT | FRONT_CENTRE)) !== 0
  if (isLopsided || !hasFront)
    throw unknownLayout(
      name,
      `channels for the speakers 0x${mask.toString(16)}, a layout without a mix to mono`,
    )
  const weights = speakersOf(mask).map((speaker) => WEIGHTS.get(speaker) ?? 0)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Float64Array.from(weights, (weight) => weight / sum)
}

function unknownLayout(name: string, what: string): HearError {
  return new HearError(
    'audio/unknown-layout',
    `"${name}" has ${what}; expected mono, stereo or surround sound.`,
    {
      hint: `Choose the channels yourself, e.g. the first: ffmpeg -i "${name}" -af pan=mono|c0=c0 -c:a pcm_s16le out.wav`,
    },
  )
}
