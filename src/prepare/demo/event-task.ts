import { Random } from '../../num/random.js'
import type { LabelledEvent } from '../../store/label-files.js'
import { emptyCanvas, peakOf, type Sound } from './canvas.js'
import {
  DEMO_SPLITS,
  type DemoClip,
  type DemoSplit,
  type DemoTask,
  demoMetadata,
  vocabularyOf,
} from './demo-task.js'
import { addRecordingNoise, NOISE_COLOURS } from './noise.js'
import { OFFICE_SOUNDS } from './office-sounds.js'

const DURATION_SEC = 10
const EVENTS_OF_CLIP = 10
const CLIPS_OF_SPLIT: Readonly<Record<DemoSplit, number>> = { train: 5, valid: 3, test: 4 }

/** Room left before the first and after the last event. */
const MARGIN_SEC = 0.3
const MOST_AT_ONCE = 2
/** Two events of one label keep this apart, or they could not be told from one. */
const SAME_LABEL_GAP_SEC = 0.5
/** Peak of the loudest event: two at once and the noise stay below full scale. */
const LOUDEST_EVENT = 0.4
const QUIETEST_DB = 5
const MICROPHONE_RMS = 0.06

interface PlannedEvent extends LabelledEvent {
  readonly label: string
  readonly sound: Sound
  readonly gain: number
}

/**
 * A miniature of dcase2016_task2: scenes of synthetic office sounds that overlap, in background noise. Onset and
 * offset are whole milliseconds, exact to half a sample. Every label is in every split; every sound is drawn anew.
 */
export function planEventTask(seed: number): DemoTask {
  const clips = DEMO_SPLITS.flatMap((split) => planScenes(seed, split))
  return {
    metadata: demoMetadata({
      taskName: 'demo_events',
      embeddingType: 'event',
      predictionType: 'multilabel',
      sampleDurationSec: DURATION_SEC,
      evaluation: ['event_onset_200ms_fms', 'segment_1s_er'],
      seed,
    }),
    vocabulary: vocabularyOf(clips),
    clips,
  }
}

/** Labels are dealt from shuffled decks that hold each once, so that all come about equally often in a split. */
function planScenes(seed: number, split: DemoSplit): DemoClip[] {
  const random = new Random(`demo_events ${seed} ${split}`)
  const labels = Object.keys(OFFICE_SOUNDS)
  const events = CLIPS_OF_SPLIT[split] * EVENTS_OF_CLIP
  const decks = Array.from({ length: Math.ceil(events / labels.length) }, () =>
    random.shuffle([...labels]),
  ).flat()
  return Array.from({ length: CLIPS_OF_SPLIT[split] }, (_, i) =>
    planScene(seed, split, i, decks.slice(i * EVENTS_OF_CLIP, (i + 1) * EVENTS_OF_CLIP)),
  )
}

function planScene(seed: number, split: DemoSplit, index: number, labels: readonly string[]): DemoClip {
  const name = `office_${split}_${String(index).padStart(2, '0')}`
  const sceneSeed = `demo_events ${seed} ${name}`
  const random = new Random(sceneSeed)
  const events = placeEvents(random, labels)
  const noise = {
    seed: sceneSeed,
    colour: NOISE_COLOURS[random.int(NOISE_COLOURS.length)],
    rms: 0.002 + 0.008 * random.uniform(),
    microphoneRms: MICROPHONE_RMS,
  }
  return {
    split,
    fileName: `${name}.wav`,
    source: name,
    labels: events.map(({ label, startMs, endMs }) => ({ label, startMs, endMs })),
    draw(sampleRate) {
      const canvas = emptyCanvas(DURATION_SEC, sampleRate)
      for (const { sound, startMs, gain } of events) sound.draw(canvas, startMs / 1000, gain)
      addRecordingNoise(canvas, noise)
      return canvas
    },
  }
}

/** Draws the sounds of a scene and places them where the rules allow, in order of time. */
function placeEvents(random: Random, labels: readonly string[]): PlannedEvent[] {
  // Ten events fill about a third of the places that two at once have, so that nearly every scene works out.
  for (;;) {
    const placed: PlannedEvent[] = []
    for (const label of labels) {
      const event = placeEvent(random, label, placed)
      if (event !== undefined) placed.push(event)
    }
    if (placed.length === labels.length) return placed.sort((a, b) => a.startMs - b.startMs)
  }
}

/** One event at a random time; undefined when a hundred times were all taken. */
function placeEvent(
  random: Random,
  label: string,
  placed: readonly PlannedEvent[],
): PlannedEvent | undefined {
  const sound = OFFICE_SOUNDS[label](random)
  const gain = (LOUDEST_EVENT * 10 ** ((-QUIETEST_DB * random.uniform()) / 20)) / peakOf(sound)
  const durationMs = Math.round(sound.durationSec * 1000)
  const firstMs = MARGIN_SEC * 1000
  const lastMs = (DURATION_SEC - MARGIN_SEC) * 1000 - durationMs
  for (let attempt = 0; attempt < 100; attempt++) {
    const startMs = Math.round(firstMs + random.uniform() * (lastMs - firstMs))
    const endMs = startMs + durationMs
    if (fits(placed, label, startMs, endMs)) return { label, startMs, endMs, sound, gain }
  }
  return undefined
}

function fits(placed: readonly PlannedEvent[], label: string, startMs: number, endMs: number): boolean {
  const gapMs = SAME_LABEL_GAP_SEC * 1000
  const tooNear = placed.some(
    (other) => other.label === label && startMs < other.endMs + gapMs && endMs > other.startMs - gapMs,
  )
  // Those it meets may not meet each other, so this may refuse a good place, but never takes a bad one.
  const meeting = placed.filter((other) => startMs < other.endMs && endMs > other.startMs)
  return !tooNear && meeting.length < MOST_AT_ONCE
}
