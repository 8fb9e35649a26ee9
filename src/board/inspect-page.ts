import type { JsonFigure, MetricScore, TaskAnalysis } from '../probe/analysis/task-analysis.js'
import { eventSections, multiclassSections, multilabelSections } from './inspect/details.js'
import { figureMarkup } from './inspect/figures.js'
import { PAGE_STYLE } from './inspect/page-style.js'
import { html, Markup } from './markup.js'

/**
 * What results say per class and per clip, as one HTML page that needs nothing else: no script, no font, no picture, no
 * request. Everything in it is escaped.
 *
 * @param analyses one section each, in this order; at least one.
 * @param clips how many of the hardest clips each section shows.
 */
export function inspectPage(analyses: readonly TaskAnalysis[], clips: number): string {
  const title =
    analyses.length === 1 ? `${analyses[0].task}, ${analyses[0].model}` : `${analyses.length} results of HEAR`
  const contents =
    analyses.length === 1
      ? null
      : html`<h1>${title}</h1><nav><ul>${analyses.map((analysis, i) => html`<li><a href="#result-${i + 1}">${analysis.task}</a>, ${analysis.model}: ${analysis.scores[0].metric} ${scoreMarkup(analysis.scores[0].score)}</li>`)}</ul></nav>`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
${contents}
${analyses.map((analysis, i) => resultSection(analysis, i + 1, clips))}
</body>
</html>
`.text
}

function resultSection(analysis: TaskAnalysis, number: number, clips: number): Markup {
  const { task, folder, model, protocol, scores, classes, folds, seeds, tests } = analysis
  return html`<section class="result" id="result-${number}">
<h1>${task}</h1>
<p class="soft">${[model, `protocol ${protocol}`, ...(folder === model ? [] : [folder])].join(', ')}</p>
<dl class="tiles">${scores.map((score, i) => scoreTile(score, i === 0))}${[
    ['Clips tested', analysis.clips],
    ['Classes', classes.length],
    ['Folds', folds.length],
    ...(seeds.length > 1 ? ([['Probe seeds', seeds.length]] as const) : []),
    ...(tests === analysis.clips ? [] : ([['Tests', tests]] as const)),
  ].map(([name, value]) => html`<div class="tile"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${detailSections(analysis, clips)}
</section>`
}

function detailSections({ classes, detail }: TaskAnalysis, clips: number): Markup {
  if (detail.kind === 'multiclass') return multiclassSections(classes, detail, clips)
  if (detail.kind === 'multilabel') return multilabelSections(detail, clips)
  return eventSections(detail, clips)
}

function scoreTile({ metric, score, std, interval }: MetricScore, isPrimary: boolean): Markup {
  const deviation =
    std === null || typeof std !== 'number'
      ? null
      : html`<small>± ${std.toFixed(3)} over folds and seeds</small>`
  const range =
    interval === null || 'undefined' in interval
      ? null
      : html`<small>95 % interval ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}</small>`
  return html`<div class="tile${isPrimary ? ' first' : ''}"><dt>${metric}</dt><dd>${scoreMarkup(score)}${deviation}${range}</dd></div>`
}

function scoreMarkup(score: JsonFigure): Markup {
  return figureMarkup(score, 4)
}
