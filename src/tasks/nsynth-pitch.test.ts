import { expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { memorySources } from '../../test/task-sources.js'
import { notesInRange, nsynthPitch } from './nsynth-pitch.js'

function examples(notes: readonly { pitch: unknown; note_str: string }[]) {
  const train = JSON.stringify(Object.fromEntries(notes.map((note, i) => [`note${i}`, note])))
  return memorySources({
    'train/nsynth-train/examples.json': train,
    'valid/nsynth-valid/examples.json': '{}',
    'test/nsynth-test/examples.json': '{}',
  })
}

test.each(
  fixtureCases<{ pitches: number[]; min: number; max: number }, number[]>(
    'prepare/vectors/nsynth_pitch_range',
  ),
)('keeps the pitches of $id, both ends included', async ({ input, expected }) => {
  const notes = input.pitches.map((pitch) => ({ pitch, note_str: `guitar_001-${pitch}-100` }))
  const config = { ...nsynthPitch.config, pitch_range_min: input.min, pitch_range_max: input.max }
  expect((await notesInRange(examples(notes), config)).map((row) => row.label)).toEqual(expected)
})

test.each(fixtureCases<string, string>('prepare/vectors/nsynth_split_key'))(
  'takes the instrument of "$input" for its key',
  async ({ input, expected }) => {
    const [row] = await notesInRange(examples([{ pitch: 60, note_str: input }]), nsynthPitch.config)
    expect(row.splitKey).toBe(expected)
    expect(row.path).toBe(`train/nsynth-train/audio/${input}.wav`)
  },
)

test('an example without a pitch is refused, with its key', async () => {
  const files = examples([{ pitch: 'C4', note_str: 'guitar_001-060-100' }])
  await expect(notesInRange(files, nsynthPitch.config)).rejects.toThrow(
    '"train/nsynth-train/examples.json": expected a pitch and a note_str in "note0".',
  )
})
