import type { Instrument, Note, PedalChange } from './midi-notes.js'

/** A note whose end is still open to change. */
interface OpenNote extends Note {
  endSec: number
  isGone: boolean
}

// In the order in which changes at one time are taken.
const PEDAL_DOWN = 0
const PEDAL_UP = 1
const NOTE_ON = 2
const NOTE_OFF = 3

type Change =
  | { readonly timeSec: number; readonly kind: typeof PEDAL_DOWN }
  | { readonly timeSec: number; readonly kind: typeof PEDAL_UP }
  | { readonly timeSec: number; readonly kind: typeof NOTE_ON; readonly note: OpenNote }
  | { readonly timeSec: number; readonly kind: typeof NOTE_OFF; readonly note: OpenNote }

/**
 * The notes as long as they sound: one that is let go, or still held, while the sustain pedal is down lasts until its
 * pitch is struck again or the pedal comes up; with the pedal down at the end, until the last change of all instruments. Of
 * two notes of one pitch struck at once under the pedal, one is kept. Drums stay as they are.
 *
 * Instruments do not touch each other; the notes of the first come first, in the order of its notes.
 * Source: note_seq 0.0.3, sequences_lib.py `apply_sustain_control_changes`. *Differs*: nothing.
 */
export function applySustain(instruments: readonly Instrument[]): Note[] {
  const played = instruments.map((instrument) => sustained(instrument))
  const lastSec = played.reduce((last, { lastChangeSec }) => Math.max(last, lastChangeSec), 0)
  return played.flatMap(({ notes, sounding }) => {
    for (const note of sounding) note.endSec = lastSec
    return notes
      .filter((note) => !note.isGone)
      .map(({ pitch, startSec, endSec }) => ({ pitch, startSec, endSec }))
  })
}

interface Played {
  readonly notes: readonly OpenNote[]
  /** Notes that the pedal holds after the last change. */
  readonly sounding: Iterable<OpenNote>
  readonly lastChangeSec: number
}

function sustained({ isDrum, notes: struck, pedal }: Instrument): Played {
  const notes = struck.map((note) => ({ ...note, isGone: false }))
  const changes = changesOf(isDrum ? [] : notes, pedal)
  const sounding = new Set<OpenNote>()
  let isDown = false
  for (const change of changes) {
    const { timeSec } = change
    if (change.kind === PEDAL_DOWN) isDown = true
    else if (change.kind === PEDAL_UP) {
      isDown = false
      for (const note of sounding) if (note.endSec < timeSec) release(note, timeSec)
    } else if (change.kind === NOTE_ON) {
      if (isDown)
        for (const note of sounding)
          if (note.pitch === change.note.pitch) {
            release(note, timeSec)
            note.isGone = note.startSec === timeSec
          }
      sounding.add(change.note)
    } else if (!isDown) sounding.delete(change.note)
  }
  return { notes, sounding, lastChangeSec: changes.at(-1)?.timeSec ?? 0 }

  function release(note: OpenNote, timeSec: number): void {
    note.endSec = timeSec
    sounding.delete(note)
  }
}

function changesOf(notes: readonly OpenNote[], pedal: readonly PedalChange[]): Change[] {
  const changes = [
    ...notes.map((note): Change => ({ timeSec: note.startSec, kind: NOTE_ON, note })),
    ...notes.map((note): Change => ({ timeSec: note.endSec, kind: NOTE_OFF, note })),
    ...pedal.map(({ timeSec, isDown }): Change => ({ timeSec, kind: isDown ? PEDAL_DOWN : PEDAL_UP })),
  ]
  return changes.sort((a, b) => a.timeSec - b.timeSec || a.kind - b.kind)
}
