import { type MidiEvent, writeMidi } from 'midi-file'
import { describe, expect, test } from 'vitest'
import { applySustain } from './apply-sustain.js'
import { midiInstruments } from './midi-notes.js'
import { readMidi } from './read-midi.js'
import { tempoMap } from './tempo-map.js'

/** 480 ticks a beat and half a second a beat: 960 ticks are a second. */
const TICKS_PER_BEAT = 480

/** An event at a tick of its track, on channel 0 unless said. */
type At = readonly [tick: number, event: Record<string, unknown>]

const on = (tick: number, noteNumber: number, velocity = 64, channel = 0): At => [
  tick,
  { type: 'noteOn', noteNumber, velocity, channel },
]
const off = (tick: number, noteNumber: number, channel = 0): At => [
  tick,
  { type: 'noteOff', noteNumber, velocity: 0, channel },
]
const pedal = (tick: number, value: number, channel = 0): At => [
  tick,
  { type: 'controller', controllerType: 64, value, channel },
]
const program = (tick: number, programNumber: number, channel = 0): At => [
  tick,
  { type: 'programChange', programNumber, channel },
]
const tempo = (tick: number, microsecondsPerBeat: number): At => [
  tick,
  { type: 'setTempo', microsecondsPerBeat },
]

function midiOf(...tracks: At[][]): Uint8Array {
  return Uint8Array.from(
    writeMidi({
      header: { format: 1, numTracks: tracks.length, ticksPerBeat: TICKS_PER_BEAT },
      tracks: tracks.map((track) => {
        let last = 0
        const events = track.map(([tick, event]) => {
          const deltaTime = tick - last
          last = tick
          return { deltaTime, ...event } as MidiEvent
        })
        return [...events, { deltaTime: 0, type: 'endOfTrack', meta: true } as MidiEvent]
      }),
    }),
  )
}

/** Notes as `pitch start-end` in seconds. */
function soundingNotes(...tracks: At[][]): string[] {
  return applySustain(midiInstruments(readMidi(midiOf(...tracks), 'a.midi'))).map(
    ({ pitch, startSec, endSec }) => `${pitch} ${startSec}-${endSec}`,
  )
}

describe('times', () => {
  test('without a tempo there are 120 beats in a minute', () => {
    expect(soundingNotes([on(480, 60), off(960, 60)])).toEqual(['60 0.5-1'])
  })

  test('each change of tempo counts from its tick on', () => {
    const track = [tempo(0, 1_000_000), tempo(480, 250_000), tempo(960, 500_000), on(240, 60), off(1440, 60)]
    // 1 s a beat up to 480, 0.25 s up to 960, 0.5 s from there: start 0.5, end 1 + 0.25 + 0.5.
    expect(soundingNotes(track.sort(([a], [b]) => a - b))).toEqual(['60 0.5-1.75'])
  })

  test('a tempo counts for the notes of other tracks, and tempi in other tracks for none', () => {
    expect(soundingNotes([tempo(0, 1_000_000)], [tempo(0, 250_000), on(0, 60), off(480, 60)])).toEqual([
      '60 0-1',
    ])
  })

  test('times are those that double precision gives in the order of pretty_midi', () => {
    const midi = readMidi(midiOf([tempo(0, 567_891), tempo(777, 432_109)]), 'a.midi')
    const secAt = tempoMap(midi)
    // Python: a, b = 60/((6e7/567891)*480), 60/((6e7/432109)*480); [a*776, a*777, a*777 + b*1000]
    expect([776, 777, 1777].map(secAt)).toEqual([0.91809045, 0.9192735562500001, 1.8195006395833335])
  })
})

describe('notes', () => {
  test('a note-on of velocity 0 ends a note, also with running status', () => {
    // Header, one track: note on 60 at 0, then two running events: 62 on at 480, 60 off at 960, 62 off at 960.
    const events = [0, 0x90, 60, 64, 0x83, 0x60, 62, 64, 0x83, 0x60, 60, 0, 0, 62, 0, 0, 0xff, 0x2f, 0]
    const bytes = [...header(1), ...[0x4d, 0x54, 0x72, 0x6b, 0, 0, 0, events.length], ...events]
    expect(midiInstruments(readMidi(Uint8Array.from(bytes), 'a.midi')).flatMap(({ notes }) => notes)).toEqual(
      [
        { pitch: 60, startSec: 0, endSec: 1 },
        { pitch: 62, startSec: 0.5, endSec: 1 },
      ],
    )
  })

  test('one note-off ends every open note of its pitch', () => {
    expect(soundingNotes([on(0, 60), on(480, 60), off(960, 60), off(1440, 60)])).toEqual([
      '60 0-1',
      '60 0.5-1',
    ])
  })

  test('a note that begins where another of its pitch ends goes on', () => {
    expect(soundingNotes([on(0, 60), on(480, 60), off(480, 60), off(960, 60)])).toEqual([
      '60 0-0.5',
      '60 0.5-1',
    ])
  })

  test('a note without length, and one that never ends, are dropped', () => {
    expect(
      soundingNotes([on(0, 60), off(0, 60), off(480, 60), on(480, 62), on(480, 64), off(960, 64)]),
    ).toEqual(['64 0.5-1'])
  })

  test('notes come in the order of instruments, and within one in the order in which they end', () => {
    expect(
      soundingNotes([on(0, 60), on(0, 62), on(0, 64, 64, 1), off(480, 62), off(720, 64, 1), off(960, 60)]),
    ).toEqual(['62 0-0.5', '60 0-1', '64 0-0.75'])
  })
})

describe('the sustain pedal', () => {
  test('holds a note until it comes up', () => {
    expect(soundingNotes([on(0, 60), pedal(240, 64), off(480, 60), pedal(960, 63)])).toEqual(['60 0-1'])
  })

  test('holds no note that ended before it went down', () => {
    expect(soundingNotes([on(0, 60), off(480, 60), pedal(720, 127), pedal(960, 0)])).toEqual(['60 0-0.5'])
  })

  test('lets a note that is still held when it comes up end by itself', () => {
    expect(soundingNotes([pedal(0, 127), on(0, 60), pedal(480, 0), off(960, 60)])).toEqual(['60 0-1'])
  })

  test('lets a note end where its pitch is struck again, even one still held', () => {
    const track = [pedal(0, 127), on(0, 60), off(240, 60), on(480, 60), off(720, 60), pedal(960, 0)]
    expect(soundingNotes(track)).toEqual(['60 0-0.5', '60 0.5-1'])
    expect(soundingNotes([pedal(0, 127), on(0, 60), on(480, 60), off(720, 60), pedal(960, 0)])).toEqual([
      '60 0-0.5',
      '60 0.5-1',
    ])
  })

  test('keeps one of two notes of a pitch struck at once', () => {
    expect(soundingNotes([pedal(0, 127), on(0, 60), on(0, 60), off(480, 60), pedal(960, 0)])).toEqual([
      '60 0-1',
    ])
    expect(soundingNotes([on(0, 60), on(0, 60), off(480, 60)])).toEqual(['60 0-0.5', '60 0-0.5'])
  })

  test('held down at the end lets notes last until the last change of all', () => {
    expect(
      soundingNotes([pedal(0, 127), on(0, 60), off(480, 60), on(480, 62, 64, 1), off(1920, 62, 1)]),
    ).toEqual(['60 0-2', '62 0.5-2'])
  })

  test('of another channel holds nothing', () => {
    expect(soundingNotes([pedal(0, 127, 1), on(0, 60), off(480, 60), pedal(960, 0, 1)])).toEqual(['60 0-0.5'])
  })

  test('comes up before a note ends at the same time, and goes down before one begins', () => {
    expect(soundingNotes([pedal(0, 127), on(0, 60), off(480, 60), pedal(480, 0)])).toEqual(['60 0-0.5'])
    expect(soundingNotes([on(0, 60), off(480, 60), pedal(480, 127), pedal(960, 0)])).toEqual(['60 0-1'])
  })

  test('before the first note of a channel belongs to each of its programs', () => {
    const track = [
      pedal(0, 127),
      on(0, 60),
      off(240, 60),
      program(480, 5),
      on(480, 62),
      off(720, 62),
      pedal(960, 0),
    ]
    expect(soundingNotes(track)).toEqual(['60 0-1', '62 0.5-1'])
  })

  test('after a channel’s first controller belongs to each of its programs, whichever plays', () => {
    const soft: At = [0, { type: 'controller', controllerType: 67, value: 0, channel: 0 }]
    const track = [
      on(0, 60),
      off(240, 60),
      on(240, 61),
      program(360, 5),
      pedal(360, 127),
      off(480, 61),
      pedal(960, 0),
    ]
    // Note 61 ends as program 5's, and note 60 was over: only note 61 can hear the pedal either way.
    expect(soundingNotes([soft, ...track])).toEqual(['60 0-0.25', '61 0.25-1'])
    const back = [
      on(0, 60),
      off(240, 60),
      program(240, 5),
      pedal(270, 127),
      program(300, 0),
      on(360, 60),
      off(480, 60),
    ]
    // Program 0's second note hears program 5's pedal only through the list that the soft pedal opened for both.
    expect(soundingNotes([soft, ...back, pedal(960, 0)])).toEqual(['60 0-0.25', '60 0.375-1'])
    expect(soundingNotes([...back, pedal(960, 0)])).toEqual(['60 0-0.25', '60 0.375-0.5'])
  })

  test('of drums holds nothing', () => {
    expect(soundingNotes([pedal(0, 127, 9), on(0, 60, 64, 9), off(480, 60, 9), pedal(960, 0, 9)])).toEqual([
      '60 0-0.5',
    ])
  })
})

describe('files that are none', () => {
  const good = midiOf([on(0, 60), off(480, 60)])

  test.each([
    ['empty', new Uint8Array()],
    ['an HTML page', new TextEncoder().encode('<!doctype html><title>404</title>')],
    ['cut off in the header', good.subarray(0, 13)],
    ['cut off in a track', good.subarray(0, good.length - 3)],
    ['without a track', Uint8Array.from(header(0))],
    ['short of a track', Uint8Array.from([...header(2), ...good.subarray(14)])],
    ['with a track that ends within an event', withTrack([0, 0x90, 60])],
    ['with a data byte above 127', withTrack([0, 0x90, 60, 200, 0, 0xff, 0x2f, 0])],
    ['with a tempo of 0', withTrack([0, 0xff, 0x51, 3, 0, 0, 0, 0, 0xff, 0x2f, 0])],
    ['with running status before any status', withTrack([0, 60, 64, 0, 0xff, 0x2f, 0])],
    ['timed in SMPTE frames', Uint8Array.from([...good.subarray(0, 12), 0xe7, 40, ...good.subarray(14)])],
    ['with no ticks in a beat', Uint8Array.from([...good.subarray(0, 12), 0, 0, ...good.subarray(14)])],
  ])('a file %s is refused by name', (_, bytes) => {
    expect(() => midiInstruments(readMidi(bytes, 'bad.midi'))).toThrow(/^"bad\.midi": /)
  })

  test('random damage is refused or read, and never gives times that are no numbers', () => {
    let seed = 1
    const random = (n: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % n
    }
    let nRead = 0
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from(good)
      for (let k = 0; k < 3; k++) bytes[14 + random(bytes.length - 14)] = random(256)
      let notes: ReturnType<typeof applySustain>
      try {
        notes = applySustain(midiInstruments(readMidi(bytes, 'bad.midi')))
      } catch (error) {
        expect(String(error)).toContain('"bad.midi"')
        continue
      }
      nRead++
      for (const note of notes)
        expect(note.startSec >= 0 && note.endSec > note.startSec && Number.isFinite(note.endSec)).toBe(true)
    }
    expect(nRead).toBeGreaterThan(0)
  })

  function withTrack(events: number[]): Uint8Array {
    return Uint8Array.from([...header(1), 0x4d, 0x54, 0x72, 0x6b, 0, 0, 0, events.length, ...events])
  }
})

function header(nTracks: number): number[] {
  return [0x4d, 0x54, 0x68, 0x64, 0, 0, 0, 6, 0, 1, 0, nTracks, 0x01, 0xe0]
}
