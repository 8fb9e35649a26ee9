import { HearError } from '../base/errors.js'
import type { OpenModel } from '../model/model-kind.js'
import { answerQuestion } from './answer-question.js'
import type { Failure, Outcome, QuestionKind, Questions } from './subject.js'

/** Opens a model at the first question and answers questions about it; whatever it throws becomes a failure. */
export class ModelHost {
  private opened: Promise<OpenModel> | undefined

  /** @param now a clock in milliseconds. */
  constructor(
    private readonly open: () => Promise<OpenModel>,
    private readonly now: () => number,
  ) {}

  async ask<Kind extends QuestionKind>(
    kind: Kind,
    question: Questions[Kind]['question'],
  ): Promise<Outcome<Kind>> {
    try {
      const started = this.now()
      this.opened ??= this.open()
      const opened = await this.opened
      const answer = await answerQuestion(opened, kind, question, this.now)
      return { answer, ms: this.now() - started }
    } catch (error) {
      return { failure: failureOf(error) }
    }
  }

  async close(): Promise<void> {
    await (await this.opened)?.close()
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof HearError) {
    const { message, code, hint } = error
    return { kind: 'threw', message, code, hint }
  }
  return {
    kind: 'threw',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }
}
