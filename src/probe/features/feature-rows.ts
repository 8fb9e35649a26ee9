/**
 * Rows of embeddings as the probes without training take them: one or more splits laid end to end, all of their rows
 * or some.
 */
import { HearError } from '../../base/errors.js'
import type { ClipTargets } from '../../metrics/metric.js'
import type { SplitData } from '../training/split-data.js'

/** Embeddings of a split without their labels. */
export type UnlabelledSplit = Pick<SplitData, 'name' | 'rows' | 'inputSize' | 'embeddings'>
/** Embeddings of a split with their labels. */
export type LabelledSplit = UnlabelledSplit & Pick<SplitData, 'targets'>

export interface FeatureRows {
  readonly rows: number
  /** Values per row. */
  readonly inputSize: number
  /** A view of one row, [inputSize]. */
  row(index: number): Float32Array
  /** What to call a row in a message. */
  describe(index: number): string
}

export interface LabelledRows extends FeatureRows {
  /** Rows that there were to choose from. */
  readonly available: number
  /** classIndex [rows], or hot [rows, labels] */
  readonly targets: ClipTargets
}

/**
 * All rows of one or more splits, end to end; nothing is copied.
 *
 * Throws HearError `probe/features` where there are no rows, and for rows of different sizes.
 */
export function allRows(splits: readonly UnlabelledSplit[]): FeatureRows {
  const { starts, rows } = layOut(splits)
  return { rows, inputSize: splits[0].inputSize, ...access(splits, starts, (index) => index) }
}

/**
 * The rows of one or more splits with their labels, at most `limit` of them: of n rows, row floor(i n / limit) for
 * each i, so that every clip keeps its share of frames and nothing is left to chance. Embeddings are not copied.
 *
 * @param labels size of the label vocabulary.
 * Throws HearError as allRows does, and for splits of which only some are multilabel.
 */
export function labelledRows(
  splits: readonly LabelledSplit[],
  labels: number,
  limit = Number.POSITIVE_INFINITY,
): LabelledRows {
  const { starts, rows: available } = layOut(splits)
  const rows = Math.min(available, limit)
  const pick = (index: number) => (rows === available ? index : Math.floor((index * available) / rows))
  const { kind } = splits[0].targets
  if (splits.some(({ targets }) => targets.kind !== kind))
    throw refuse(`${splits.map(({ name, targets }) => `${targets.kind} labels in ${name}`).join(', ')}`)
  const size = kind === 'multiclass' ? 1 : labels
  const values = kind === 'multiclass' ? new Int32Array(rows) : new Uint8Array(rows * labels)
  for (let i = 0; i < rows; i++) {
    const s = splitOf(starts, pick(i))
    const from = (pick(i) - starts[s]) * size
    const { targets } = splits[s]
    const source = targets.kind === 'multiclass' ? targets.classIndex : targets.hot
    for (let c = 0; c < size; c++) values[i * size + c] = source[from + c]
  }
  const targets: ClipTargets =
    values instanceof Int32Array
      ? { kind: 'multiclass', classIndex: values }
      : { kind: 'multilabel', hot: values }
  return { rows, available, inputSize: splits[0].inputSize, targets, ...access(splits, starts, pick) }
}

function layOut(splits: readonly UnlabelledSplit[]): { starts: number[]; rows: number } {
  const starts: number[] = []
  let rows = 0
  for (const { name, rows: own, inputSize, embeddings } of splits) {
    if (inputSize !== splits[0].inputSize)
      throw refuse(`${splits[0].inputSize} values a row in ${splits[0].name} and ${inputSize} in ${name}`)
    if (embeddings.length !== own * inputSize)
      throw refuse(`${embeddings.length} values for ${own} rows of ${inputSize} in ${name}`)
    starts.push(rows)
    rows += own
  }
  if (rows === 0) throw refuse('no rows')
  return { starts, rows }
}

function access(
  splits: readonly UnlabelledSplit[],
  starts: readonly number[],
  pick: (index: number) => number,
): Pick<FeatureRows, 'row' | 'describe'> {
  return {
    row(index) {
      const at = pick(index)
      const s = splitOf(starts, at)
      const { embeddings, inputSize } = splits[s]
      return embeddings.subarray((at - starts[s]) * inputSize, (at - starts[s] + 1) * inputSize)
    },
    describe(index) {
      const s = splitOf(starts, pick(index))
      return `row ${pick(index) - starts[s]} of split ${splits[s].name}`
    },
  }
}

function splitOf(starts: readonly number[], row: number): number {
  let s = starts.length - 1
  while (starts[s] > row) s--
  return s
}

function refuse(found: string): HearError {
  return new HearError('probe/features', `Expected rows of embeddings of one size, found ${found}.`, {
    hint: 'Embed the task again with one model and one set of options.',
  })
}
