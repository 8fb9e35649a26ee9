import { Random } from '../../num/random.js'
import { compareCodePoints } from '../../store/label-files.js'
import { emptyCanvas, scaleToPeak } from './canvas.js'
import { type DemoClip, type DemoSplit, type DemoTask, demoMetadata, vocabularyOf } from './demo-task.js'
import { drawInstrument, FAMILY_NAMES, type Instrument, noteSound } from './instruments.js'
import { addRecordingNoise, NOISE_COLOURS } from './noise.js'

const LOWEST_PITCH = 21
const HIGHEST_PITCH = 108
const DURATION_SEC = 1
const MICROPHONE_RMS = 0.07
const VELOCITIES = [25, 50, 75, 100, 127]

interface SplitSize {
  readonly split: DemoSplit
  readonly instruments: number
  /** How many of the instruments play each note. */
  readonly playersOfNote: number
}
const SPLIT_SIZES: readonly SplitSize[] = [
  { split: 'train', instruments: 10, playersOfNote: 2 },
  { split: 'valid', instruments: 5, playersOfNote: 1 },
  { split: 'test', instruments: 5, playersOfNote: 2 },
]

/**
 * A miniature of nsynth_pitch: one note a clip, MIDI 21 to 108, played by synthetic instruments of five
 * families. Every note is in every split; no instrument is in two.
 */
export function planPitchTask(seed: number): DemoTask {
  const clips: DemoClip[] = []
  let instrumentIndex = 0
  for (const { split, instruments: count, playersOfNote } of SPLIT_SIZES) {
    const random = new Random(`demo_pitch ${seed} ${split}`)
    const instruments = Array.from({ length: count }, (_, i) =>
      drawInstrument(random, FAMILY_NAMES[i % FAMILY_NAMES.length], instrumentIndex++),
    )
    for (let pitch = LOWEST_PITCH; pitch <= HIGHEST_PITCH; pitch++) {
      const players = random.shuffle([...instruments]).slice(0, playersOfNote)
      for (const instrument of players) clips.push(planNote(seed, split, instrument, pitch, random))
    }
  }
  clips.sort((a, b) => compareCodePoints(a.fileName, b.fileName))
  return {
    metadata: demoMetadata({
      taskName: 'demo_pitch',
      embeddingType: 'scene',
      predictionType: 'multiclass',
      sampleDurationSec: DURATION_SEC,
      extra: { pitch_range_min: LOWEST_PITCH, pitch_range_max: HIGHEST_PITCH },
      evaluation: ['pitch_acc', 'chroma_acc'],
      seed,
    }),
    vocabulary: vocabularyOf(clips),
    clips,
  }
}

/** Named as NSynth names its notes: instrument, pitch, velocity. */
function planNote(
  seed: number,
  split: DemoSplit,
  instrument: Instrument,
  pitch: number,
  random: Random,
): DemoClip {
  const velocity = VELOCITIES[random.int(VELOCITIES.length)]
  const name = `${instrument.name}-${String(pitch).padStart(3, '0')}-${String(velocity).padStart(3, '0')}`
  const ofNote = new Random(`demo_pitch ${seed} ${name}`)
  const sound = noteSound(instrument, { pitch, velocity }, ofNote, DURATION_SEC)
  const noise = {
    seed: `demo_pitch ${seed} ${name}`,
    colour: NOISE_COLOURS[ofNote.int(NOISE_COLOURS.length)],
    rms: 0.003 + 0.012 * ofNote.uniform(),
    microphoneRms: MICROPHONE_RMS,
  }
  return {
    split,
    fileName: `${name}.wav`,
    source: instrument.name,
    labels: [pitch],
    draw(sampleRate) {
      const canvas = emptyCanvas(DURATION_SEC, sampleRate)
      sound.draw(canvas, 0, 1)
      scaleToPeak(canvas, 0.25 + 0.45 * (velocity / 127))
      addRecordingNoise(canvas, noise)
      return canvas
    },
  }
}
