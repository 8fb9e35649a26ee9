import { HearError } from '../../base/errors.js'
import { parseCsvFloat } from '../../store/csv-float.js'
import { csvRecords } from '../csv-records.js'
import type { ClipRow, SourceFiles } from '../task.js'
import { applySustain } from './apply-sustain.js'
import { midiInstruments } from './midi-notes.js'
import { readMidi } from './read-midi.js'

const FOLDER = 'train_test_valid/maestro-v3.0.0'
const TABLE = `${FOLDER}/maestro-v3.0.0.csv`
const SPLITS: Readonly<Record<string, string>> = { train: 'train', validation: 'valid', test: 'test' }

/** The keys of a piano, A0 to C8. */
const [LOWEST_PITCH, HIGHEST_PITCH] = [21, 108]

/** The table's durations and the last keys up may differ by so much in the mean: more, and tempi were misread. */
const MEAN_TOLERANCE_SEC = 0.05

/**
 * A row for every note of every performance in MAESTRO's table: its pitch, and its start and end with the sustain pedal
 * applied, in milliseconds.
 *
 * @param mayMiss whether the table may list recordings that are not there; they are left out
 * @throws HearError for a recording or MIDI file that is not there, a table or MIDI file that cannot be read, and
 *   MIDI files that do not last as long as the table says
 * Source: hear-preprocess 2021.1.1, hearsecrettasks/maestro.py. *Differs*: that each recording is about as long as its
 * MIDI file is not checked here, which would decode 120 GB; events past a recording's end are there in the original too.
 */
export async function performanceRows(files: SourceFiles, mayMiss: boolean): Promise<ClipRow[]> {
  const columns = ['split', 'midi_filename', 'audio_filename', 'duration'] as const
  const rows: ClipRow[] = []
  const errorsSec: number[] = []
  for (const { place, cells } of csvRecords(await files.text(TABLE), TABLE, columns)) {
    const path = `${FOLDER}/${cells.audio_filename}`
    const isThere = files.has(path)
    if (!isThere && mayMiss) continue
    const midiPath = `${FOLDER}/${cells.midi_filename}`
    if (!isThere || !files.has(midiPath)) throw missing(place, isThere ? midiPath : path)
    const split = SPLITS[cells.split]
    const durationSec = parseCsvFloat(cells.duration)
    if (split === undefined || durationSec === undefined || !Number.isFinite(durationSec))
      throw badRow(place, cells.split, cells.duration)
    const instruments = midiInstruments(readMidi(await files.bytes(midiPath), midiPath))
    const endSec = Math.max(0, ...instruments.map(({ notes }) => lastEndSec(notes)))
    errorsSec.push(Math.abs(durationSec - endSec))
    for (const note of applySustain(instruments))
      if (note.pitch >= LOWEST_PITCH && note.pitch <= HIGHEST_PITCH)
        rows.push({
          path,
          label: note.pitch,
          split,
          startMs: note.startSec * 1000,
          endMs: note.endSec * 1000,
        })
  }
  checkDurations(errorsSec)
  return rows
}

function lastEndSec(notes: readonly { readonly endSec: number }[]): number {
  return notes.reduce((last, { endSec }) => Math.max(last, endSec), 0)
}

function checkDurations(errorsSec: readonly number[]): void {
  if (errorsSec.length === 0) return
  const mean = errorsSec.reduce((sum, error) => sum + error, 0) / errorsSec.length
  if (mean < MEAN_TOLERANCE_SEC) return
  throw new HearError(
    'tasks/durations',
    `"${TABLE}": its durations and the ends of its MIDI files differ by ${mean.toFixed(3)} s in the mean; expected less than ${MEAN_TOLERANCE_SEC} s.`,
    { hint: 'Download the archive again: table and MIDI files are not of one version.' },
  )
}

function missing(place: string, path: string): HearError {
  return new HearError('tasks/file-missing', `${place}: there is no file "${path}".`, {
    hint: 'Download the archive again, or leave the row out of the table.',
  })
}

function badRow(place: string, split: string, duration: string): HearError {
  return new HearError(
    'tasks/table',
    `${place}: expected a split among ${Object.keys(SPLITS).join(', ')} and a duration in seconds, found "${split}" and "${duration}".`,
    { hint: 'Download the archive again.' },
  )
}
