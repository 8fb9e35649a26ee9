import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { validationReportSchema } from '../../src/validate/validation-report.js'
import { fixtureModels, realModels } from '../models.js'
import { hear } from './hear.js'

async function verdictOn(model: string, ...options: string[]) {
  const done = await hear(['validate', model, '--json', ...options])
  const report = validationReportSchema.parse(JSON.parse(done.stdout))
  expect(done.code).toBe(report.verdict === 'pass' ? 0 : 2)
  expect(done.stderr).not.toMatch(/\n +at /)
  return report
}

const errorsOf = ({ findings }: Awaited<ReturnType<typeof verdictOn>>) =>
  findings.filter(({ severity }) => severity === 'error')

test('there are good and bad models to judge', () => {
  expect(fixtureModels('good').length).toBeGreaterThanOrEqual(4)
  expect(fixtureModels('bad').length).toBeGreaterThanOrEqual(14)
})

test.each(fixtureModels('good').map((path) => [basename(path), path]))('%s passes', async (_, path) => {
  const report = await verdictOn(path, '--quick')
  expect(errorsOf(report)).toEqual([])
})

test.each(fixtureModels('bad').map((path) => [basename(path), path]))(
  '%s fails, and why is said',
  async (_, path) => {
    const report = await verdictOn(path, '--quick')
    expect(errorsOf(report)).not.toEqual([])
    for (const { expected, received, remedy } of report.findings)
      for (const text of [expected, received, remedy]) expect(text.trim()).not.toBe('')
  },
)

const real = realModels()
test.skipIf(real.length === 0).each(real.map((path) => [basename(path), path]))(
  'the real model %s passes (of HEAR_TEST_MODELS or HEAR_TEST_DATA)',
  async (_, path) => {
    const report = await verdictOn(path, '--quick')
    expect(errorsOf(report)).toEqual([])
  },
)

test('the naive baseline passes every check, 20 minutes included', async () => {
  const report = await verdictOn('naive')
  expect(report.findings).toEqual([])
  expect(report.checks.map(({ status }) => status)).not.toContain('not run')
  const { measured } = report
  expect(measured).toMatchObject({
    sampleRate: 44100,
    hopMs: 50,
    firstTimestampMs: 0,
    driftMs: expect.any(Number),
  })
  expect(Math.abs(measured.driftMs!)).toBeLessThan(1)
  expect(measured.peakMemoryBytes).toBeGreaterThan(0)
  expect(measured.timestampMsPerSec).toBeGreaterThan(0)
})

test('a name that is no model is one finding, with the nearest', async () => {
  const report = await verdictOn('niave', '--quick')
  expect(errorsOf(report)).toMatchObject([{ code: 'load/failed', remedy: 'Did you mean "naive"?' }])
})

test("--original runs hear-validator's checks only, and the report is for people", async () => {
  const [good] = fixtureModels('good').filter((path) => path.includes('logmel'))
  const done = await hear(['validate', good, '--original'])
  expect(done.code, done.stderr).toBe(0)
  const measured = done.stdout.indexOf('Measured')
  expect(done.stdout.slice(0, measured).replaceAll(good, 'MODEL')).toMatchInlineSnapshot(`
    "MODEL: hear-validator lets it pass (0 errors, 0 warnings here)
    good_logmel, ONNX at 16000 Hz, CC0-1.0 (MODEL)

      ✓ the model loads
      ✓ it says its sample rate and embedding sizes
      ✓ it has both functions that embed
      ✓ timestamp embeddings of 1.07, 1.98 and 4 s
      ✓ scene embeddings of four sounds of 2.74 s

    "
  `)
})

test.each([
  [['validate'], "missing required argument 'model'"],
  [['validate', 'naive', '--quick', '--original'], 'cannot be used with'],
  [['validate', 'naive', '--quik'], "unknown option '--quik'"],
  [['validate', 'naive', '--time-limit', '0'], 'whole number'],
])('hear %j is refused with exit 2', async (args, says) => {
  const done = await hear(args)
  expect(done.code).toBe(2)
  expect(done.stderr).toContain(says)
})

test('hear validate --help names every option, with examples', async () => {
  const { stdout, code } = await hear(['validate', '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: hear validate [options] <model>

    Check a model against the HEAR API, and for faults that spoil scores unseen.

    Arguments:
      model               the model, named as for hear run --model

    Options:
      --quick             leave out the 20 minutes of audio: seconds instead of
                          minutes (default: false)
      --original          only what hear-validator checks, and exit by its verdict
                          (default: false)
      --time-limit <sec>  time for one call, beside the length of its audio
                          (default: 120)
      --weights <path>    weights of the model; for naive a .npy of its projection,
                          or a folder; for a package or py:MODULE what its function
                          to load takes; an ONNX file brings its own
      --threads <n>       threads of an ONNX model (default: 1)
      --python <path>     the Python that runs py:MODULE; python3 unless given (env:
                          HEAR_PYTHON)
      --json              print one JSON document on stdout; everything else goes to
                          stderr (default: false)
      -h, --help          display help for command

    The model runs in a process of its own, which is stopped when it hangs or takes more than 16 GB. Exits with 0 if there
    are no errors (warnings are allowed), else with 2. docs/validator.md lists every finding by its code.

    Examples:
      hear validate naive
      hear validate ./model.onnx --quick
      hear validate ./model.onnx --json > verdict.json
    "
  `)
})
