import { html, type Markup } from '../markup.js'

/** Where a picture of all classes would be too crowded to read, it comes second, after one of so many classes. */
const MOST_READABLE_CLASSES = 30
const CROWDED_SHOWS = 20

/** Cell sizes in pixels by number of classes, the first that is large enough. */
const CELLS = [
  { upTo: 12, cell: 46 },
  { upTo: 20, cell: 36 },
  { upTo: MOST_READABLE_CLASSES, cell: 26 },
  { upTo: 60, cell: 15 },
  { upTo: 120, cell: 12 },
  { upTo: Number.POSITIVE_INFINITY, cell: 10 },
]

/** Counts are written into cells of at least this size, in pixels. */
const CELL_WITH_NUMBER = 24
/** Labels are cut after so many characters; the whole name is in their tooltip. */
const LABEL_CHARACTERS = 22
/** Width of an average character, as a share of the font size. */
const CHARACTER_WIDTH = 0.56
/** Above this share of a row light numbers contrast more with the cell than dark ones. */
const DARK_SHARE = 0.66

/**
 * A confusion matrix as inline SVG: rows are true classes, columns what they were taken for, colour is the share of the
 * row, from white to dark blue. With more than 30 classes up to 20 of the most frequent confusions come first, the whole
 * below it, folded.
 * @param counts [classes][classes]
 */
export function confusionMaps(classes: readonly string[], counts: readonly (readonly number[])[]): Markup {
  const all = classes.map((_, c) => c)
  if (classes.length <= MOST_READABLE_CLASSES) return heatMap(classes, counts, all)
  const most = mostConfused(counts)
  const whole = html`<details><summary>All ${classes.length} classes</summary>${heatMap(classes, counts, all)}</details>`
  if (most.length === 0) return whole
  return html`<p class="soft">The ${most.length} classes of the most frequent confusions, of ${classes.length}, in
the order of the vocabulary.</p>${heatMap(classes, counts, most)}${whole}`
}

/** Indices of the classes of the most frequent confusions, in ascending order: those of one pair come together. */
function mostConfused(counts: readonly (readonly number[])[]): number[] {
  const confusions = counts
    .flatMap((row, truth) => row.map((count, predicted) => ({ count, truth, predicted })))
    .filter(({ count, truth, predicted }) => count > 0 && truth !== predicted)
    .sort((a, b) => b.count - a.count)
  const chosen = new Set<number>()
  for (const { truth, predicted } of confusions) {
    const size = new Set([...chosen, truth, predicted]).size
    if (size > CROWDED_SHOWS) break
    chosen.add(truth).add(predicted)
  }
  return [...chosen].sort((a, b) => a - b)
}

/** @param chosen indices of the classes to draw. */
function heatMap(
  classes: readonly string[],
  counts: readonly (readonly number[])[],
  chosen: readonly number[],
): Markup {
  const { cell } = CELLS.find(({ upTo }) => chosen.length <= upTo)!
  const fontSize = Math.min(12, cell - 1)
  const longest = Math.max(...chosen.map((c) => [...shortened(classes[c])].length))
  const labelPx = Math.ceil(longest * fontSize * CHARACTER_WIDTH) + 10
  const [left, top] = [labelPx + 18, labelPx + 22]
  const side = chosen.length * cell
  const rows = chosen.map((truth, r) => {
    const support = counts[truth].reduce((sum, count) => sum + count, 0)
    return chosen.map((predicted, c) => {
      const count = counts[truth][predicted]
      if (count === 0) return html``
      const share = count / support
      const title = `${classes[truth]} taken for ${classes[predicted]}: ${count} of ${support}`
      const number =
        cell < CELL_WITH_NUMBER
          ? null
          : html`<text x="${left + (c + 0.5) * cell}" y="${top + (r + 0.5) * cell}" dy="0.35em" text-anchor="middle" class="${share > DARK_SHARE ? 'light' : ''}">${count}</text>`
      return html`<g><title>${title}</title><rect x="${left + c * cell}" y="${top + r * cell}" width="${cell}" height="${cell}" fill="${shade(share)}"/>${number}</g>`
    })
  })
  const labels = chosen.map((c, i) => {
    const [x, y] = [left + (i + 0.5) * cell, top + (i + 0.5) * cell]
    const text = html`<title>${classes[c]}</title>${shortened(classes[c])}`
    return html`<text x="${left - 6}" y="${y}" dy="0.35em" text-anchor="end">${text}</text><text transform="translate(${x} ${top - 6}) rotate(-90)" dy="0.35em">${text}</text>`
  })
  const lines = Array.from({ length: chosen.length + 1 }, (_, i) => {
    const at = i * cell
    return html`<path class="grid" d="M${left} ${top + at}h${side}M${left + at} ${top}v${side}"/>`
  })
  return html`<div class="wide"><svg width="${left + side + 2}" height="${top + side + 2}" font-size="${fontSize}" role="img" aria-label="confusion matrix" style="font-size:${fontSize}px"><text x="${left}" y="11" class="soft" style="font-size:11px">taken for</text><text transform="translate(11 ${top + side}) rotate(-90)" class="soft" style="font-size:11px">true class</text>${lines}${rows.flat()}${labels}<rect class="frame" x="${left}" y="${top}" width="${side}" height="${side}"/></svg></div>`
}

function shortened(label: string): string {
  const characters = [...label]
  return characters.length <= LABEL_CHARACTERS
    ? label
    : `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…`
}

/** Stops of a scale of one hue, even in lightness, so that it reads the same without colour vision and in grey. */
const SCALE = [
  [228, 239, 250],
  [118, 172, 220],
  [8, 48, 107],
]

/** The colour of a share from 0 to 1. */
function shade(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (SCALE.length - 1)
  const i = Math.min(SCALE.length - 2, Math.floor(at))
  const mixed = SCALE[i].map((from, channel) => Math.round(from + (at - i) * (SCALE[i + 1][channel] - from)))
  return `rgb(${mixed.join(',')})`
}
