import { type Check, CheckContext, FOUNDATIONS } from './check.js'
import { batchCheck, inputCheck, OUTPUTS, repeatCheck } from './checks/answers.js'
import { clicksCheck, longScenesCheck, longTimestampsCheck } from './checks/clicks.js'
import { edgesCheck } from './checks/edges.js'
import { scenesCheck, timestampsCheck } from './checks/embeddings.js'
import { attributesCheck, functionsCheck, loadCheck } from './checks/loading.js'
import { piecesCheck } from './checks/pieces.js'
import { licencesCheck, memoryCheck } from './checks/resources.js'
import type { Subject } from './subject.js'
import type { Extent, Finding, Measured, ValidationReport } from './validation-report.js'

export interface ValidateOptions {
  readonly name: string
  readonly extent: Extent
  readonly signal: AbortSignal
  /** A clock in milliseconds. */
  readonly now: () => number
  /** @param fraction done, by seconds of audio. */
  readonly onProgress: (fraction: number, doing: string) => void
}

/** Every check in its order. */
function allChecks(subject: Subject): Check[] {
  return [
    loadCheck,
    attributesCheck,
    functionsCheck,
    licencesCheck,
    timestampsCheck,
    scenesCheck,
    ...OUTPUTS.flatMap((output) => [
      repeatCheck(output),
      batchCheck(output),
      inputCheck(output),
      edgesCheck(output),
    ]),
    clicksCheck,
    piecesCheck,
    longTimestampsCheck,
    longScenesCheck,
    memoryCheck(() => subject.peakMemory()),
  ]
}

/**
 * Puts a model to every check of the extent, and says what was found. It never stops at the first finding: a check is
 * left out only where what it builds on is missing, and the report says so.
 *
 * @throws the reason of the signal when the user stops it.
 */
export async function validateModel(subject: Subject, options: ValidateOptions): Promise<ValidationReport> {
  const { extent, signal, now } = options
  const context = new CheckContext(subject, extent, nothingMeasured())
  const checks = allChecks(subject).filter(({ original }) => extent !== 'original' || original)
  const totalSec = checks
    .filter((check) => !isSkipped(check, extent))
    .reduce((sum, one) => sum + one.audioSec, 0)
  const results: ValidationReport['checks'] = []
  let doneSec = 0
  for (const check of checks) {
    signal.throwIfAborted()
    options.onProgress(doneSec / totalSec, check.title)
    const reason = whyNot(check, context)
    const started = now()
    if (reason === undefined) await context.run(check)
    const found = context.findings.filter((finding) => finding.check === check.id)
    results.push({
      id: check.id,
      title: check.title,
      status: reason === undefined ? statusOf(found) : 'not run',
      reason: reason ?? null,
      seconds: reason === undefined ? (now() - started) / 1000 : null,
    })
    if (!isSkipped(check, extent)) doneSec += check.audioSec
  }
  const { findings, measured, loaded } = context
  return {
    format: 'hearkit-validation/1',
    model: { name: options.name, description: loaded?.description ?? null },
    extent,
    verdict: findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass',
    originalVerdict: findings.some(({ original }) => original === 'error') ? 'fail' : 'pass',
    findings,
    checks: results,
    measured,
  }
}

function isSkipped(check: Check, extent: Extent): boolean {
  return extent === 'quick' && check.long === true
}

function whyNot(check: Check, context: CheckContext): string | undefined {
  if (isSkipped(check, context.extent)) return 'left out of a quick run'
  if (context.givenUp && check.audioSec > 0) return 'the model crashed or hung too often'
  const missing = check.needs.find((need) => !context.established.has(need))
  return missing === undefined ? undefined : FOUNDATIONS[missing]
}

function statusOf(found: readonly Finding[]): ValidationReport['checks'][number]['status'] {
  if (found.some(({ severity }) => severity === 'error')) return 'failed'
  return found.some(({ severity }) => severity === 'warning') ? 'warned' : 'passed'
}

function nothingMeasured(): Measured {
  return {
    sampleRate: null,
    sceneEmbeddingSize: null,
    timestampEmbeddingSize: null,
    hopMs: null,
    firstTimestampMs: null,
    clickOffsetMs: null,
    clickSpreadMs: null,
    driftMs: null,
    loadSec: null,
    timestampMsPerSec: null,
    sceneMsPerSec: null,
    peakMemoryBytes: null,
    peakGpuMemoryBytes: null,
  }
}
