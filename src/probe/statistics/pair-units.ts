import { HearError } from '../../base/errors.js'
import { type FoldDraw, type ScoredRuns, unitsOfFolds } from './resample-runs.js'

/** One model's test predictions on a task. */
export interface ScoredModel {
  readonly runs: ScoredRuns
  /** [folds][units] names of the clips; may be left out where `runs` has them, as event metrics do. */
  readonly unitNames?: readonly (readonly string[])[]
}

/**
 * For each fold, where the clips of `a` are in `b`: [folds][units], so that both models may hold them in any order.
 *
 * Throws HearError `probe/unpaired` where the folds or their clips are not the same, naming the first clips that only one
 * of them has; for clips without names, or two of one name; and as unitsOfFolds does.
 */
export function pairUnits(a: ScoredModel, b: ScoredModel): Int32Array[] {
  const [unitsA, unitsB] = [unitsOfFolds(a.runs), unitsOfFolds(b.runs)]
  if (unitsA.length !== unitsB.length)
    throw unpaired(`found ${unitsA.length} folds for the first and ${unitsB.length} for the second`)
  return unitsA.map((units, fold) => {
    const where = unitsA.length === 1 ? '' : ` in fold ${fold + 1}`
    const namesA = namesOf(a, fold, units, `the first model${where}`)
    const indexB = indexNames(
      namesOf(b, fold, unitsB[fold], `the second model${where}`),
      `the second model${where}`,
    )
    const indexA = indexNames(namesA, `the first model${where}`)
    const onlyA = namesA.filter((name) => !indexB.has(name))
    const onlyB = [...indexB.keys()].filter((name) => !indexA.has(name))
    if (onlyA.length + onlyB.length > 0)
      throw unpaired(
        [
          ...(onlyA.length > 0 ? [`found ${few(onlyA)} only for the first${where}`] : []),
          ...(onlyB.length > 0 ? [`found ${few(onlyB)} only for the second${where}`] : []),
        ].join(' and '),
      )
    return Int32Array.from(namesA, (name) => indexB.get(name) as number)
  })
}

/** The same draw for the other model: its clips, in its order. */
export function translateDraw(draws: readonly FoldDraw[], order: readonly Int32Array[]): FoldDraw[] {
  return draws.map(({ fold, weights }) => {
    const translated = new Int32Array(weights.length)
    for (let unit = 0; unit < weights.length; unit++) translated[order[fold][unit]] = weights[unit]
    return { fold, weights: translated }
  })
}

function namesOf(
  { runs, unitNames }: ScoredModel,
  fold: number,
  units: number,
  whose: string,
): readonly string[] {
  const names = unitNames?.[fold] ?? runs[0][fold].unitNames
  if (names === undefined) throw unpaired(`found no clip names for ${whose}`)
  if (names.length !== units) throw unpaired(`found ${names.length} names for ${units} clips of ${whose}`)
  return names
}

function indexNames(names: readonly string[], whose: string): Map<string, number> {
  const index = new Map(names.map((name, unit) => [name, unit]))
  if (index.size === names.length) return index
  const twice = names.find((name, unit) => index.get(name) !== unit)
  throw unpaired(`found "${twice}" twice for ${whose}`)
}

const NAMED_AT_MOST = 3

function few(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_AT_MOST).map((name) => `"${name}"`)
  const more = names.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function unpaired(what: string): HearError {
  return new HearError(
    'probe/unpaired',
    `Expected test predictions of two models for the same clips, ${what}.`,
    { hint: 'Compare models that were evaluated on the same version of the task, with the same splits.' },
  )
}
