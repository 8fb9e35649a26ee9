import { formatDuration } from '../base/duration.js'
import { memoryText } from './check.js'
import { findingSentence } from './finding-sentence.js'
import type { Finding, Measured, ValidationReport } from './validation-report.js'

const MARKS = { passed: '✓', warned: '!', failed: '✗' } as const

/** A report for people: the verdict, every check, what was found and what to do, and what was measured. */
export function reportText(report: ValidationReport): string {
  const { model, checks, findings, measured } = report
  const blocks = [
    [`${model.name}: ${verdictText(report)}`, ...(model.description === null ? [] : [model.description])],
    [...checks.flatMap(checkLine), ...notRunLines(checks)],
    ...bySeverity(findings).map(findingLines),
    measuredLines(measured),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

type CheckResult = ValidationReport['checks'][number]

function checkLine({ status, title }: CheckResult): string[] {
  return status === 'not run' ? [] : [`  ${MARKS[status]} ${title}`]
}

/** Checks that were not run, in one line for each reason. */
function notRunLines(checks: readonly CheckResult[]): string[] {
  const idsOf = new Map<string, string[]>()
  for (const { id, reason } of checks)
    if (reason !== null) idsOf.set(reason, [...(idsOf.get(reason) ?? []), id])
  return [...idsOf].map(([reason, ids]) => `  – not run (${reason}): ${ids.join(', ')}`)
}

function verdictText({ verdict, extent, findings, originalVerdict }: ValidationReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const counts = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
  if (extent === 'original')
    return `hear-validator ${originalVerdict === 'pass' ? 'lets it pass' : 'refuses it'} (${counts} here)`
  const passes = extent === 'quick' ? 'passes the quick checks' : 'passes'
  const original = `hear-validator would let it ${originalVerdict === 'pass' ? 'pass' : 'fail'}`
  return `${verdict === 'pass' ? passes : 'fails'} (${counts}; ${original})`
}

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`

function bySeverity(findings: readonly Finding[]): Finding[] {
  return (['error', 'warning', 'info'] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  )
}

function findingLines(finding: Finding): string[] {
  return [
    `${finding.severity} ${finding.code} [${finding.check}]`,
    `  ${findingSentence(finding)}`,
    `  → ${finding.remedy}`,
  ]
}

function measuredLines(measured: Measured): string[] {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  const perSecond = (value: number) => `${value.toFixed(2)} ms per second of audio`
  const late = (value: number) => `${ms(Math.abs(value))} ${value < 0 ? 'early' : 'late'}`
  const lines: [string, number | null, (value: number) => string][] = [
    ['sample rate', measured.sampleRate, (hz) => `${hz} Hz`],
    ['scene embedding', measured.sceneEmbeddingSize, (size) => `${size} values`],
    ['timestamp embedding', measured.timestampEmbeddingSize, (size) => `${size} values`],
    ['hop', measured.hopMs, (hop) => `${Number(hop.toFixed(3))} ms`],
    ['first timestamp', measured.firstTimestampMs, ms],
    [
      'a click shows',
      measured.clickOffsetMs,
      (offset) => `${late(offset)}, over ±${measured.clickSpreadMs?.toFixed(0)} ms`,
    ],
    ['drift in 20 minutes', measured.driftMs, late],
    ['time to load', measured.loadSec, (sec) => formatDuration(sec * 1000)],
    [
      'time per second of audio',
      measured.timestampMsPerSec,
      (value) => `${value.toFixed(2)} ms (timestamps)`,
    ],
    ['time for scenes', measured.sceneMsPerSec, perSecond],
    ['peak memory', measured.peakMemoryBytes, memoryText],
    ['peak GPU memory', measured.peakGpuMemoryBytes, memoryText],
  ]
  const known = lines.flatMap(([name, value, text]) =>
    value === null ? [] : [`  ${name.padEnd(24)}  ${text(value)}`],
  )
  return known.length === 0 ? [] : ['Measured', ...known]
}
