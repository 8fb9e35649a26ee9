import { type FindingCode, findingKind, SEVERITIES, type Severity } from './finding-kinds.js'
import { audioSec, type Sounds } from './sounds.js'
import type { Failure, QuestionKind, Questions, Subject } from './subject.js'
import type { Extent, Finding, Measured } from './validation-report.js'

/** What earlier checks have established, on which later ones build, and what is said where it is lacking. */
export const FOUNDATIONS = {
  loaded: 'the model did not load',
  sampleRate: 'its sample rate is not known',
  timestampFunction: 'it has no function for timestamp embeddings',
  sceneFunction: 'it has no function for scene embeddings',
  timestampEmbeddings: 'its timestamp embeddings cannot be used',
  times: 'its timestamps cannot be used',
  sceneEmbeddings: 'its scene embeddings cannot be used',
  steadyTimestamps: 'its timestamp embeddings change from call to call',
  steadyScenes: 'its scene embeddings change from call to call',
} as const
export type Foundation = keyof typeof FOUNDATIONS

/** After so many crashes and the like a model is left alone: each may take minutes. */
const MAX_LOST_CALLS = 3

/** One check. It reports what it finds and never throws for what the model does. */
export interface Check {
  readonly id: string
  /** What is looked at, as a line of the report. */
  readonly title: string
  /** Part of what hear-validator 2021.0.6 checks. */
  readonly original?: true
  /** Takes minutes; left out of a quick run. */
  readonly long?: true
  /** What must be established, the most basic first. */
  readonly needs: readonly Foundation[]
  /** Seconds of audio that it embeds, for the estimate of the time left. */
  readonly audioSec: number
  run(context: CheckContext): Promise<void>
}

/** What is common to the checks of one model: the model, what is known of it so far, and what was found. */
export class CheckContext {
  readonly findings: Finding[] = []
  readonly established = new Set<Foundation>()
  /** The answer to `load`, from when it is established. */
  loaded: Questions['load']['answer'] | undefined
  private check: Check | undefined
  /** Calls that ended the process of the model. */
  private lostCalls = 0

  constructor(
    private readonly subject: Subject,
    readonly extent: Extent,
    readonly measured: Measured,
  ) {}

  /** Runs a check whose needs are met. */
  async run(check: Check): Promise<void> {
    this.check = check
    await check.run(this)
  }

  /** Whether the model is no longer asked anything. */
  get givenUp(): boolean {
    return this.lostCalls >= MAX_LOST_CALLS
  }

  /**
   * Notes something found. What was found before in the same check on another input is noted once, with both
   * inputs, and the first pair of expected and received.
   */
  report(
    code: FindingCode,
    found: {
      readonly expected: string
      readonly received: string
      readonly where?: string
      readonly severity?: Severity
      readonly remedy?: string
      /** Where the original does not come to look at this case of it. */
      readonly originalPasses?: boolean
      /** The check that is about this; what it has found is not said again by those that come after, unless it weighs more there. */
      readonly subjectOf?: string
    },
  ): void {
    const { subjectOf } = found
    const kind = findingKind(code)
    const severity = found.severity ?? kind.severity
    const saidBy = (one: Finding) =>
      one.code === code &&
      one.check === subjectOf &&
      SEVERITIES.indexOf(one.severity) <= SEVERITIES.indexOf(severity)
    if (subjectOf !== this.check?.id && this.findings.some(saidBy)) return
    const original = this.check?.original && !found.originalPasses ? (kind.original ?? null) : null
    const check = this.check?.id ?? ''
    const same = this.findings.find(
      (one) =>
        one.check === check && one.code === code && one.severity === severity && one.original === original,
    )
    if (same !== undefined) {
      if (found.where !== undefined && !same.where.includes(found.where)) same.where.push(found.where)
      return
    }
    this.findings.push({
      code,
      severity,
      check,
      where: found.where === undefined ? [] : [found.where],
      expected: found.expected,
      received: found.received,
      remedy: found.remedy ?? kind.remedy,
      original,
    })
  }

  /** Asks the model; a call that fails is a finding, and its answer undefined, as are all once it is given up. */
  async ask<Kind extends QuestionKind>(
    kind: Kind,
    question: Questions[Kind]['question'],
    where?: string,
  ): Promise<{ answer: Questions[Kind]['answer']; ms: number } | undefined> {
    if (this.givenUp) return undefined
    const outcome = await this.subject.ask(kind, question)
    if (!('failure' in outcome)) return outcome
    if (outcome.failure.kind !== 'threw') this.lostCalls++
    this.reportFailure(outcome.failure, kind, where)
    return undefined
  }

  /** Audio of the model's sample rate; only where `sampleRate` is established. */
  audio(durationSec: number, sounds: Sounds['sounds']): Sounds {
    const sampleRate = this.measured.sampleRate!
    return { sampleRate, nSamples: Math.floor(durationSec * sampleRate), sounds }
  }

  private reportFailure(failure: Failure, kind: QuestionKind, where: string | undefined): void {
    const expected = kind === 'load' ? 'a model that loads' : 'an answer'
    if (failure.kind === 'threw') {
      const { hint, message, code } = failure
      const text = message.replace(/[.\s]+$/, '')
      const received = `the error: ${text}${code === undefined ? '' : ` [${code}]`}`
      this.report(kind === 'load' ? 'load/failed' : 'call/failed', {
        expected,
        received,
        where,
        remedy: hint,
      })
      return
    }
    if (failure.kind === 'outgrew') {
      const { limitBytes, bytes, of } = failure
      const expectedMemory = `at most ${memoryText(limitBytes)}`
      this.report('memory/over-limit', {
        expected: expectedMemory,
        received: `${memoryText(bytes)} (${of})`,
        where,
      })
      return
    }
    if (failure.kind === 'hung') {
      this.report('call/hung', { expected, received: `none within ${failure.limitSec} s`, where })
      return
    }
    const lastWords = failure.lastWords === '' ? '' : `; its last words: ${failure.lastWords}`
    this.report('call/died', { expected, received: `${failure.how}${lastWords}`, where })
  }
}

/** Bytes as `310 MiB` or `5.9 GiB`. */
export function memoryText(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

/** Milliseconds per second of audio. */
export function msPerSec(ms: number, sounds: Sounds): number {
  return ms / audioSec(sounds)
}
