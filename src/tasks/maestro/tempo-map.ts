import type { MidiTracks } from './read-midi.js'

/** A stretch of constant tempo. */
interface Stretch {
  readonly startTick: number
  readonly startSec: number
  readonly secPerTick: number
}

/**
 * The time of each tick, in seconds, by the tempo changes of the first track; 120 beats a minute up to the first. A
 * change at tick 0 replaces all before it, and one that changes nothing is no change.
 *
 * @returns a function of a tick of 0 or more, to the last bit what pretty_midi computes
 * Source: pretty_midi 0.2.9, `_load_tempo_changes` and `_update_tick_to_time`: the order of its operations in double
 * precision is kept. *Differs*: nothing.
 */
export function tempoMap({ ticksPerBeat, tracks }: MidiTracks): (tick: number) => number {
  let stretches: Stretch[] = [{ startTick: 0, startSec: 0, secPerTick: 60 / (120 * ticksPerBeat) }]
  for (const event of tracks[0]) {
    if (event.type !== 'setTempo') continue
    const secPerTick = 60 / ((6e7 / event.microsecondsPerBeat) * ticksPerBeat)
    const last = stretches[stretches.length - 1]
    if (event.tick === 0) stretches = [{ startTick: 0, startSec: 0, secPerTick }]
    else if (secPerTick !== last.secPerTick)
      stretches.push({ startTick: event.tick, startSec: secAt(last, event.tick), secPerTick })
  }
  return (tick) => {
    // The last stretch that begins at the tick or before: a stranger's file may have many.
    let [low, high] = [0, stretches.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (stretches[middle].startTick <= tick) low = middle
      else high = middle - 1
    }
    return secAt(stretches[low], tick)
  }
}

function secAt({ startTick, startSec, secPerTick }: Stretch, tick: number): number {
  return startSec + secPerTick * (tick - startTick)
}
