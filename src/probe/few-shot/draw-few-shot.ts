import { HearError } from '../../base/errors.js'
import type { ClipTargets } from '../../metrics/metric.js'
import { Random } from '../../num/random.js'

/** The rows that have each label, [labels], each list ascending. */
export function rowsByLabel(targets: ClipTargets, rows: number, labels: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: labels }, () => [])
  if (targets.kind === 'multiclass')
    for (let row = 0; row < rows; row++) lists[targets.classIndex[row]].push(row)
  else
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < labels; c++) if (targets.hot[row * labels + c] === 1) lists[c].push(row)
  return lists.map((list) => Int32Array.from(list))
}

export interface FewShotDrawOptions {
  /** As rowsByLabel gives them. */
  readonly rowsOfLabel: readonly Int32Array[]
  /** The label vocabulary by index. */
  readonly labels: readonly string[]
  /** Clips a label. */
  readonly shots: number
  readonly seed: number | string
}

/** The chosen rows, ascending, each once; or why there are none. */
export type FewShotDraw =
  | { readonly kind: 'rows'; readonly rows: Int32Array }
  | { readonly kind: 'undefined'; readonly reason: string }

/**
 * Draws `shots` clips of every label without replacement, every choice equally likely. In a multilabel task a clip that is
 * drawn for one label may have others too, so a label can end up with more clips than asked, never with fewer.
 *
 * Undefined where a label has fewer clips than asked, naming the first of them. The same seed draws the same rows.
 * Throws HearError `probe/few-shot` unless shots is a whole number of 1 or more.
 */
export function drawFewShot({ rowsOfLabel, labels, shots, seed }: FewShotDrawOptions): FewShotDraw {
  if (!Number.isInteger(shots) || shots < 1)
    throw new HearError('probe/few-shot', `Expected 1 or more clips a class, found ${shots}.`, {
      hint: 'Usual are 1, 5, 10 and 50.',
    })
  const short = rowsOfLabel.findIndex((rows) => rows.length < shots)
  if (short >= 0) {
    const others = rowsOfLabel.filter((rows) => rows.length < shots).length - 1
    const more =
      others > 0 ? ` (and ${others} more ${others > 1 ? 'classes' : 'class'} fewer than ${shots})` : ''
    const count = rowsOfLabel[short].length
    return {
      kind: 'undefined',
      reason: `class ${labels[short]} has ${count} training ${count === 1 ? 'clip' : 'clips'}, fewer than ${shots}${more}`,
    }
  }
  const random = new Random(seed)
  const drawn = new Set<number>()
  for (const rows of rowsOfLabel) {
    const rest = rows.slice()
    for (let i = 0; i < shots; i++) {
      const j = i + random.int(rest.length - i)
      drawn.add(rest[j])
      rest[j] = rest[i]
    }
  }
  return { kind: 'rows', rows: Int32Array.from(drawn).sort() }
}
