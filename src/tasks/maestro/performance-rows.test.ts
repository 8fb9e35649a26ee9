import { type MidiEvent, writeMidi } from 'midi-file'
import { expect, test } from 'vitest'
import { memorySources } from '../../../test/task-sources.js'
import { maestro } from '../maestro.js'
import { taskRows } from '../task-rows.js'

const FOLDER = 'train_test_valid/maestro-v3.0.0'
const HEADER = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration'

/** One key from 0 to 1 s, held by the pedal until 1.5 s, and one that no piano has. */
const MIDI = Uint8Array.from(
  writeMidi({
    header: { format: 1, numTracks: 1, ticksPerBeat: 480 },
    tracks: [
      [
        { deltaTime: 0, type: 'controller', controllerType: 64, value: 127, channel: 0 },
        { deltaTime: 0, type: 'noteOn', noteNumber: 21, velocity: 64, channel: 0 },
        { deltaTime: 0, type: 'noteOn', noteNumber: 109, velocity: 64, channel: 0 },
        { deltaTime: 960, type: 'noteOff', noteNumber: 21, velocity: 0, channel: 0 },
        { deltaTime: 0, type: 'noteOff', noteNumber: 109, velocity: 0, channel: 0 },
        { deltaTime: 480, type: 'controller', controllerType: 64, value: 0, channel: 0 },
        { deltaTime: 0, type: 'endOfTrack', meta: true },
      ] as MidiEvent[],
    ],
  }),
)

function row(name: string, split: string, duration: string): string {
  return `Alban Berg,"Sonata, Op. 1",${split},2018,2018/${name}.midi,2018/${name}.wav,${duration}`
}

function archive(lines: readonly string[], names: readonly string[]) {
  const contents: Record<string, string | Uint8Array | null> = {
    [`${FOLDER}/maestro-v3.0.0.csv`]: [HEADER, ...lines].join('\n'),
  }
  for (const name of names) {
    contents[`${FOLDER}/2018/${name}.midi`] = MIDI
    contents[`${FOLDER}/2018/${name}.wav`] = null
  }
  return memorySources(contents)
}

test('each note of a piano is a row in milliseconds, as long as the pedal holds it', async () => {
  const files = archive([row('a', 'validation', '1.01'), row('b', 'train', '0.99')], ['a', 'b'])
  expect(await taskRows(maestro, '5h', files)).toEqual([
    { path: `${FOLDER}/2018/a.wav`, label: 21, split: 'valid', startMs: 0, endMs: 1500 },
    { path: `${FOLDER}/2018/b.wav`, label: 21, split: 'train', startMs: 0, endMs: 1500 },
  ])
})

test('recordings that are not there are left out of the small archive, and refused elsewhere', async () => {
  const files = archive([row('a', 'train', '1'), row('b', 'train', '400')], ['a'])
  expect(await taskRows(maestro, 'small', files)).toHaveLength(1)
  await expect(taskRows(maestro, '5h', files)).rejects.toThrow(
    `"${FOLDER}/maestro-v3.0.0.csv", row 3: there is no file "${FOLDER}/2018/b.wav".`,
  )
})

test('a MIDI file that is not there is refused by name', async () => {
  const files = memorySources({
    [`${FOLDER}/maestro-v3.0.0.csv`]: `${HEADER}\n${row('a', 'train', '1')}`,
    [`${FOLDER}/2018/a.wav`]: null,
  })
  await expect(taskRows(maestro, 'small', files)).rejects.toThrow(`"${FOLDER}/2018/a.midi"`)
})

test('durations that differ from the MIDI files in the mean are refused', async () => {
  const files = archive([row('a', 'train', '1.1'), row('b', 'train', '1.02')], ['a', 'b'])
  await expect(taskRows(maestro, '5h', files)).rejects.toThrow('differ by 0.060 s in the mean')
})

test.each([
  ['a split that is none', row('a', 'dev', '1')],
  ['a duration that is no number', row('a', 'train', 'long')],
])('a row with %s is refused by its place', async (_, line) => {
  await expect(taskRows(maestro, '5h', archive([line], ['a']))).rejects.toThrow('maestro-v3.0.0.csv", row 2')
})
