import type { EventClip, JudgedEvent } from '../../probe/analysis/task-analysis.js'
import { html, type Markup } from '../markup.js'

/** All lengths in pixels. */
const LANE = 9
const ROW = 2 * LANE + 8
const AXIS = 22
/** A long recording is drawn this wide per second, and scrolls. */
const PX_PER_SECOND = 14
const NARROWEST = 800
/** An event of a few milliseconds must still be seen. */
const THINNEST = 2
const TICKS_SEC = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600]
const TICK_GAP = 60
const LABEL_CHARACTERS = 24
const CHARACTER = 6.3

/** The colours and places of timelines in words, once for a page. */
export const timelineLegend: Markup = html`<p class="soft">Above, the reference; below, what was predicted. <br><span class="swatch hit"></span>hit<span class="swatch miss"></span>miss<span class="swatch false-alarm"></span>false alarm</p>`

/**
 * One test of a clip over time, as inline SVG: a row for each label that occurs, reference events above predicted ones,
 * coloured by their outcome. A clip without events is a sentence.
 * @param order every label that may occur, in the order in which rows come.
 */
export function clipTimeline(test: EventClip, order: readonly string[]): Markup {
  const { clip, split, seed, hits, misses, falseAlarms, events } = test
  const caption = html`<figcaption><b>${clip}</b> ${split}${seed === null ? '' : `, seed ${seed}`}: ${counted(hits, 'hit')}, ${counted(misses, 'miss', 'misses')}, ${counted(falseAlarms, 'false alarm')}</figcaption>`
  if (events.length === 0) return html`<figure>${caption}<p class="soft">No events.</p></figure>`
  const occurring = new Set(events.map(({ label }) => label))
  const labels = order.filter((label) => occurring.has(label))
  const left = Math.ceil(Math.max(...labels.map((label) => [...shortened(label)].length)) * CHARACTER) + 10
  const times = events.flatMap(({ reference, predicted }) =>
    [reference, predicted].filter((t) => t !== undefined),
  )
  const startMs = Math.min(0, ...times.map((t) => t.startMs))
  const lengthMs = Math.max(1, ...times.map((t) => t.endMs)) - startMs
  const width = Math.max(NARROWEST, Math.ceil((lengthMs / 1000) * PX_PER_SECOND))
  const height = labels.length * ROW
  const x = (ms: number) => round(left + ((ms - startMs) / lengthMs) * width)
  const bars = events.map((event) => eventBars(event, labels.indexOf(event.label) * ROW + 4, x))
  const tickSec = TICKS_SEC.find((sec) => (sec * 1000 * width) / lengthMs >= TICK_GAP) ?? lengthMs / 5000
  const ticks = Array.from({ length: Math.floor(lengthMs / (tickSec * 1000)) + 1 }, (_, i) => {
    const sec = Math.ceil(startMs / (tickSec * 1000)) * tickSec + i * tickSec
    const at = x(sec * 1000)
    return html`<path class="grid" d="M${at} 0v${height}"/><text class="soft" x="${at}" y="${height + 15}" text-anchor="middle">${round(sec)} s</text>`
  })
  const rows = labels.map((label, i) => {
    return html`<path class="grid" d="M${left} ${(i + 1) * ROW}h${width}"/><text x="${left - 6}" y="${(i + 0.5) * ROW}" dy="0.35em" text-anchor="end"><title>${label}</title>${shortened(label)}</text>`
  })
  return html`<figure>${caption}<div class="wide"><svg width="${left + width + 24}" height="${height + AXIS}" role="img" aria-label="events of ${clip}">${ticks}${rows}${bars}</svg></div></figure>`
}

function eventBars(
  { outcome, label, reference, predicted }: JudgedEvent,
  top: number,
  x: (ms: number) => number,
): Markup {
  const words = [
    `${outcome}: ${label}`,
    ...(reference ? [`reference ${seconds(reference)}`] : []),
    ...(predicted ? [`predicted ${seconds(predicted)}`] : []),
  ].join(', ')
  const bar = (lane: 'reference' | 'predicted', times: { startMs: number; endMs: number } | undefined) => {
    if (times === undefined) return null
    const width = round(Math.max(THINNEST, x(times.endMs) - x(times.startMs)))
    const y = lane === 'reference' ? top : top + LANE + 1
    return html`<rect class="${lane} ${outcome.replace(' ', '-')}" x="${x(times.startMs)}" y="${y}" width="${width}" height="${LANE}" rx="1.5"/>`
  }
  return html`<g><title>${words}</title>${bar('reference', reference)}${bar('predicted', predicted)}</g>`
}

function seconds({ startMs, endMs }: { startMs: number; endMs: number }): string {
  return `${(startMs / 1000).toFixed(2)} to ${(endMs / 1000).toFixed(2)} s`
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}

function shortened(label: string): string {
  const characters = [...label]
  return characters.length <= LABEL_CHARACTERS
    ? label
    : `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
