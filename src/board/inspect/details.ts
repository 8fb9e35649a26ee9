import type {
  EventAnalysis,
  MulticlassAnalysis,
  MultilabelAnalysis,
} from '../../probe/analysis/task-analysis.js'
import { html, type Markup } from '../markup.js'
import { classTable } from './class-table.js'
import { collarsInWords } from './collars-in-words.js'
import { barCell } from './figures.js'
import { confusionMaps } from './heat-map.js'
import { clipTimeline, timelineLegend } from './timeline.js'
import { eventRank } from './worst-first.js'

/** Rows of the table of confused pairs. */
const PAIRS = 15

/** The sections of a multiclass result. @param clips how many of the hardest clips to show. */
export function multiclassSections(
  classes: readonly string[],
  analysis: MulticlassAnalysis,
  clips: number,
): Markup {
  const { confusion, confusedPairs, perClass, hardestClips } = analysis
  return html`<h2>Who was taken for whom</h2>
<p>Colour is the share of the row: of all tests of a class, how many were taken for which.</p>
${confusionMaps(classes, confusion)}
${
  confusedPairs.length === 0
    ? html`<p>Every test was right.</p>`
    : html`<h2>Most confused</h2><div class="wide"><table><thead><tr><th>True class</th><th>Taken for</th><th class="number">Tests</th><th>Share of the class</th></tr></thead><tbody>
${confusedPairs.slice(0, PAIRS).map(({ truth, predicted, count, share }) => html`<tr><td class="name">${truth}</td><td class="name">${predicted}</td><td class="number">${count}</td>${barCell(share)}</tr>\n`)}</tbody></table></div>`
}
<h2>Classes</h2>
<p>The worst first.</p>
${classTable(
  { counts: ['Tests'], figures: ['F1', 'Recall', 'Precision'] },
  perClass.map(({ label, support, f1, recall, precision }) => ({
    label,
    counts: [support],
    figures: [f1, recall, precision],
    rank: f1,
  })),
)}
${
  hardestClips.length === 0
    ? null
    : html`<h2>Clips most often wrong</h2><p>${shown(clips, hardestClips.length)}</p>
<div class="wide"><table><thead><tr><th>Clip</th><th>True class</th><th>Taken for</th><th class="number">Wrong</th><th>Probability of the truth</th></tr></thead><tbody>
${hardestClips.slice(0, clips).map((hard) => html`<tr><td class="clip">${hard.clip}</td><td class="name">${hard.truth}</td><td class="name">${hard.predicted}</td><td class="number">${hard.wrong} of ${hard.tests}</td>${barCell(hard.probabilityOfTruth)}</tr>\n`)}</tbody></table></div>`
}`
}

/** The sections of a multilabel result. @param clips how many of the hardest clips to show. */
export function multilabelSections({ perClass, hardestClips }: MultilabelAnalysis, clips: number): Markup {
  return html`<h2>Classes</h2>
<p>The worst first.</p>
${classTable(
  { counts: ['Positives'], figures: ['Average precision', 'ROC area'] },
  perClass.map(({ label, support, averagePrecision, rocAuc }) => ({
    label,
    counts: [support],
    figures: [averagePrecision, rocAuc],
    rank: averagePrecision,
  })),
)}
<h2>Clips with the largest loss</h2><p>${shown(clips, hardestClips.length)} Loss is binary cross-entropy, mean over classes.</p>
<div class="wide"><table><thead><tr><th>Clip</th><th>Labels</th><th class="number">Loss</th><th>Behind it, with the probability given</th></tr></thead><tbody>
${hardestClips.slice(0, clips).map((hard) => html`<tr><td class="clip">${hard.clip}</td><td class="name">${hard.labels.length === 0 ? html`<span class="soft">none</span>` : hard.labels.join(', ')}</td><td class="number">${hard.loss.toFixed(3)}</td><td>${hard.worst.map(({ label, present, probability }) => `${label} (${present ? 'present' : 'absent'}) ${probability.toFixed(3)}`).join(', ')}</td></tr>\n`)}</tbody></table></div>`
}

/** The sections of a result of events. @param clips how many of the hardest clips to show. */
export function eventSections(
  { collars, total, perClass, clips: tested }: EventAnalysis,
  clips: number,
): Markup {
  const order = perClass.map(({ label }) => label)
  return html`<dl class="tiles">${[
    ['Hits', total.hits],
    ['Misses', total.misses],
    ['False alarms', total.falseAlarms],
  ].map(([name, count]) => html`<div class="tile"><dt>${name}</dt><dd>${count}</dd></div>`)}</dl>
<p class="soft">${collarsInWords(collars)}</p>
<h2>Classes</h2>
<p>The worst first.</p>
${classTable(
  { counts: ['Hits', 'Misses', 'False alarms'], figures: ['F-measure', 'Recall', 'Precision'] },
  perClass.map((of) => ({
    label: of.label,
    counts: [of.hits, of.misses, of.falseAlarms],
    figures: [of.fMeasure, of.recall, of.precision],
    rank: eventRank(of),
  })),
)}
<h2>Clips with most errors</h2><p>${shown(clips, tested.length)}</p>
${timelineLegend}
${tested.slice(0, clips).map((test) => clipTimeline(test, order))}`
}

function shown(limit: number, all: number): string {
  if (limit < all) return `The first ${limit} of ${all}.`
  return all === 1 ? 'There is one.' : `All ${all}.`
}
