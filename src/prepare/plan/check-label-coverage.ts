import { HearError } from '../../base/errors.js'
import { compareCodePoints, type Label, labelText } from '../../store/label-files.js'
import type { ModeMetadata } from './mode-metadata.js'
import type { PlanWarning } from './plan-warning.js'

/**
 * Whether every split must hold every label: not in mode small, and not for events of which several may sound at once.
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `_diagnose_split_labels` and `split_k_folds`.
 */
export function needsEveryLabel(
  config: Pick<ModeMetadata, 'mode' | 'embedding_type' | 'prediction_type'>,
): boolean {
  return config.mode !== 'small' && !isEventMultilabel(config)
}

/**
 * Checks that every split that occurs holds every label that occurs, as most metrics need. Mode small is let off; in a
 * task of events of which several may sound at once, labels that are missing are a warning.
 *
 * @param stage where in the preparation the rows stand, for the message: `in the corpus`
 * @throws HearError `prepare/labels-missing`, with the labels that each split lacks
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `_diagnose_split_labels`. *Differs*: nothing.
 */
export function checkLabelCoverage(
  rows: readonly { readonly split: string; readonly label: Label }[],
  stage: string,
  config: ModeMetadata,
): PlanWarning[] {
  if (config.mode === 'small') return []
  const missing = missingLabels(rows)
  if (missing.length === 0) return []
  const code = 'prepare/labels-missing'
  const sentence = `${config.task_name}: ${stage}, ${missing.map(lacks).join('; ')}`
  if (isEventMultilabel(config)) return [{ code, message: `${sentence}.` }]
  throw new HearError(code, `${sentence}. Every split must hold every label.`, {
    hint: 'Add clips of the labels that are missing, or leave those labels out of the task.',
  })
}

function isEventMultilabel(config: Pick<ModeMetadata, 'embedding_type' | 'prediction_type'>): boolean {
  return config.embedding_type === 'event' && config.prediction_type === 'multilabel'
}

function missingLabels(rows: readonly { readonly split: string; readonly label: Label }[]) {
  const ofSplit = new Map<string, Set<Label>>()
  for (const { split, label } of rows) {
    const labels = ofSplit.get(split)
    if (labels === undefined) ofSplit.set(split, new Set([label]))
    else labels.add(label)
  }
  const all = [...new Set([...ofSplit.values()].flatMap((labels) => [...labels]))]
  return [...ofSplit]
    .map(([split, labels]) => ({ split, labels: all.filter((label) => !labels.has(label)).map(labelText) }))
    .filter(({ labels }) => labels.length > 0)
    .sort((a, b) => compareCodePoints(a.split, b.split))
}

function lacks({ split, labels }: { split: string; labels: string[] }): string {
  const shown = labels.slice(0, 5).map((label) => `"${label}"`)
  return `${split} lacks ${shown.join(', ')}${labels.length > 5 ? ` and ${labels.length - 5} more labels` : ''}`
}
