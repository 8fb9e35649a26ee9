import {
  isEvent,
  type Label,
  type LabelledEvent,
  type SplitLabels,
  sortedTexts,
} from '../../store/label-files.js'
import type { MetadataRow } from './metadata-rows.js'
import { readTimeBack } from './read-back.js'

/** A row, with its label as it was read back. */
export interface LabelledRow {
  readonly row: MetadataRow
  readonly label: Label
}

/** Name of a clip's file: every clip becomes a wav. */
export function clipFileName(fileStem: string): string {
  return `${fileStem}.wav`
}

/**
 * The labels or events of the clips that a split keeps, as `<split>.json` holds them: files by code point, the items
 * of a file in the order of the rows.
 *
 * @param rows rows of the split, those of clips that it does not keep too
 * @param fileStems the clips that it keeps
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `SubcorpusMetadata`. *Differs*: nothing.
 */
export function splitLabels(
  rows: readonly LabelledRow[],
  fileStems: Iterable<string>,
  kind: 'scene' | 'event',
): SplitLabels {
  const names = sortedTexts([...fileStems].map(clipFileName))
  const items = new Map<string, (Label | LabelledEvent)[]>(names.map((name) => [name, []]))
  for (const { row, label } of rows) {
    const { startMs, endMs } = row
    items
      .get(clipFileName(row.fileStem))
      ?.push(
        kind === 'scene' ? label : { label, startMs: readTimeBack(startMs!), endMs: readTimeBack(endMs!) },
      )
  }
  return items as SplitLabels
}

/** The label of every row of a split: one per label of a clip, or per event. */
export function labelsOfRows(labels: SplitLabels): Label[] {
  return [...labels.values()].flatMap((items) =>
    items.map((item: Label | LabelledEvent) => (isEvent(item) ? item.label : item)),
  )
}

/**
 * Share of each label in the labels or events of a split, the most frequent first.
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `labelcount_<split>.json`. *Differs*: labels of equal
 * share stand in the order of their first row; pandas promises none.
 */
export function labelShares(labels: SplitLabels): Map<Label, number> {
  const all = labelsOfRows(labels)
  const counts = new Map<Label, number>()
  for (const label of all) counts.set(label, (counts.get(label) ?? 0) + 1)
  return new Map([...counts].sort((a, b) => b[1] - a[1]).map(([label, count]) => [label, count / all.length]))
}
