import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import { HearError } from '../../base/errors.js'
import { metricById } from '../../metrics/registry.js'
import { findResultBundles } from '../../store/find-result-bundles.js'
import { readResultBundle, readRunJson } from '../../store/result-bundle.js'
import { comparisonDocument, comparisonText } from '../comparison-table.js'
import { jsonOption, wholeNumber } from '../options.js'
import { runSession, type Session } from '../session.js'

/** Of the intervals; comparePaired's own. */
const LEVEL = 0.95

interface CompareFlags {
  readonly metric?: string
  readonly resamples: number
  readonly seed: number
  readonly json: boolean
}

async function compare(session: Session, dirA: string, dirB: string, flags: CompareFlags): Promise<void> {
  const [{ compareTask, judge, planComparisons }, { checkResampling }] = await Promise.all([
    import('../../probe/compare-results.js'),
    import('../../probe/statistics/recentred-interval.js'),
  ])
  checkResampling(flags.resamples, LEVEL)
  if (flags.metric !== undefined) metricById(flags.metric)
  const [a, b] = [await readSide(dirA), await readSide(dirB)]
  const { planned, notCompared } = planComparisons(a.results, b.results, flags.metric)
  const compared = []
  for (const [i, one] of planned.entries()) {
    const stage = session.reporter.stage(`comparing ${one.task}`)
    stage.update(i / planned.length, `${one.metric}, ${i + 1}/${planned.length} tasks`)
    const inA = await readResultBundle(one.a.dir)
    const inB = await readResultBundle(one.b.dir)
    session.signal.throwIfAborted()
    const outcome = compareTask(one, inA.predictions, inB.predictions, flags)
    if (outcome.kind === 'compared') {
      compared.push(outcome)
      stage.done(`${outcome.metric}, ${outcome.clips} clips`)
    } else {
      notCompared.push({ task: outcome.task, reason: outcome.reason })
      stage.done('not compared')
    }
    // Resampling holds the thread: only between tasks is a Ctrl-C heard.
    await new Promise((resolve) => setImmediate(resolve))
    session.signal.throwIfAborted()
  }
  if (compared.length === 0)
    throw new HearError(
      'compare/nothing-in-common',
      `"${dirA}" and "${dirB}" have no result that can be compared: ${notCompared.map(({ task, reason }) => `${task}, ${reason}`).join('; ')}.`,
      { hint: 'Evaluate both models on the same tasks, with the same protocol.' },
    )
  const report = { a: a.side, b: b.side, ...flags, compared: judge(compared), notCompared }
  session.print(flags.json ? JSON.stringify(comparisonDocument(report), null, 2) : comparisonText(report))
}

/** The results of one side, by run.json alone: predictions are read when their turn comes. */
async function readSide(dir: string) {
  const found = await findResultBundles(dir)
  const results = []
  for (const bundle of found) results.push({ dir: bundle, run: await readRunJson(bundle) })
  const models = [...new Set(results.map(({ run }) => run.model.name))]
  if (models.length > 1)
    throw new HearError(
      'compare/several-models',
      `Expected the results of one model in "${dir}", found those of ${models.join(', ')}.`,
      { hint: `Name the folder of one model, such as "${dirname(found[0])}".` },
    )
  return { results, side: { dir, model: models[0] } }
}

export function compareCommand(): Command {
  return new Command('compare')
    .description('Tell whether two models really differ, task by task, on the same test clips.')
    .argument('<a>', "a model's results: the folder of one task, or of many")
    .argument('<b>', 'those of the other model')
    .addOption(new Option('--metric <id>', "compare by this metric instead of each task's first"))
    .addOption(
      new Option('--resamples <n>', 'bootstrap resamples of each task')
        .argParser(wholeNumber(1))
        .default(1000),
    )
    .addOption(
      new Option('--seed <n>', 'decides the resamples; the same seed gives the same intervals')
        .argParser(wholeNumber(0))
        .default(1),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Compares the tasks that both folders hold, of one protocol. Each row has the effect (how much better A is), its 95 %
interval by paired bootstrap over clips, folds and probe seeds, and the p-value of no difference: by flipping signs clip
by clip for accuracies, by the shifted bootstrap for other metrics. P-values are corrected over the tasks by Holm's
method; a model is called better where the corrected value is at most 0.05 and the interval leaves 0 out.

Example:
  hear compare results/naive results/my-model`,
    )
    .action((dirA: string, dirB: string, flags: CompareFlags) =>
      runSession((session) => compare(session, dirA, dirB, flags)),
    )
}
