import type { MidiTracks, TimedEvent } from './read-midi.js'
import { tempoMap } from './tempo-map.js'

/** A note from key down to key up. */
export interface Note {
  readonly pitch: number
  readonly startSec: number
  readonly endSec: number
}

/** A turn of the sustain pedal; up below a value of 64. */
export interface PedalChange {
  readonly timeSec: number
  readonly isDown: boolean
}

/** What one program plays on one channel of one track. */
export interface Instrument {
  readonly isDrum: boolean
  /** In the order in which they end. */
  readonly notes: Note[]
  /** In file order. Instruments that share a channel may share the list. */
  readonly pedal: PedalChange[]
}

const SUSTAIN_PEDAL = 64
const DRUM_CHANNEL = 9

/**
 * The notes and sustain pedal of a MIDI file, by instrument, in the order in which each one's first note ends.
 *
 * A note-off (or a note-on of velocity 0) ends every open note of its pitch and channel that began at an earlier tick;
 * notes that are never ended are dropped; the program is the one at the note's end. The pedal before an instrument's
 * first note ends belongs to every instrument that plays on the same channel of the track.
 * Source: pretty_midi 0.2.9, `_load_instruments`. *Differs*: pitch bends and other controllers, which change no
 * note, are left out.
 */
export function midiInstruments(midi: MidiTracks): Instrument[] {
  const secAt = tempoMap(midi)
  return midi.tracks.flatMap((track) => trackInstruments(track, secAt))
}

function trackInstruments(track: readonly TimedEvent[], secAt: (tick: number) => number): Instrument[] {
  const instruments = new Map<string, Instrument>()
  /** Pedal changes on channels where no instrument has played yet. */
  const early = new Map<number, PedalChange[]>()
  const programs = new Array<number>(16).fill(0)
  /** Start ticks of the notes that are on, by channel and pitch. */
  const open = new Map<string, number[]>()

  for (const event of track) {
    if (event.type === 'programChange') programs[event.channel] = event.programNumber
    else if (event.type === 'noteOn') {
      const key = `${event.channel} ${event.noteNumber}`
      const starts = open.get(key)
      if (starts === undefined) open.set(key, [event.tick])
      else starts.push(event.tick)
    } else if (event.type === 'noteOff') {
      const key = `${event.channel} ${event.noteNumber}`
      const starts = open.get(key) ?? []
      const ended = starts.filter((tick) => tick !== event.tick)
      const begun = starts.filter((tick) => tick === event.tick)
      for (const tick of ended) {
        const { notes } = instrumentOf(event.channel)
        notes.push({ pitch: event.noteNumber, startSec: secAt(tick), endSec: secAt(event.tick) })
      }
      // A note that begins at this very tick goes on only where the note-off had another note to end.
      if (ended.length > 0 && begun.length > 0) open.set(key, begun)
      else open.delete(key)
    } else if (event.type === 'controller' || event.type === 'pitchBend') {
      // Any of them opens the list that the channel's instruments share, if it comes before the first.
      const pedal = pedalOf(event.channel)
      if (event.type === 'controller' && event.controllerType === SUSTAIN_PEDAL)
        pedal.push({ timeSec: secAt(event.tick), isDown: event.value >= 64 })
    }
  }
  return [...instruments.values()]

  function instrumentOf(channel: number): Instrument {
    const key = `${programs[channel]} ${channel}`
    const known = instruments.get(key)
    if (known !== undefined) return known
    const created = { isDrum: channel === DRUM_CHANNEL, notes: [], pedal: early.get(channel) ?? [] }
    instruments.set(key, created)
    return created
  }

  function pedalOf(channel: number): PedalChange[] {
    const known = instruments.get(`${programs[channel]} ${channel}`)?.pedal ?? early.get(channel)
    if (known !== undefined) return known
    const created: PedalChange[] = []
    early.set(channel, created)
    return created
  }
}
