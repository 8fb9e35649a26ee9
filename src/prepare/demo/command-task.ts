import { Random } from '../../num/random.js'
import { compareCodePoints } from '../../store/label-files.js'
import { emptyCanvas, scaleToPeak } from './canvas.js'
import { type DemoClip, type DemoSplit, type DemoTask, demoMetadata, vocabularyOf } from './demo-task.js'
import { addRecordingNoise, NOISE_COLOURS } from './noise.js'
import { phonesOf, targetsOf } from './phones.js'
import { drawVoice, speechSound, type Voice } from './speech.js'

const COMMANDS = 'fafu goro kuzu leya nimi pala sasha shiki sosi tefe'.split(' ')
const OTHER_WORDS = 'bina mosu tafe hulo sirk gepa zudo vamil shoni rute falo gimu'.split(' ')
const SILENCE = '_silence_'
const UNKNOWN = '_unknown_'
const DURATION_SEC = 1
const MICROPHONE_RMS = 0.08

interface SplitSize {
  readonly split: DemoSplit
  /** Every voice says every command once. */
  readonly voices: number
  readonly unknown: number
  readonly silence: number
}
const SPLIT_SIZES: readonly SplitSize[] = [
  { split: 'train', voices: 24, unknown: 24, silence: 20 },
  { split: 'valid', voices: 5, unknown: 6, silence: 5 },
  { split: 'test', voices: 10, unknown: 12, silence: 10 },
]

/**
 * A miniature of speech_commands: ten made-up words, other words and silence, in 1 s clips with background noise,
 * spoken by synthetic voices. Every label is in every split; no voice is in two.
 */
export function planCommandTask(seed: number): DemoTask {
  const clips: DemoClip[] = []
  let voiceIndex = 0
  for (const { split, voices: count, unknown, silence } of SPLIT_SIZES) {
    const random = new Random(`demo_commands ${seed} ${split}`)
    const voices = Array.from({ length: count }, () => ({
      voiceName: `voice${String(voiceIndex++).padStart(2, '0')}`,
      voice: drawVoice(random),
    }))
    for (const voice of voices)
      for (const word of COMMANDS) clips.push(planWord(seed, split, { ...voice, word, label: word, take: 0 }))
    for (let take = 0; take < unknown; take++) {
      const word = OTHER_WORDS[take % OTHER_WORDS.length]
      clips.push(planWord(seed, split, { ...voices[random.int(count)], word, label: UNKNOWN, take }))
    }
    for (let i = 0; i < silence; i++) clips.push(planSilence(seed, split, i))
  }
  clips.sort((a, b) => compareCodePoints(a.fileName, b.fileName))
  return {
    metadata: demoMetadata({
      taskName: 'demo_commands',
      embeddingType: 'scene',
      predictionType: 'multiclass',
      sampleDurationSec: DURATION_SEC,
      evaluation: ['top1_acc'],
      seed,
    }),
    vocabulary: vocabularyOf(clips),
    clips,
  }
}

interface SpokenWord {
  readonly word: string
  readonly label: string
  readonly voiceName: string
  readonly voice: Voice
  readonly take: number
}

/** Named as Speech Commands names its files: label, speaker, take. */
function planWord(
  seed: number,
  split: DemoSplit,
  { word, label, voiceName, voice, take }: SpokenWord,
): DemoClip {
  const name = `${word}_${voiceName}_nohash_${take}`
  const random = new Random(`demo_commands ${seed} ${name}`)
  const phones = phonesOf(word)
  const stressed = phones.findIndex((phone) => 'aeiou'.includes(phone))
  const speech = speechSound(
    phones.flatMap((phone, i) => targetsOf(phone, i === stressed)),
    voice,
    random,
  )
  const startSec = Math.max(0, DURATION_SEC - speech.durationSec) * random.uniform()
  const noise = {
    seed: `demo_commands ${seed} ${name}`,
    colour: NOISE_COLOURS[random.int(NOISE_COLOURS.length)],
    rms: 0.002 + 0.01 * random.uniform(),
    microphoneRms: MICROPHONE_RMS,
  }
  const peak = 0.5 + 0.25 * random.uniform()
  return {
    split,
    fileName: `${name}.wav`,
    source: voiceName,
    labels: [label],
    draw(sampleRate) {
      const canvas = emptyCanvas(DURATION_SEC, sampleRate)
      speech.draw(canvas, startSec, 0.3)
      scaleToPeak(canvas, peak)
      addRecordingNoise(canvas, noise)
      return canvas
    },
  }
}

/** Nothing but noise, from faint to louder than a word. */
function planSilence(seed: number, split: DemoSplit, index: number): DemoClip {
  const colour = NOISE_COLOURS[index % NOISE_COLOURS.length]
  const name = `${SILENCE}_${split}_${colour}-${index}`
  const noiseSeed = `demo_commands ${seed} ${name}`
  const rms = 10 ** ((-48 + 30 * new Random(noiseSeed).uniform()) / 20)
  return {
    split,
    fileName: `${name}.wav`,
    source: `noise of ${split}`,
    labels: [SILENCE],
    draw(sampleRate) {
      const canvas = emptyCanvas(DURATION_SEC, sampleRate)
      addRecordingNoise(canvas, { seed: noiseSeed, colour, rms, microphoneRms: MICROPHONE_RMS })
      return canvas
    },
  }
}
