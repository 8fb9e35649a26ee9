import { Command, Option } from 'commander'
import type { OpenModelOptions } from '../../model/model-kind.js'
import { jsonOption, openingOptions, wholeNumber } from '../options.js'
import { runSession, type Session } from '../session.js'

/** Loading a large model from a slow disk takes a minute. */
const TIME_LIMIT_SEC = 120
/** The time limit above comes first; that of an adapter never. */
const ADAPTER_TIME_LIMIT_SEC = 24 * 3600
const EXIT_FAILS = 2

interface ValidateFlags extends OpenModelOptions {
  readonly quick: boolean
  readonly original: boolean
  readonly timeLimit: number
  readonly json: boolean
}

async function validate(session: Session, name: string, flags: ValidateFlags): Promise<void> {
  const [{ ModelProcess }, { validateModel }, { reportText }, { MEMORY_LIMIT_BYTES }] = await Promise.all([
    import('../validate/model-process.js'),
    import('../../validate/validate-model.js'),
    import('../../validate/report-text.js'),
    import('../../validate/checks/resources.js'),
  ])
  const { quick, original, timeLimit, json, ...options } = flags
  const model = new ModelProcess(new URL('../validate/model-process-entry.js', import.meta.url), {
    name,
    options: { ...options, timeLimitSec: ADAPTER_TIME_LIMIT_SEC },
    timeLimitSec: timeLimit,
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    signal: session.signal,
  })
  const stage = session.reporter.stage(`validating ${name}`)
  try {
    const report = await validateModel(model, {
      name,
      extent: original ? 'original' : quick ? 'quick' : 'full',
      signal: session.signal,
      now: session.now,
      onProgress: (fraction, doing) => stage.update(fraction, doing),
    })
    session.reporter.clear()
    session.print(json ? JSON.stringify(report, null, 2) : reportText(report))
    const verdict = original ? report.originalVerdict : report.verdict
    if (verdict === 'fail') process.exitCode = EXIT_FAILS
  } finally {
    model.kill()
  }
}

export function validateCommand(): Command {
  const command = new Command('validate')
    .description('Check a model against the HEAR API, and for faults that spoil scores unseen.')
    .argument('<model>', 'the model, named as for hear run --model')
    .addOption(
      new Option('--quick', 'leave out the 20 minutes of audio: seconds instead of minutes').default(false),
    )
    .addOption(
      new Option('--original', 'only what hear-validator checks, and exit by its verdict')
        .default(false)
        .conflicts('quick'),
    )
    .addOption(
      new Option('--time-limit <sec>', 'time for one call, beside the length of its audio')
        .argParser(wholeNumber(1))
        .default(TIME_LIMIT_SEC),
    )
    .addHelpText(
      'after',
      `
The model runs in a process of its own, which is stopped when it hangs or takes more than 16 GB. Exits with 0 if there
are no errors (warnings are allowed), else with 2. docs/validator.md lists every finding by its code.

Examples:
  hear validate naive
  hear validate ./model.onnx --quick
  hear validate ./model.onnx --json > verdict.json`,
    )
  for (const option of [...openingOptions(), jsonOption()]) command.addOption(option)
  return command.action((name: string, flags: ValidateFlags) =>
    runSession((session) => validate(session, name, flags)),
  )
}
