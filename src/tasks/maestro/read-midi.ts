import { type MidiData, type MidiEvent, parseMidi } from 'midi-file'
import { HearError } from '../../base/errors.js'

/** Bytes of the header chunk and its name and length; every MIDI file begins with it. */
const HEADER_BYTES = 14

/** An event of a track, at its time since the beginning. */
export type TimedEvent = MidiEvent & { readonly tick: number }

export interface MidiTracks {
  readonly ticksPerBeat: number
  readonly tracks: readonly (readonly TimedEvent[])[]
}

/**
 * The tracks of a Standard MIDI File, with times in ticks.
 *
 * @param name of the file, for errors
 * @throws HearError for files of another kind, cut off, timed in SMPTE frames, or with data bytes out of range
 */
export function readMidi(bytes: Uint8Array, name: string): MidiTracks {
  checkChunks(bytes, name)
  const midi = parse(bytes, name)
  const ticksPerBeat = midi.header.ticksPerBeat
  if (ticksPerBeat === undefined || ticksPerBeat === 0)
    throw badMidi(name, 'expected times in ticks of a beat, found SMPTE frames or none')
  const tracks = midi.tracks.map((track) => {
    let tick = 0
    return track.map((event) => {
      tick += event.deltaTime
      return { ...event, tick }
    })
  })
  for (const event of tracks.flat()) checkEvent(event, name)
  return { ticksPerBeat, tracks }
}

/** The parser takes what is missing at the end for nothing; so every chunk has to be there before it looks. */
function checkChunks(bytes: Uint8Array, name: string): void {
  if (bytes.length < HEADER_BYTES || chunkName(bytes, 0) !== 'MThd')
    throw badMidi(name, 'expected a MIDI file, which begins with "MThd"')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const nTracks = view.getUint16(10)
  let at = 8 + view.getUint32(4)
  for (let track = 1; track <= nTracks; track++) {
    if (at + 8 > bytes.length)
      throw badMidi(name, `expected ${nTracks} tracks, found ${track - 1}: it is cut off`)
    if (chunkName(bytes, at) !== 'MTrk')
      throw badMidi(name, `expected track ${track} at byte ${at}, found none`)
    at += 8 + view.getUint32(at + 4)
    if (at > bytes.length)
      throw badMidi(name, `track ${track} ends at byte ${at}, the file at ${bytes.length}: it is cut off`)
  }
  if (nTracks === 0) throw badMidi(name, 'expected a track, found none')
}

function chunkName(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

function parse(bytes: Uint8Array, name: string): MidiData {
  try {
    return parseMidi(bytes)
  } catch (cause) {
    // The parser throws texts.
    throw badMidi(
      name,
      `its events cannot be read (${cause instanceof Error ? cause.message : cause})`,
      cause,
    )
  }
}

/** A track that ends within an event gives numbers that are none. */
function checkEvent(event: TimedEvent, name: string): void {
  const data: unknown[] = [event.tick]
  if ('noteNumber' in event) data.push(event.noteNumber)
  if ('velocity' in event) data.push(event.velocity)
  if ('controllerType' in event) data.push(event.controllerType, event.value)
  if ('programNumber' in event) data.push(event.programNumber)
  const isWrong = data.some((value, i) => !Number.isInteger(value) || (i > 0 && Number(value) > 127))
  // Times of more than 31 bits overflow in the parser.
  if (isWrong || event.deltaTime < 0 || (event.type === 'setTempo' && !(event.microsecondsPerBeat > 0)))
    throw badMidi(name, `expected whole events, found a broken ${event.type} at tick ${event.tick}`)
}

function badMidi(name: string, problem: string, cause?: unknown): HearError {
  return new HearError('tasks/midi', `"${name}": ${problem}.`, {
    hint: 'Download the archive again, or leave the recording out of the table.',
    cause,
  })
}
